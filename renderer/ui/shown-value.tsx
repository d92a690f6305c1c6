/** A stored value on the screen, outside of a form: references by their titles, rows with the names of their fields. */
import type { ReactNode } from 'react';
import type { Field } from '../../domain/entity/field.ts';
import { useCompany } from '../data/live.ts';
import { useNamed } from './record-title.ts';
import { showValue } from './show-value.ts';

type State = Readonly<Record<string, unknown>>;

export interface ShownValueProps {
  readonly field: Field;
  readonly value: unknown;
  /** The record or row that the value stands in: a price shows its unit, an amount its currency. */
  readonly around: State;
}

export const isNothing = (value: unknown): boolean =>
  value === undefined || value === '' || value === false || (Array.isArray(value) && value.length === 0);
const isRow = (value: unknown): value is State => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Says "nothing" for a value that is not there. */
export function ShownValue({ field, value, around }: ShownValueProps): ReactNode {
  const { options: lists } = useCompany();
  if (isNothing(value)) return <span className="quiet">{field.kind === 'flag' ? 'No' : 'nothing'}</span>;
  const { to } = field;
  if (field.kind === 'ref' && to !== undefined && typeof value === 'string') return <Titled collection={to} id={value} />;
  if (field.kind === 'refs' && to !== undefined && Array.isArray(value)) {
    return value.map((id, i) => (
      <span key={String(id)}>
        {i === 0 ? '' : ', '}
        <Titled collection={to} id={String(id)} />
      </span>
    ));
  }
  if (field.kind === 'lines' && Array.isArray(value)) {
    return (
      <ol className="shown-rows">
        {value.filter(isRow).map((row, i) => (
          <li key={typeof row['lineId'] === 'string' ? row['lineId'] : i}>
            <ShownRow field={field} row={row} around={around} />
          </li>
        ))}
      </ol>
    );
  }
  if (field.kind === 'group' && isRow(value)) return <ShownRow field={field} row={value} around={around} />;
  // What was refused may have any shape; nothing of it is hidden.
  const text = showValue(field, value, around, lists) || JSON.stringify(value);
  return <span className={field.long === true ? 'shown-text' : undefined}>{text}</span>;
}

/** One row of a list, or a group: what is filled in it, by name. */
export function ShownRow({ field, row, around }: { readonly field: Field; readonly row: State; readonly around: State }) {
  const filled = Object.entries(field.fields ?? {}).filter(([key, inner]) => !inner.computed && !isNothing(row[key]));
  return filled.map(([key, inner], i) => (
    <span key={key}>
      {i === 0 ? '' : ', '}
      <span className="quiet">{inner.label}</span> <ShownValue field={inner} value={row[key]} around={{ ...around, ...row }} />
    </span>
  ));
}

function Titled({ collection, id }: { readonly collection: string; readonly id: string }) {
  return useNamed(collection, id).title;
}
