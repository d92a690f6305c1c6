/** One control for whole numbers, money, prices, weights and percentages; what differs is the table in number-entry.ts. */
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ControlProps } from './control.ts';
import { type EntryContext, type NumberKind, numberEntries } from './number-entry.ts';
import { useControl } from './text-controls.tsx';

const isNumberField = (kind: string): kind is NumberKind => Object.hasOwn(numberEntries, kind);
const NO_SIBLINGS = {};

export function NumberControl(props: ControlProps) {
  const { field, path, value, onChange, onPatch, around, readOnly, bare } = props;
  if (!isNumberField(field.kind)) throw new Error(`${field.kind} is no number`);
  const entry = numberEntries[field.kind];
  const context: EntryContext = {
    key: path.split('.').at(-1) ?? path,
    around,
    siblings: props.siblings ?? NO_SIBLINGS,
    scale: props.scale ?? 0,
  };
  const [typed, setTyped] = useState<string>();
  const [bad, setBad] = useState('');
  const { error, onBlur, title, ...control } = useControl(props);
  const known = typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
  const shown = typed ?? (known === undefined ? (typeof value === 'string' ? value : '') : entry.rest(known, context));
  const unit = props.unit ?? entry.unit(context);

  const take = (text: string, final: boolean): void => {
    if (text.trim() === '') {
      setBad('');
      onChange(undefined);
      return;
    }
    const result = entry.parse(text, context);
    if (result.ok) {
      setBad('');
      if (Object.keys(result.value.also).length > 0) onPatch({ [context.key]: result.value.value, ...result.value.also });
      else onChange(result.value.value);
    } else if (final) {
      setBad(result.message);
      // The unread text stays the value, so that it is neither lost nor saved.
      onChange(text);
    }
  };
  const problem = bad === '' ? error : bare ? true : bad;
  const second = known !== undefined && entry.second ? entry.second(known, context) : '';
  return (
    <>
      <TextInput
        {...control}
        {...(bad !== '' || title ? { title: bad === '' ? title : bad } : {})}
        className="number-input"
        inputMode="decimal"
        autoComplete="off"
        value={shown}
        readOnly={readOnly}
        error={problem}
        {...(unit === '$'
          ? { leftSection: <span className="input-unit">$</span>, leftSectionWidth: 20 }
          : unit === ''
            ? {}
            : { rightSection: <span className="input-unit">{unit}</span>, rightSectionWidth: unit.length > 2 ? 40 : 26 })}
        onFocus={(event) => {
          if (readOnly) return;
          setTyped(known === undefined ? shown : entry.edit(known, context));
          const input = event.currentTarget;
          setTimeout(() => input.select(), 0);
        }}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          take(event.currentTarget.value, false);
        }}
        onBlur={() => {
          if (typed !== undefined) take(typed, true);
          setTyped(undefined);
          onBlur();
        }}
      />
      {second === '' ? null : <div className="second-reading">{second}</div>}
      {bad !== '' && bare ? (
        <div className="field-error" role="alert">
          {bad}
        </div>
      ) : null}
    </>
  );
}
