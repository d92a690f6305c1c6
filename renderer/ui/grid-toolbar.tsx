/** Above a grid: text filter, status filter, column choice, and the list's own actions. */
import { ActionIcon, CloseButton, Menu, SegmentedControl, TextInput } from '@mantine/core';
import { IconColumns3, IconFilter } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { GridColumn } from './grid-columns.ts';

export type StatusFilter = 'active' | 'inactive' | 'all';
const statuses: readonly { readonly value: StatusFilter; readonly label: string }[] = [
  { value: 'active', label: 'Active' },
  { value: 'inactive', label: 'Inactive' },
  { value: 'all', label: 'All' },
];
const isStatus = (value: string): value is StatusFilter => statuses.some((status) => status.value === value);

export interface GridToolbarProps {
  readonly labels: string;
  readonly typed: string;
  readonly onTyped: (typed: string) => void;
  readonly status: StatusFilter;
  readonly onStatus: (status: StatusFilter) => void;
  readonly columns: readonly GridColumn[];
  readonly hidden: readonly string[];
  readonly onHidden: (hidden: readonly string[]) => void;
  readonly actions: ReactNode;
}

export function GridToolbar({ labels, typed, onTyped, status, onStatus, columns, hidden, onHidden, actions }: GridToolbarProps) {
  return (
    <div className="grid-toolbar">
      <TextInput
        aria-label={`Filter ${labels.toLowerCase()}`}
        placeholder={`Filter ${labels.toLowerCase()}`}
        data-list-filter
        w={260}
        leftSection={<IconFilter size={15} aria-hidden="true" />}
        rightSection={typed === '' ? null : <CloseButton size="xs" aria-label="Clear filter" onClick={() => onTyped('')} />}
        value={typed}
        onChange={(event) => onTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && typed !== '') {
            event.stopPropagation();
            onTyped('');
          }
        }}
      />
      <SegmentedControl
        size="xs"
        aria-label="Status"
        data={statuses.map((one) => ({ ...one }))}
        value={status}
        onChange={(value) => isStatus(value) && onStatus(value)}
      />
      <Menu closeOnItemClick={false} position="bottom-start" withinPortal>
        <Menu.Target>
          <ActionIcon variant="default" aria-label="Columns" title="Columns">
            <IconColumns3 size={16} aria-hidden="true" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {columns.map(({ key, header }, i) => {
            const on = !hidden.includes(key);
            return (
              <Menu.Item
                key={key}
                role="menuitemcheckbox"
                aria-checked={on}
                disabled={i === 0}
                leftSection={
                  <span aria-hidden="true" className="tick">
                    {on ? '✓' : ''}
                  </span>
                }
                onClick={() => onHidden(on ? [...hidden, key] : hidden.filter((one) => one !== key))}
              >
                {header}
              </Menu.Item>
            );
          })}
        </Menu.Dropdown>
      </Menu>
      <div className="grid-actions">{actions}</div>
    </div>
  );
}
