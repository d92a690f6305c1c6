/**
 * The inbox: what the server could not take as it was sent, kept by it as activities of its author. An entry is an ordinary
 * synced document, so it outlives restarts and shows on every device of its author; resolving it is an ordinary change of
 * the record followed by one of the entry.
 */
import type { Activity } from '../../domain/activity/activity.entity.ts';
import { type AnyDocument, allFields } from '../../domain/entity/entity.ts';
import type { Problem } from '../../domain/entity/problem.ts';
import type { Clash } from '../../domain/record/clash.ts';
import { mergeRecord } from '../../domain/record/merge.ts';
import type { Actor } from '../../domain/record/record.commands.ts';
import { same } from '../../domain/record/same.ts';
import { plain, storedStates } from './commit.ts';
import type { Desk } from './desk.ts';
import type { RecordQuery } from './observe-records.ts';
import { applyEdit } from './set-aside.ts';
import { type Command, type SubmitResult, submit } from './submit.ts';

type State = Readonly<Record<string, unknown>>;

export const outcomes = {
  taken: 'Your choice was saved.',
  resubmitted: 'Sent again.',
  dropped: 'Closed; the record stayed as it was stored.',
  handed: 'Given to somebody else.',
} as const;
export type Outcome = keyof typeof outcomes;

/** What was written, as the server kept it. */
export interface Kept {
  readonly mine: AnyDocument;
  /** What the author had started from; absent for a new record. */
  readonly base?: AnyDocument;
  /** The author had deleted the record. */
  readonly deleted: boolean;
  readonly problems: readonly Problem[];
  readonly clashes: readonly Clash[];
  /** Name of who wrote it, where that is somebody else. */
  readonly author?: string;
}
export interface Entry {
  readonly id: string;
  readonly kind: 'refusal' | 'clash';
  readonly title: string;
  /** ISO instant at which the server kept it. */
  readonly at: string;
  readonly collection: string;
  readonly recordId: string;
  readonly recordTitle: string;
  /** Why it was refused; `clash` for a clash. */
  readonly code: string;
  readonly paths: readonly string[];
  readonly open: boolean;
  /** ISO instant; '' while open. */
  readonly doneAt: string;
  readonly outcome: string;
  /** Of whoever handed it here; '' for none. */
  readonly note: string;
  /** Absent when this version of Drover cannot read it; `raw` has it as it is. */
  readonly kept?: Kept;
  readonly raw: string;
}

const isRecord = (value: unknown): value is State => typeof value === 'object' && value !== null && !Array.isArray(value);
const isDocument = (value: unknown): value is AnyDocument => isRecord(value) && typeof value['id'] === 'string';

const isClash = (value: unknown): value is Clash => isRecord(value) && typeof value['path'] === 'string';

function problemOf(value: unknown): Problem[] {
  if (!isRecord(value) || typeof value['message'] !== 'string') return [];
  const { field, code, message, rule, severity } = value;
  return [
    {
      field: typeof field === 'string' ? field : '',
      code: typeof code === 'string' ? code : '',
      message,
      ...(typeof rule === 'string' ? { rule } : {}),
      severity: severity === 'soft' ? 'soft' : 'hard',
    },
  ];
}

/** Undefined for what is no kept content: the text may come from a newer server. */
export function readKept(text: string): Kept | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (!isRecord(value) || !isDocument(value['mine'])) return undefined;
  const { mine, base, deleted, problems, clashes, author } = value;
  return {
    ...(typeof author === 'string' ? { author } : {}),
    mine,
    ...(isDocument(base) ? { base } : {}),
    deleted: deleted === true || mine['_deleted'] === true,
    problems: Array.isArray(problems) ? problems.flatMap(problemOf) : [],
    clashes: Array.isArray(clashes) ? clashes.filter(isClash) : [],
  };
}

export function readEntry(activity: Activity): Entry {
  const raw = activity.keptContent ?? activity.body ?? '';
  const kept = readKept(raw);
  return {
    id: activity.id,
    kind: activity.kind === 'clash' ? 'clash' : 'refusal',
    title: activity.title,
    at: activity.createdAt,
    collection: activity.recordCollection ?? '',
    recordId: activity.recordId,
    recordTitle: activity.recordTitle ?? '',
    code: activity.code ?? '',
    paths: activity.fieldNames ?? [],
    open: activity.done !== true,
    doneAt: activity.doneAt ?? '',
    outcome: activity.outcome ?? '',
    note: activity.keptContent === undefined ? '' : (activity.body ?? ''),
    ...(kept ? { kept } : {}),
    raw,
  };
}

/** Entries of this person. By an index, so that the badge does not need all notes and calls in memory. */
export function entriesQuery(userId: string, which: 'open' | 'resolved', limit: number): RecordQuery {
  const kind = { $in: ['refusal', 'clash'] };
  return {
    selector: { assignedTo: userId, kind, ...(which === 'open' ? { done: { $ne: true } } : { done: true }) },
    includeInactive: true,
    limit,
  };
}

/** The kept edit in the shape of those that a device set aside itself. */
const editOf = ({ collection, recordId }: Entry, { mine, base, deleted }: Kept) => ({
  collection,
  id: recordId,
  mine: deleted ? { ...mine, _deleted: true } : mine,
  ...(base ? { base } : {}),
});

/** Fields that can only be decided together, such as a price and its unit. */
export interface Choice {
  readonly key: string;
  readonly clashes: readonly Clash[];
  /** Whose side the record is on now, and stays on if nothing is chosen. */
  readonly stands: 'mine' | 'theirs';
}

/** Groups clashes that name each other. */
export function choicesOf(clashes: readonly Clash[]): Choice[] {
  const groups: Clash[][] = [];
  for (const clash of clashes) {
    const reach = new Set([clash.path, ...(clash.together ?? [])]);
    const touched = groups.filter((group) => group.some((one) => reach.has(one.path) || one.together?.includes(clash.path)));
    const [first, ...others] = touched;
    if (first) first.push(...others.flat(), clash);
    else groups.push([clash]);
    for (const group of others) groups.splice(groups.indexOf(group), 1);
  }
  return groups.map((group) => ({ key: group[0]?.path ?? '', clashes: group, stands: 'theirs' }));
}

const covers = (a: string, b: string): boolean => a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);

/** Rows that the other side had removed and that live on because of this edit: the author may take them out after all. */
function revivedRows({ mine, clashes }: Kept, stored: State): Clash[] {
  return clashes.filter(({ path, base, theirs, ...clash }) => {
    const [key = '', lineId, inner] = path.split('.');
    if (lineId === undefined || inner !== undefined || base === undefined || clash.mine === undefined || theirs !== undefined) return false;
    const row = (state: State): unknown => rowsOf(state[key]).find((one) => one['lineId'] === lineId);
    return row(stored) !== undefined && same(row(stored), row(mine));
  });
}

/**
 * What is left to decide of a clash, against the record as it is stored now: what was settled since is no question any
 * more, and what was merged without a question is none either. What lives on only because of this edit asks whether it should.
 */
export function openChoices(desk: Desk, entry: Entry, stored: { readonly doc: AnyDocument; readonly deleted: boolean }): Choice[] {
  const { kept } = entry;
  if (!kept) return [];
  const { mine, base, deleted } = kept;
  const { entity, merge = mergeRecord } = desk.noun(entry.collection);
  const clashes = merge(entity, base && { doc: base, deleted: false }, { doc: mine, deleted }, stored).clashes.filter(
    ({ path }) => path !== '_deleted' && entry.paths.some((asked) => asked === '_deleted' || covers(asked, path)),
  );
  const asksDeletion = entry.paths.includes('_deleted') && (deleted ? !stored.deleted : true);
  const revived = revivedRows(kept, stored.doc).map((clash): Choice => ({ key: clash.path, clashes: [clash], stands: 'mine' }));
  const deletion: Choice = {
    key: '_deleted',
    clashes: [{ path: '_deleted', base: false, mine: deleted, theirs: !deleted }],
    stands: deleted === stored.deleted ? 'mine' : 'theirs',
  };
  return [...(asksDeletion ? [deletion] : []), ...revived, ...choicesOf(clashes)];
}

const rowsOf = (value: unknown): readonly State[] => (Array.isArray(value) ? value.filter(isRecord) : []);

/** `values` with the value of `from` at a path of a clash: a field, a row, or a field of a row. */
function withValueAt(values: State, from: State, path: string): State {
  const [key = '', lineId, inner] = path.split('.');
  if (lineId === undefined) return { ...values, [key]: from[key] };
  const own = rowsOf(from[key]).find((row) => row['lineId'] === lineId);
  const rows = rowsOf(values[key]);
  if (inner === undefined) {
    const rest = rows.filter((row) => row['lineId'] !== lineId);
    const known = rows.length > rest.length;
    const next = own ? (known ? rows.map((row) => (row['lineId'] === lineId ? own : row)) : [...rows, own]) : rest;
    return { ...values, [key]: next };
  }
  return {
    ...values,
    [key]: rows.map((row) => {
      if (row['lineId'] !== lineId) return row;
      const next: Record<string, unknown> = { ...row };
      if (own?.[inner] === undefined) delete next[inner];
      else next[inner] = own[inner];
      return next;
    }),
  };
}

/** The draft that puts my values at these paths on top of the stored record; only the fields it touches. */
export function draftOfMine(stored: State, mine: State, paths: readonly string[]): State {
  const target = paths.reduce((values, path) => withValueAt(values, mine, path), stored);
  const keys = new Set(paths.map((path) => path.split('.')[0] ?? ''));
  return Object.fromEntries([...keys].map((key) => [key, target[key]]));
}

/** Marks the entry as resolved, on every device of its author. */
export function resolveEntry(desk: Desk, entry: Entry, outcome: Outcome, actor: Actor): Promise<SubmitResult> {
  const draft = { done: true, doneAt: new Date().toISOString(), outcome };
  return submit(desk, { collection: 'activities', command: 'change', id: entry.id, draft }, actor);
}

/** Saves the choices that fell on mine, leaves all others as they are stored, and resolves the entry. A rejection changes nothing. */
export async function saveChoice(
  desk: Desk,
  entry: Entry,
  choices: readonly Choice[],
  mineKeys: ReadonlySet<string>,
  actor: Actor,
): Promise<SubmitResult> {
  const { kept, collection, recordId: id } = entry;
  if (!kept) throw new Error('there is nothing to choose from in an entry that cannot be read');
  const run = (command: Command['command'], draft?: State): Promise<SubmitResult> =>
    submit(desk, { collection, command, id, ...(draft ? { draft } : {}) }, actor);
  const chosen = choices.filter(({ key }) => mineKeys.has(key)).flatMap(({ clashes }) => clashes.map(({ path }) => path));
  const moving = choices.filter(({ key, stands }) => key !== '_deleted' && mineKeys.has(key) === (stands === 'theirs'));
  const pathsOf = (stands: Choice['stands']): string[] =>
    moving.filter((choice) => choice.stands === stands).flatMap(({ clashes }) => clashes.map(({ path }) => path));
  const [paths, out] = [pathsOf('theirs'), pathsOf('mine')];
  const asked = choices.some(({ key }) => key === '_deleted');
  const wantsDeleted = asked && chosen.includes('_deleted') === kept.deleted;
  const stored = (await storedStates(desk, collection, [id])).get(id);
  const steps: (() => Promise<SubmitResult>)[] = [];
  if (wantsDeleted) {
    if (stored && !stored._deleted) steps.push(() => run('delete'));
  } else {
    const isBack = stored?._deleted === true && (asked || moving.length > 0);
    if (isBack) steps.push(() => run('restore'));
    if (moving.length > 0) {
      const now = stored ? plain(stored) : {};
      const without = { ...now, ...draftOfMine(now, {}, out) };
      steps.push(() => run('change', { ...draftOfMine(now, {}, out), ...draftOfMine(without, kept.mine, paths) }));
    }
  }
  for (const step of steps) {
    const result = await step();
    if (!result.ok) return result;
  }
  return resolveEntry(desk, entry, steps.length > 0 ? 'taken' : 'dropped', actor);
}

/** Sends the kept edit once more as it is, on top of the record as it is stored now; for records without a form, and deletions. */
export async function sendAgain(desk: Desk, entry: Entry, actor: Actor): Promise<SubmitResult> {
  if (!entry.kept) throw new Error('an entry that cannot be read cannot be sent again');
  const result = await applyEdit(desk, editOf(entry, entry.kept), actor);
  return result.ok ? resolveEntry(desk, entry, 'resubmitted', actor) : result;
}

/** Keys of the envelope that are not what a person wrote. */
const SILENT: ReadonlySet<string> = new Set(['id', 'status', 'ownerId', 'deskId']);

/** Fields that people enter and that hold something, in the order of the entity. */
export function filledKeys(desk: Desk, collection: string, document: State): string[] {
  return Object.entries(allFields(desk.noun(collection).entity))
    .filter(([key, f]) => !f.computed && !SILENT.has(key) && !isNothing(document[key]))
    .map(([key]) => key);
}
const isNothing = (value: unknown): boolean =>
  value === undefined || value === '' || value === false || (Array.isArray(value) && value.length === 0);
