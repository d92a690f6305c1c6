/** The options of one list, changed in place: by mouse, and by Alt with the arrow keys. */
import { Checkbox, Group, TextInput } from '@mantine/core';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { OptionListLine } from '../../domain/protocol/admin.ts';
import { ACTIONS, PlainTable } from '../ui/plain-table.tsx';
import { RowButton } from '../ui/row-button.tsx';

type Options = OptionListLine['options'];
interface OptionRowsProps {
  readonly options: Options;
  /** Whether they have days. */
  readonly dated: boolean;
  readonly mayChange: boolean;
  readonly onChange: (options: Options) => void;
}

/** The option `at` moved by `by` places, as far as the list goes. */
export function moved(options: Options, at: number, by: number): Options {
  const option = options[at];
  const to = at + by;
  return option === undefined || to < 0 || to >= options.length ? options : options.toSpliced(at, 1).toSpliced(to, 0, option);
}

export function OptionRows({ options, dated, mayChange, onChange }: OptionRowsProps) {
  const table = useRef<HTMLDivElement>(null);
  const following = useRef<string>(undefined);
  // The field that was moved by key keeps the focus, which React gives up when it moves the row.
  useEffect(() => {
    if (following.current === undefined) return;
    table.current?.querySelector<HTMLInputElement>(`[data-option="${following.current}"]`)?.focus();
    following.current = undefined;
  }, [options]);
  const change = (at: number, to: Partial<Options[number]>): void =>
    onChange(options.map((option, i) => (i === at ? { ...option, ...to } : option)));
  const onKeyDown = (event: KeyboardEvent, at: number): void => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    following.current = options[at]?.key;
    onChange(moved(options, at, event.key === 'ArrowUp' ? -1 : 1));
  };
  return (
    <div ref={table} className="option-rows">
      <PlainTable columns={['Label', 'Stored as', ...(dated ? ['Due after, in days'] : []), 'State', ACTIONS]}>
        {options.map(({ key, label, retired, due }, at) => (
          <tr key={key}>
            <td className={retired ? 'quiet' : 'strong'}>
              {mayChange ? (
                <TextInput
                  size="xs"
                  aria-label={`Label of ${key}`}
                  aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
                  data-option={key}
                  maxLength={60}
                  value={label}
                  onChange={(event) => change(at, { label: event.currentTarget.value })}
                  onKeyDown={(event) => onKeyDown(event, at)}
                />
              ) : (
                label
              )}
            </td>
            <td className="nowrap">{key}</td>
            {dated ? (
              <td className="nowrap">
                <DueCell label={label} due={due} mayChange={mayChange} onChange={(next) => change(at, { due: next })} />
              </td>
            ) : null}
            <td>{retired ? 'Retired' : 'Offered'}</td>
            <td className="end nowrap">
              {mayChange ? (
                <>
                  <RowButton name={`Move ${label} up`} disabled={at === 0} onClick={() => onChange(moved(options, at, -1))}>
                    Up
                  </RowButton>
                  <RowButton
                    name={`Move ${label} down`}
                    disabled={at === options.length - 1}
                    onClick={() => onChange(moved(options, at, 1))}
                  >
                    Down
                  </RowButton>
                  <RowButton name={`${retired ? 'Bring back' : 'Retire'} ${label}`} onClick={() => change(at, { retired: !retired })}>
                    {retired ? 'Bring back' : 'Retire'}
                  </RowButton>
                </>
              ) : null}
            </td>
          </tr>
        ))}
      </PlainTable>
    </div>
  );
}

type Due = Options[number]['due'];
interface DueCellProps {
  readonly label: string;
  readonly due: Due;
  readonly mayChange: boolean;
  readonly onChange: (due: Due) => void;
}
const daysText = (due: Due): string => (due === null ? '' : String(due.days));
/** Days after the date that the terms run from, before it when negative; empty where nothing can be reckoned. */
function DueCell({ label, due, mayChange, onChange }: DueCellProps) {
  // A minus alone is no number yet.
  const [isMinus, setMinus] = useState(false);
  if (!mayChange) return due === null ? '' : `${due.days} days${due.businessDay === true ? ', business day' : ''}`;
  const type = (text: string): void => {
    if (!/^-?\d{0,3}$/u.test(text)) return;
    setMinus(text === '-');
    if (text === '') onChange(null);
    else if (text !== '-') onChange({ ...due, days: Number(text) });
  };
  return (
    <Group gap="xs" wrap="nowrap">
      <TextInput
        size="xs"
        w={64}
        aria-label={`Days of ${label}`}
        inputMode="numeric"
        value={isMinus ? '-' : daysText(due)}
        onBlur={() => setMinus(false)}
        onChange={(event) => type(event.currentTarget.value)}
      />
      <Checkbox
        size="xs"
        label="Business day"
        aria-label={`${label} is due on a business day`}
        disabled={due === null}
        checked={due?.businessDay === true}
        onChange={(event) => {
          if (due !== null) onChange(event.currentTarget.checked ? { days: due.days, businessDay: true } : { days: due.days });
        }}
      />
    </Group>
  );
}
