/** Controls for text, long text, choice, set and flag. */
import { Checkbox, MultiSelect, Select, TagsInput, TextInput, Textarea } from '@mantine/core';
import { type Option, optionsOf } from '../../domain/access/option-lists.ts';
import type { Field } from '../../domain/entity/field.ts';
import { useCompany } from '../data/live.ts';
import { type ControlProps, labelProps } from './control.ts';
import { useFormFacts, useProblemAt } from './form-facts.ts';

/** Closed lists are not in the page: hundreds of hidden options would slow a form, and each would carry the field's name. */
const LIST = { keepMounted: false } as const;
const DROPDOWN = { ...LIST, width: 'max-content', position: 'bottom-start' } as const;

const asText = (value: unknown): string => (typeof value === 'string' ? value : '');
const asTexts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

/** A soft problem warns under the field; it is no error, so the field is not marked invalid. */
const WARNING = { className: 'field-warning' };
const UNDER: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error'];

/** Error and hint of a control, and the blur that lets problems show. */
export function useControl({ field, path, bare }: ControlProps) {
  const facts = useFormFacts();
  const problem = useProblemAt(path);
  return {
    ...labelProps(field, bare),
    ...(bare || field.hint === undefined ? {} : { title: field.hint }),
    'data-path': path,
    ...(problem?.severity === 'soft' && !bare ? { description: problem.message, descriptionProps: WARNING, inputWrapperOrder: UNDER } : {}),
    error: problem?.severity !== 'hard' ? undefined : bare ? true : problem.message,
    ...(bare && problem ? { title: problem.message } : {}),
    onBlur: () => facts.touch(path),
  };
}

const inputTypes: Partial<Record<string, { readonly type: string; readonly inputMode: 'email' | 'tel' | 'url' }>> = {
  email: { type: 'text', inputMode: 'email' },
  phone: { type: 'tel', inputMode: 'tel' },
  url: { type: 'text', inputMode: 'url' },
};

export function TextControl(props: ControlProps) {
  const { field, value, onChange, readOnly, bare } = props;
  const control = useControl(props);
  if (field.long === true && !bare) {
    return (
      <Textarea
        {...control}
        autosize
        minRows={2}
        maxRows={10}
        value={asText(value)}
        readOnly={readOnly}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  return (
    <TextInput
      {...control}
      {...inputTypes[field.format ?? '']}
      value={asText(value)}
      placeholder={field.numbered ? 'Follows by itself' : ''}
      readOnly={readOnly}
      autoComplete="off"
      spellCheck={field.long === true}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** What can be chosen, and what the field holds although nobody chooses it anew. */
function useChoices(field: Field, held: readonly string[]): { value: string; label: string }[] {
  const { options: changed } = useCompany();
  const options: readonly Option[] = field.list
    ? optionsOf(field.list, changed)
    : Object.entries(field.options ?? {}).map(([key, label]) => ({ key, label }));
  const known = new Set(options.map(({ key }) => key));
  const offered = options.flatMap(({ key, label, retired }) => {
    if (!retired) return [{ value: key, label }];
    return held.includes(key) ? [{ value: key, label: `${label} (retired)` }] : [];
  });
  // Of a list that is newer than the one this device was told last.
  return [...offered, ...held.filter((key) => key !== '' && !known.has(key)).map((key) => ({ value: key, label: key }))];
}

export function ChoiceControl(props: ControlProps) {
  const { field, value, onChange, readOnly } = props;
  const options = useChoices(field, [asText(value)]);
  const optional = !field.required && field.fallback === undefined;
  return (
    <Select
      {...useControl(props)}
      data={options}
      value={asText(value) === '' ? null : asText(value)}
      onChange={(next) => onChange(next ?? '')}
      readOnly={readOnly}
      searchable={options.length > 7}
      clearable={optional && !props.bare}
      clearButtonProps={{ 'aria-label': `Clear ${field.label}` }}
      selectFirstOptionOnChange
      // Choosing what is chosen already must not empty it; a cell has no room for a clear button, so Delete empties there.
      allowDeselect={false}
      onKeyDown={(event) => {
        if (props.bare && optional && !readOnly && event.key === 'Delete') onChange('');
      }}
      comboboxProps={DROPDOWN}
      nothingFoundMessage="No such choice"
    />
  );
}

export function SetControl(props: ControlProps) {
  const { field, value, onChange, readOnly } = props;
  const control = useControl(props);
  const options = useChoices(field, asTexts(value));
  if (field.options) {
    return (
      <MultiSelect
        {...control}
        data={options}
        value={asTexts(value)}
        onChange={onChange}
        readOnly={readOnly}
        searchable
        hidePickedOptions={false}
        clearButtonProps={{ 'aria-label': `Clear ${field.label}` }}
        comboboxProps={LIST}
      />
    );
  }
  return (
    <TagsInput
      {...control}
      data={[]}
      value={asTexts(value)}
      onChange={onChange}
      readOnly={readOnly}
      acceptValueOnBlur
      splitChars={[',', ';', '\n']}
      placeholder={asTexts(value).length === 0 && !readOnly ? 'Type, then Enter' : ''}
    />
  );
}

export function FlagControl(props: ControlProps) {
  const { field, value, onChange, readOnly, bare } = props;
  const { error, onBlur, ...rest } = useControl(props);
  return (
    <div className={bare ? 'flag-cell' : 'flag-field'}>
      <Checkbox
        data-path={rest['data-path']}
        {...(bare ? { 'aria-label': field.label } : { label: field.label })}
        {...(field.hint === undefined || bare ? {} : { title: field.hint })}
        checked={value === true}
        disabled={readOnly}
        error={error}
        onBlur={onBlur}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </div>
  );
}
