/** The desk's look: dense, calm, one accent. Sizes follow DESIGN 6 (28-36 px rows); colours pass WCAG AA on both schemes. */
import {
  ActionIcon,
  Autocomplete,
  Button,
  Checkbox,
  Input,
  InputWrapper,
  Menu,
  type MantineColorsTuple,
  MultiSelect,
  Notification,
  PasswordInput,
  Portal,
  Select,
  Tabs,
  TagsInput,
  TextInput,
  Textarea,
  Tooltip,
  createTheme,
} from '@mantine/core';

const ink: MantineColorsTuple = ['#eaf4f8', '#d7e7ee', '#adcedc', '#80b4ca', '#5c9eba', '#4691b1', '#3788aa', '#1f6685', '#1a5870', '#12485e'];

/** Greys with the hue of the accent, so that inputs and panels of the dark scheme belong together. */
const dark: MantineColorsTuple = ['#e3eaed', '#c5d0d5', '#a3b2b9', '#8a999f', '#4c5a61', '#364147', '#242d32', '#1b2226', '#161c1f', '#101518'];

export const theme = createTheme({
  primaryColor: 'ink',
  primaryShade: { light: 7, dark: 7 },
  colors: { ink, dark },
  fontFamily: '"Segoe UI Variable Text", "Segoe UI", -apple-system, "Helvetica Neue", "Liberation Sans", Arial, system-ui, sans-serif',
  fontFamilyMonospace: '"Cascadia Mono", Consolas, ui-monospace, "Liberation Mono", monospace',
  fontSizes: { xs: '13px', sm: '13px', md: '14px', lg: '16px', xl: '19px' },
  lineHeights: { xs: '1.35', sm: '1.4', md: '1.45', lg: '1.45', xl: '1.3' },
  spacing: { xs: '6px', sm: '10px', md: '14px', lg: '20px', xl: '28px' },
  defaultRadius: 4,
  cursorType: 'pointer',
  respectReducedMotion: true,
  headings: { fontWeight: '600', sizes: { h1: { fontSize: '19px', lineHeight: '1.3' }, h2: { fontSize: '15px', lineHeight: '1.3' }, h3: { fontSize: '13px', lineHeight: '1.3' } } },
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', size: 28 } }),
    Autocomplete: Autocomplete.extend({ defaultProps: { size: 'xs' } }),
    Button: Button.extend({ defaultProps: { size: 'xs' } }),
    Checkbox: Checkbox.extend({ defaultProps: { size: 'xs' } }),
    Input: Input.extend({ defaultProps: { size: 'xs' } }),
    InputWrapper: InputWrapper.extend({ defaultProps: { size: 'xs' } }),
    Menu: Menu.extend({ defaultProps: { shadow: 'md', transitionProps: { duration: 60 } } }),
    MultiSelect: MultiSelect.extend({ defaultProps: { size: 'xs' } }),
    // What opens over the page stands in a landmark of its own (index.html), so that no content is outside of one.
    Portal: Portal.extend({ defaultProps: { target: '#overlays' } }),
    Notification: Notification.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Dismiss' } } }),
    PasswordInput: PasswordInput.extend({ defaultProps: { size: 'xs' } }),
    Select: Select.extend({ defaultProps: { size: 'xs' } }),
    Tabs: Tabs.extend({ defaultProps: { keepMounted: false } }),
    TagsInput: TagsInput.extend({ defaultProps: { size: 'xs' } }),
    TextInput: TextInput.extend({ defaultProps: { size: 'xs' } }),
    Textarea: Textarea.extend({ defaultProps: { size: 'xs' } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400, transitionProps: { duration: 60 } } }),
  },
});
