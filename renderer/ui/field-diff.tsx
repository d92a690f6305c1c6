/** What a change did to a record, field by field, in each field's own words and units; of lists, row by row. */
import { allFields, type Entity } from '../../domain/entity/entity.ts';
import type { Field } from '../../domain/entity/field.ts';
import { ShownRow, ShownValue, isNothing } from './shown-value.tsx';

type State = Readonly<Record<string, unknown>>;

/** Fields that every write touches; they say nothing in a history. */
const STAMPS: ReadonlySet<string> = new Set(['w', 'modifiedAt', 'modifiedBy', 'createdAt', 'createdBy', 'id', '_deleted']);
const same = (a: unknown, b: unknown): boolean => (isNothing(a) && isNothing(b)) || JSON.stringify(a) === JSON.stringify(b);

/** Keys of the fields with different values, in the order in which fields are shown. */
export function changedFields(entity: Entity, before: State, after: State): string[] {
  return Object.keys(allFields(entity)).filter((key) => !STAMPS.has(key) && !same(before[key], after[key]));
}

export function FieldDiff({ entity, before, after }: { readonly entity: Entity; readonly before: State | null; readonly after: State }) {
  const from = before ?? {};
  const fields = allFields(entity);
  const changed = changedFields(entity, from, after);
  if (changed.length === 0) return <p className="quiet">No field changed its value.</p>;
  return (
    <dl className="field-diff">
      {changed.map((key) => {
        const field = fields[key];
        return field === undefined ? null : (
          <div key={key}>
            <dt>{field.label}</dt>
            <dd>
              {field.kind === 'lines' && before ? (
                <RowsDiff field={field} before={from[key]} after={after[key]} around={after} />
              ) : (
                <>
                  {before ? (
                    <>
                      <del>
                        <ShownValue field={field} value={from[key]} around={from} />
                      </del>
                      <span aria-hidden="true"> → </span>
                      <span className="spoken"> became </span>
                    </>
                  ) : null}
                  <ins>
                    <ShownValue field={field} value={after[key]} around={after} />
                  </ins>
                </>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

const isRow = (value: unknown): value is State => typeof value === 'object' && value !== null && !Array.isArray(value);
/** Rows by what stays of them: their id, or their place where they have none. */
function rowsOf(value: unknown): Map<string, State> {
  const rows = Array.isArray(value) ? value.filter(isRow) : [];
  return new Map(rows.map((row, i) => [typeof row['lineId'] === 'string' ? row['lineId'] : `place ${i}`, row]));
}

interface RowsDiffProps {
  readonly field: Field;
  readonly before: unknown;
  readonly after: unknown;
  readonly around: State;
}
function RowsDiff({ field, before, after, around }: RowsDiffProps) {
  const [was, is] = [rowsOf(before), rowsOf(after)];
  const keys = [...new Set([...was.keys(), ...is.keys()])].filter((key) => !same(was.get(key), is.get(key)));
  if (keys.length === 0) return <span>The rows are in another order.</span>;
  return (
    <ul className="shown-rows">
      {keys.map((key) => {
        const [old, now] = [was.get(key), is.get(key)];
        if (old && now)
          return (
            <li key={key}>
              <RowDiff field={field} before={old} after={now} around={around} />
            </li>
          );
        return (
          <li key={key}>
            <span className="quiet">{now ? 'Added:' : 'Removed:'}</span> <ShownRow field={field} row={now ?? old ?? {}} around={around} />
          </li>
        );
      })}
    </ul>
  );
}

function RowDiff({ field, before, after, around }: RowsDiffProps & { readonly before: State; readonly after: State }) {
  const changed = Object.entries(field.fields ?? {}).filter(([key]) => !same(before[key], after[key]));
  return changed.map(([key, inner], i) => (
    <span key={key}>
      {i === 0 ? '' : ', '}
      <span className="quiet">{inner.label}</span>{' '}
      <del>
        <ShownValue field={inner} value={before[key]} around={{ ...around, ...before }} />
      </del>
      <span aria-hidden="true"> → </span>
      <span className="spoken"> became </span>
      <ins>
        <ShownValue field={inner} value={after[key]} around={{ ...around, ...after }} />
      </ins>
    </span>
  ));
}
