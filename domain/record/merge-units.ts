/** Fields that a merge takes all from one side, and money, which means something only in its currency. */
import type { Entity } from '../entity/entity.ts';
import type { Field, Fields } from '../entity/field.ts';
import { type FindClash, type Three, type Values, clashAt } from './clash.ts';
import { rowsById } from './merge-lines.ts';
import { same } from './same.ts';

type Unit = readonly string[];
export interface Units {
  /** Units among the fields of the record itself. */
  readonly own: readonly Unit[];
  /** Units among the fields of the rows of a list, by the name of the list. */
  readonly rows: ReadonlyMap<string, readonly Unit[]>;
}

const known = new WeakMap<Entity, Units>();
/** The units that the entity states. Throws for one whose fields lie at several places, which is a mistake in the entity. */
export function unitsOf(entity: Entity): Units {
  let units = known.get(entity);
  if (!units) {
    const own: Unit[] = [];
    const rows = new Map<string, readonly Unit[]>();
    for (const paths of entity.together ?? []) {
      const places = new Set(paths.map((path) => (path.includes('.') ? path.slice(0, path.indexOf('.')) : '')));
      const [place = ''] = places;
      if (places.size !== 1) throw new Error(`${entity.noun}: ${paths.join(', ')} do not lie at one place`);
      if (place === '') own.push(paths);
      else rows.set(place, [...(rows.get(place) ?? []), paths.map((path) => path.slice(place.length + 1))]);
    }
    units = { own, rows };
    known.set(entity, units);
  }
  return units;
}

/** The unit that holds the currency of the record, where its amounts may be in another one. */
export const rateOf = (entity: Entity): Unit | undefined => unitsOf(entity).own.find((keys) => keys.includes('currency'));

export const isMoney = ({ kind }: Pick<Field, 'kind'>): boolean => kind === 'cents' || kind === 'price';
const isOwnMoney = (f: Field): boolean => isMoney(f) && !f.computed;

/** Money among these fields, with what is one unit with it. */
function moneyKeys(fields: Fields, units: readonly Unit[]): string[] {
  const money = Object.keys(fields).filter((key) => fields[key] !== undefined && isOwnMoney(fields[key]));
  return [...new Set([...money, ...units.filter((keys) => keys.some((key) => money.includes(key))).flat()])];
}
interface MoneyList {
  readonly list: string;
  readonly keys: readonly string[];
}
function moneyLists(fields: Fields, units: Units): MoneyList[] {
  return Object.entries(fields).flatMap(([list, f]) => {
    const keys = f.kind === 'lines' ? moneyKeys(f.fields ?? {}, units.rows.get(list) ?? []) : [];
    return keys.length > 0 ? [{ list, keys }] : [];
  });
}

/** Whether `other` has an amount that `base` had not. Removing rows touches no amount. */
export function touchesMoney(fields: Fields, units: Units, base: Values, other: Values): boolean {
  if (moneyKeys(fields, units.own).some((key) => !same(base[key], other[key]))) return true;
  return moneyLists(fields, units).some(({ list, keys }) => {
    const before = rowsById(base[list]);
    const after = rowsById(other[list]);
    if (!before || !after) return !same(base[list], other[list]);
    return [...after].some(([id, row]) => keys.some((key) => !same(before.get(id)?.[key], row[key])));
  });
}

/** One list of mine with the amounts of the base, and without new rows that hold an amount. */
function rowsWithoutMoney({ list, keys }: MoneyList, { base, mine, theirs }: Three<Values>, find: FindClash): unknown {
  const [before, own, stored] = [rowsById(base[list]), rowsById(mine[list]), rowsById(theirs[list])];
  if (!before || !own || !stored) {
    if (!same(mine[list], theirs[list])) find(clashAt(list, { base: base[list], mine: mine[list], theirs: theirs[list] }));
    return base[list];
  }
  const rows: Values[] = [];
  for (const [id, row] of own) {
    const [was, other] = [before.get(id), stored.get(id)];
    const touched = keys.filter((key) => !same(was?.[key], row[key]));
    const isNew = !was && touched.length > 0;
    if (isNew) {
      find(clashAt(`${list}.${id}`, { base: undefined, mine: row, theirs: other }));
      continue;
    }
    const paths = touched.map((key) => `${list}.${id}.${key}`);
    for (const key of touched) find(clashAt(`${list}.${id}.${key}`, { base: was?.[key], mine: row[key], theirs: other?.[key] }, paths));
    rows.push(touched.length === 0 ? row : replaced(row, was ?? {}, keys));
  }
  return rows.length === 0 && mine[list] === undefined ? undefined : rows;
}

/** `values` with what `from` has at these keys, or without them. */
function replaced(values: Values, from: Values, keys: readonly string[]): Values {
  const result: Record<string, unknown> = { ...values };
  for (const key of keys) {
    if (from[key] === undefined) delete result[key];
    else result[key] = from[key];
  }
  return result;
}

/**
 * Mine with the amounts and the currency (`rate`) of the base; each that I had changed is a clash, also where the stored
 * number is the same, because it stands in another currency.
 */
export function withoutMoney(fields: Fields, units: Units, rate: Unit, three: Three<Values>, find: FindClash): Values {
  const { base, mine, theirs } = three;
  const keys = [...new Set([...rate, ...moneyKeys(fields, units.own)])];
  const touched = keys.filter((key) => !same(base[key], mine[key]));
  for (const key of touched) find(clashAt(key, { base: base[key], mine: mine[key], theirs: theirs[key] }, touched));
  const lists = moneyLists(fields, units);
  const own = Object.fromEntries(lists.map((money) => [money.list, rowsWithoutMoney(money, three, find)]));
  return replaced(
    replaced(mine, base, keys),
    own,
    lists.map(({ list }) => list),
  );
}
