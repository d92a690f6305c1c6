/** What must hold of the numbers of series when everybody is connected and quiet (docs/rules.md, NUM-1 to NUM-5). */
import { isDeepStrictEqual } from 'node:util';
import { type CollectedSeries, numberIn } from '../../domain/record/series.ts';
import type { Evidence, Violation } from './evidence.ts';
import type { AuditRow } from './stored-state.ts';

/** Numbers that somebody has read, in whatever history: by text, the record that each was given to. */
export class Papers {
  readonly #records = new Map<string, string>();
  readonly doubles: Violation[] = [];

  /** This number stands on this record, for good. */
  print(number: string, collection: string, id: string): void {
    const record = `${collection}/${id}`;
    const first = this.#records.get(number);
    if (first === undefined) this.#records.set(number, record);
    else if (first !== record) this.doubles.push({ rule: 'NUM-1', what: `${number} was given to ${first} and to ${record}` });
  }
  get numbers(): readonly string[] {
    return [...this.#records.keys()];
  }
}

type Documents = Readonly<Record<string, unknown>>;
const applies = ({ where, except }: CollectedSeries, doc: Documents): boolean => {
  const holds = (values: Readonly<Record<string, string>>): boolean => Object.entries(values).every(([key, value]) => doc[key] === value);
  return holds(where) && !(except && holds(except));
};
/** The number of the series that a document bears. */
export const bears = (series: CollectedSeries, doc: Documents): number | undefined =>
  applies(series, doc) ? numberIn(series, doc[series.field]) : undefined;

/** The number that a change gave to its record. What comes as deleted claims none (0007-series.sql). */
export const claims = (series: CollectedSeries, { collection, kind, after }: AuditRow): number | undefined =>
  collection === series.collection && kind !== 'delete' ? bears(series, after) : undefined;

/** The server gave the record the number that it had come without, and changed nothing else (NUM-4). */
export function isNumbering({ collection, before, after }: AuditRow, series: readonly CollectedSeries[]): boolean {
  const own = series.find((one) => one.collection === collection && before?.[one.field] === '' && bears(one, after) !== undefined);
  if (!own || !before) return false;
  const stamps = { [own.field]: '', w: '', modifiedAt: '' };
  return isDeepStrictEqual({ ...before, ...stamps }, { ...after, ...stamps });
}

function checkSeries({ state, commits, restored }: Evidence, series: CollectedSeries): Violation[] {
  const found: Violation[] = [];
  const say = (rule: string, what: string): void => void found.push({ rule, what });
  const { key, collection, field } = series;
  const counter = state.series.find((one) => one.key === key);
  const given = new Map(state.numbers.filter((one) => one.series === key).map((one) => [one.n, one]));
  const leases = state.leases.filter((one) => one.series === key);
  const isLeased = (n: number): boolean => leases.some(({ first, last }) => first <= n && n <= last);

  const claimed = new Set(state.audit.map((row) => `${row.id} ${claims(series, row) ?? ''}`));
  for (const { id, doc, deleted } of state.documents[collection] ?? []) {
    const n = bears(series, doc);
    const isOwn = n !== undefined && (!deleted || claimed.has(`${id} ${n}`));
    if (isOwn && (given.get(n)?.id !== id || given.get(n)?.state !== 'given'))
      say('NUM-3', `${collection}/${id} bears ${String(doc[field])}, of which the books say ${JSON.stringify(given.get(n) ?? 'nothing')}`);
    if (!deleted && applies(series, doc) && doc[field] === '') say('NUM-4', `${collection}/${id} was given no number`);
  }
  for (let n = counter?.floor ?? 1; n < (counter?.next ?? 1); n += 1) {
    // A block begins behind the numbers that an import brought along.
    const isPassedOver = [...given.values()].some((one) => one.origin === 'import' && one.n > n && one.n < n + 6);
    if (!given.has(n) && !isLeased(n) && !isPassedOver) say('NUM-3', `nobody knows what became of number ${n} of ${key}`);
  }
  const byKey = new Map(commits.filter((one) => one.collection === collection).map((one) => [`${one.id} ${one.w}`, one]));
  for (const row of state.refused) {
    const commit = row.collection === collection ? byKey.get(`${row.id} ${row.w}`) : undefined;
    if (commit?.taken !== undefined && row.code?.startsWith('number_') === true)
      say(restored ? 'NUM-5' : 'NUM-2', `${commit.taken}, which ${commit.device} was leased, was refused for ${row.id} (${row.code})`);
  }
  const typed = new Set(commits.filter((one) => one.typed !== undefined).map(({ id, w }) => `${id} ${w}`));
  for (const { id, w, collection: at, after } of state.audit) {
    if (at === collection && typed.has(`${id} ${w}`) && bears(series, after) !== undefined)
      say('NUM-2', `${String(after[field])}, which somebody typed, was stored for ${id}`);
  }
  return found;
}

export const checkNumbers = (evidence: Evidence): Violation[] => evidence.series.flatMap((series) => checkSeries(evidence, series));
