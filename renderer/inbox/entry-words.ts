/** Places of a record in words. Pure. */
import { type Entity, allFields } from '../../domain/entity/entity.ts';
import type { Field } from '../../domain/entity/field.ts';

type State = Readonly<Record<string, unknown>>;

export const kindWords = { refusal: 'Refused', clash: 'Two changes' } as const;

/** The field at a path of a problem or clash, also inside a row or group; undefined for a whole row or record. */
export function fieldAtPath(entity: Entity, path: string): Field | undefined {
  const [key = '', second, third] = path.split('.');
  const field = allFields(entity)[key];
  if (second === undefined || field === undefined) return field;
  return field.kind === 'lines' ? (third === undefined ? undefined : field.fields?.[third]) : field.fields?.[second];
}

/** Problems name a row by its place (from 0), clashes by its id. */
function placeOf(row: string, lists: readonly unknown[]): number {
  if (/^\d+$/u.test(row)) return Number(row) + 1;
  for (const list of lists) {
    const at = Array.isArray(list) ? list.findIndex((one: State | null) => one?.['lineId'] === row) : -1;
    if (at >= 0) return at + 1;
  }
  return 0;
}

/** "Memo", "Lines, row 2: Price". `states` are asked in turn where a row stands. */
export function placeWords(entity: Entity, path: string, states: readonly (State | undefined)[]): string {
  if (path === '' || path === '_deleted') return 'The record as a whole';
  const [key = '', second, third] = path.split('.');
  const field = allFields(entity)[key];
  if (!field) return path;
  if (second === undefined) return field.label;
  if (field.kind !== 'lines') return `${field.label}: ${field.fields?.[second]?.label ?? second}`;
  const place = placeOf(
    second,
    states.map((state) => state?.[key]),
  );
  const row = place === 0 ? `${field.label}, a row` : `${field.label}, row ${place}`;
  return third === undefined ? row : `${row}: ${field.fields?.[third]?.label ?? third}`;
}

/** The value at a path, and the record or row around it. */
export function valueAtPath(state: State, path: string): { readonly value: unknown; readonly around: State } {
  const [key = '', second, third] = path.split('.');
  const top = state[key];
  if (second === undefined) return { value: top, around: state };
  if (!Array.isArray(top)) {
    const group = typeof top === 'object' && top !== null ? (top as State) : {};
    return { value: group[second], around: { ...state, ...group } };
  }
  const row = (top as readonly (State | null)[]).find((one, i) => one?.['lineId'] === second || String(i) === second);
  return { value: third === undefined ? row : row?.[third], around: { ...state, ...row } };
}
