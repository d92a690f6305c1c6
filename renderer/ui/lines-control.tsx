/** An editable table of lines: add, duplicate, remove, and the rarer fields of a line under its row. */
import { ActionIcon, Button } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconCopy, IconPlus, IconTrash } from '@tabler/icons-react';
import { Fragment, type KeyboardEvent, useId, useRef, useState } from 'react';
import type { Field } from '../../domain/entity/field.ts';
import { blankLine } from './blank-line.ts';
import type { Cells, ControlProps } from './control.ts';
import { FieldControl, spanOf } from './field-control.tsx';
import { useDerived, useProblemAt } from './form-facts.ts';
import { isNumberKind } from './show-value.ts';

type Line = Readonly<Record<string, unknown>> & { readonly lineId: string };
const NO_LINES: readonly Line[] = [];
const NO_CELLS: Cells = {};

/** Width of a column in the table; the first text column takes what is left. */
const columnWidths: Partial<Record<Field['kind'], string>> = {
  integer: '74px',
  cents: '112px',
  price: '96px',
  weight: '112px',
  percent: '74px',
  date: '116px',
  choice: '98px',
  flag: '64px',
};

/** The computed fields of a line as the domain derives them while the draft is typed. */
function useDerivedLine(path: string, lineId: string): Line | undefined {
  const derived = useDerived();
  const list = derived?.[path];
  return Array.isArray(list) ? (list as readonly Line[]).find((line) => line.lineId === lineId) : undefined;
}

type Keyed = readonly (readonly [string, Field])[];
/** The fields of a line that stand in the table, and the rarer ones under the row. */
function parted(field: Field, columns: readonly string[] | undefined): { readonly inTable: Keyed; readonly under: Keyed } {
  const all = Object.entries(field.fields ?? {}).filter(([, inner]) => !inner.retired);
  if (columns === undefined) return { inTable: all, under: [] };
  return {
    inTable: columns.flatMap((key) => {
      const inner = field.fields?.[key];
      return inner ? [[key, inner] as const] : [];
    }),
    under: all.filter(([key]) => !columns.includes(key)),
  };
}

/** What can be done to the lines; each keeps the keyboard where the work goes on. */
function useLineEdits(field: Field, lines: readonly Line[], onChange: (next: readonly Line[]) => void) {
  const table = useRef<HTMLTableElement>(null);
  const focusLine = (index: number): void => {
    setTimeout(
      () =>
        table.current
          ?.querySelectorAll<HTMLElement>('tbody tr[data-line]')
          [index]?.querySelector<HTMLElement>('input:not([readonly]), textarea')
          ?.focus(),
      0,
    );
  };
  const add = (after = lines.length - 1, source?: Line): void => {
    const next = [...lines];
    next.splice(after + 1, 0, source ? { ...source, lineId: crypto.randomUUID() } : blankLine(field));
    onChange(next);
    focusLine(after + 1);
  };
  const remove = (index: number): void => {
    onChange(lines.filter((_, i) => i !== index));
    if (lines.length > 1) focusLine(Math.max(0, index - 1));
  };
  const patch = (index: number, changes: Readonly<Record<string, unknown>>): void =>
    onChange(lines.map((line, i) => (i === index ? { ...line, ...changes } : line)));
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = (event.target as HTMLElement).closest<HTMLElement>('tr[data-line]');
    const index = Number(row?.dataset['line'] ?? -1);
    const line = lines[index];
    if (!line || !event.ctrlKey) return;
    if (event.key === 'Enter') add(index);
    else if (event.key.toLowerCase() === 'd') add(index, line);
    else if (event.key === 'Backspace' && event.shiftKey) remove(index);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return { table, add, remove, patch, onKeyDown };
}

export function LinesControl({ field, path, value, onChange, readOnly, columns, cells = NO_CELLS }: ControlProps) {
  const lines = Array.isArray(value) ? (value as readonly Line[]) : NO_LINES;
  const { inTable, under } = parted(field, columns);
  const { table, add, remove, patch, onKeyDown } = useLineEdits(field, lines, onChange);
  const problem = useProblemAt(path);
  const [open, setOpen] = useState<readonly string[]>([]);
  const heading = useId();
  const name = field.label.toLowerCase().replace(/s$/u, '');
  return (
    <div className="lines" role="group" aria-labelledby={heading} data-path={path}>
      <div className="lines-head">
        <span id={heading} className="lines-title">
          {field.label}
        </span>
        {field.hint === undefined ? null : <span className="quiet">{field.hint}</span>}
      </div>
      {lines.length === 0 ? null : (
        <div className="lines-scroll">
          <table ref={table} className="lines-table">
            <LinesHead inTable={inTable} more={under.length > 0} />
            <tbody onKeyDown={readOnly ? undefined : onKeyDown}>
              {lines.map((line, index) => (
                <LineRow
                  key={line.lineId}
                  {...{ field, path, index, line, inTable, under, cells, readOnly, name }}
                  open={open.includes(line.lineId)}
                  onToggle={() => setOpen(open.includes(line.lineId) ? open.filter((id) => id !== line.lineId) : [...open, line.lineId])}
                  onPatch={(changes) => patch(index, changes)}
                  onCopy={() => add(index, line)}
                  onRemove={() => remove(index)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {problem === undefined ? null : <div className="field-error">{problem.message}</div>}
      {readOnly ? null : (
        <Button
          variant="default"
          size="compact-xs"
          leftSection={<IconPlus size={14} aria-hidden="true" />}
          onClick={() => add()}
          title="Ctrl+Enter in a line adds the next one"
        >
          Add {name}
        </Button>
      )}
    </div>
  );
}

function LinesHead({ inTable, more }: { readonly inTable: Keyed; readonly more: boolean }) {
  return (
    <>
      <colgroup>
        <col style={{ width: 34 }} />
        {inTable.map(([key, inner]) => (
          <col key={key} style={{ width: columnWidths[inner.kind] }} />
        ))}
        <col style={{ width: more ? 96 : 66 }} />
      </colgroup>
      <thead>
        <tr>
          <th scope="col">
            <span className="spoken">Line</span>
          </th>
          {inTable.map(([key, inner]) => (
            <th key={key} scope="col" className={isNumberKind(inner.kind) ? 'end' : undefined} title={inner.hint}>
              {inner.label}
              {inner.required ? (
                <span aria-hidden="true" className="required">
                  {' '}
                  *
                </span>
              ) : null}
            </th>
          ))}
          <th scope="col">
            <span className="spoken">Actions</span>
          </th>
        </tr>
      </thead>
    </>
  );
}

interface LineRowProps {
  readonly field: Field;
  readonly path: string;
  readonly index: number;
  readonly line: Line;
  readonly inTable: Keyed;
  readonly under: Keyed;
  readonly cells: Cells;
  readonly readOnly: boolean;
  readonly name: string;
  readonly open: boolean;
  readonly onToggle: () => void;
  readonly onPatch: (changes: Readonly<Record<string, unknown>>) => void;
  readonly onCopy: () => void;
  readonly onRemove: () => void;
}

function LineRow(props: LineRowProps) {
  const { field, path, index, line, inTable, under, cells, readOnly, name, open, onToggle, onPatch, onCopy, onRemove } = props;
  const derived = useDerivedLine(path, line.lineId);
  const control = (key: string, inner: Field, bare: boolean) => (
    <FieldControl
      field={inner}
      path={`${path}.${index}.${key}`}
      value={derived !== undefined && (inner.computed || isNumberKind(inner.kind)) ? derived[key] : line[key]}
      onChange={(next) => onPatch({ [key]: next })}
      onPatch={onPatch}
      around={line}
      siblings={field.fields ?? {}}
      bare={bare}
      readOnly={readOnly}
      {...(cells[key] === undefined ? {} : { control: cells[key] })}
    />
  );
  return (
    <Fragment>
      <tr data-line={index}>
        <td className="line-number">{index + 1}</td>
        {inTable.map(([key, inner]) => (
          <td key={key}>{control(key, inner, true)}</td>
        ))}
        <td className="line-actions">
          {under.length === 0 ? null : (
            <ActionIcon size={24} aria-expanded={open} aria-label={`More of ${name} ${index + 1}`} title="More fields" onClick={onToggle}>
              {open ? <IconChevronDown size={15} aria-hidden="true" /> : <IconChevronRight size={15} aria-hidden="true" />}
            </ActionIcon>
          )}
          {readOnly ? null : (
            <>
              <ActionIcon size={24} aria-label={`Duplicate ${name} ${index + 1}`} title="Duplicate (Ctrl+D)" onClick={onCopy}>
                <IconCopy size={15} aria-hidden="true" />
              </ActionIcon>
              <ActionIcon size={24} aria-label={`Remove ${name} ${index + 1}`} title="Remove (Ctrl+Shift+Backspace)" onClick={onRemove}>
                <IconTrash size={15} aria-hidden="true" />
              </ActionIcon>
            </>
          )}
        </td>
      </tr>
      {open ? (
        <tr className="line-more">
          <td />
          <td colSpan={inTable.length + 1}>
            <div className="form-grid">
              {under.map(([key, inner]) => (
                <div key={key} style={{ gridColumn: `span ${spanOf(inner)}` }}>
                  {control(key, inner, false)}
                </div>
              ))}
            </div>
          </td>
        </tr>
      ) : null}
      <LineProblems path={`${path}.${index}`} keys={inTable} columns={inTable.length + 1} />
    </Fragment>
  );
}

/** Problems of a row's cells in words, under the row: a red frame alone says nothing. */
function LineProblems({ path, keys, columns }: { readonly path: string; readonly keys: Keyed; readonly columns: number }) {
  return (
    <>
      {keys.map(([key]) => (
        <LineProblem key={key} path={`${path}.${key}`} columns={columns} />
      ))}
    </>
  );
}

function LineProblem({ path, columns }: { readonly path: string; readonly columns: number }) {
  const problem = useProblemAt(path);
  return problem === undefined ? null : (
    <tr className="line-problem">
      <td />
      <td colSpan={columns} className={problem.severity === 'hard' ? 'field-error' : 'field-warning'}>
        {problem.message}
      </td>
    </tr>
  );
}
