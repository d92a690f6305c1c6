/** Dates are typed (t, +7, fri, 9/4) or picked from a small calendar; instants are shown in the zone of this device. */
import { ActionIcon, Popover, TextInput } from '@mantine/core';
import { DatePicker } from '@mantine/dates';
import { IconCalendar } from '@tabler/icons-react';
import { useState } from 'react';
import { addDays, formatDate, parseDate } from '../../domain/units/calendar.ts';
import type { ControlProps } from './control.ts';
import { today } from './today.ts';
import { useControl } from './text-controls.tsx';

const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/u;

export function DateControl(props: ControlProps) {
  const { field, value, onChange, readOnly, bare } = props;
  const [typed, setTyped] = useState<string>();
  const [bad, setBad] = useState('');
  const [open, setOpen] = useState(false);
  const { error, onBlur, title, ...control } = useControl(props);
  const stored = typeof value === 'string' ? value : '';
  const isDate = ISO_DATE.test(stored);
  const take = (text: string): void => {
    const result = text.trim() === '' ? ({ ok: true, value: '' } as const) : parseDate(text, today());
    setBad(result.ok ? '' : result.message);
    onChange(result.ok ? result.value : text);
  };
  const step = (days: number): void => {
    setTyped(undefined);
    onChange(addDays(isDate ? stored : today(), isDate ? days : 0));
  };
  return (
    <>
      <TextInput
        {...control}
        {...(bad !== '' || title ? { title: bad === '' ? title : bad } : {})}
        autoComplete="off"
        value={typed ?? formatDate(stored)}
        readOnly={readOnly}
        error={bad === '' ? error : bare ? true : bad}
        placeholder={readOnly ? '' : 'mm/dd/yyyy'}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (readOnly) return;
          if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
            event.preventDefault();
            step(event.key === 'ArrowUp' ? 1 : -1);
          } else if (event.key === ';' && event.ctrlKey) {
            event.preventDefault();
            setTyped(undefined);
            onChange(today());
          } else if (event.key === 'Enter' && typed !== undefined) {
            take(typed);
            setTyped(undefined);
          }
        }}
        onBlur={() => {
          if (typed !== undefined) take(typed);
          setTyped(undefined);
          onBlur();
        }}
        rightSectionPointerEvents="all"
        rightSection={
          readOnly ? null : (
            <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus returnFocus withinPortal>
              <Popover.Target>
                <ActionIcon size={22} tabIndex={-1} aria-label={`Calendar for ${field.label}`} onClick={() => setOpen(!open)}>
                  <IconCalendar size={15} aria-hidden="true" />
                </ActionIcon>
              </Popover.Target>
              <Popover.Dropdown>
                <DatePicker
                  size="xs"
                  value={isDate ? stored : null}
                  {...(isDate ? { defaultDate: stored } : {})}
                  onChange={(next) => {
                    setBad('');
                    setTyped(undefined);
                    onChange(next ?? '');
                    setOpen(false);
                  }}
                />
              </Popover.Dropdown>
            </Popover>
          )
        }
      />
      {bad !== '' && bare ? (
        <div className="field-error" role="alert">
          {bad}
        </div>
      ) : null}
    </>
  );
}

/** UTC instant -> value of a datetime-local input in this device's zone, minutes precise. */
function toLocal(iso: string): string {
  const at = new Date(iso);
  if (iso === '' || Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function InstantControl(props: ControlProps) {
  const { value, onChange, readOnly } = props;
  return (
    <TextInput
      {...useControl(props)}
      type="datetime-local"
      value={toLocal(typeof value === 'string' ? value : '')}
      readOnly={readOnly}
      onChange={(event) => {
        const at = new Date(event.currentTarget.value);
        onChange(Number.isNaN(at.getTime()) ? '' : at.toISOString());
      }}
    />
  );
}
