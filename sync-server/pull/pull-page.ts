/**
 * One page for one device (SYN-7). What it may read is filtered before the limit, so a short page means that there is nothing
 * more. When its rights have changed since it was last served, everything that only the one or only the other scope reaches
 * is served first, in feed order and page by page, while the position stays; the mark of the checkpoint says how far.
 */
import { NONE, type Scope, allOf, anyOf } from '../../domain/access/condition.ts';
import { type Mark, readMark, writeMark } from '../../domain/protocol/mark.ts';
import type { Checkpoint } from '../../domain/protocol/protocol.ts';
import { type Access, type AccountAccess, type ReadScope, viewsOfKey } from '../access/access.ts';
import { servedScopes } from '../db/access.ts';
import { type Database, DatabaseFault } from '../db/database.ts';
import type { ReadAs } from '../db/fence.ts';
import { type FeedRow, type PageQuery, measureOf, measureUpTo, pageAfter } from '../db/feed.ts';
import type { History } from './history.ts';
import type { KeptPages } from './kept-pages.ts';

export interface PageRequest {
  readonly reach: string;
  readonly collection: string;
  readonly checkpoint: Checkpoint;
  readonly limit: number;
  /** Keys of scopes of which the device may still hold something; only our own client knows them. */
  readonly held: readonly string[];
  /** Version of the records that the device understands. */
  readonly version: number;
}
export interface PullPage {
  /** The rights that the page was read by. */
  readonly read: ReadScope;
  readonly rows: readonly FeedRow[];
  readonly checkpoint: Checkpoint;
}
/** How a page goes over the wire, as UTF-8. */
export type WritePage = (page: PullPage) => string;
export interface PageDependencies {
  readonly db: Database;
  readonly readAs: ReadAs;
  readonly access: Access;
  readonly history: Pick<History, 'current' | 'sharedUntil'>;
  readonly pages: KeptPages;
}

/** Somebody would have to change rights faster than a page is read. */
const ROUNDS_MAX = 5;

interface Change {
  readonly from: readonly string[];
  readonly reached: number;
  readonly query: NonNullable<PageQuery['change']>;
}

/** What is left to tell the device because its rights are not those by which it was served. */
async function changeFor(
  db: Database,
  { reach, collection, held }: PageRequest,
  mark: Mark,
  /** Up to where it was served; undefined when that was in a history that is none any more. */
  position: number | undefined,
  key: string,
): Promise<Change | undefined> {
  const goesOn = mark.scope === key && position !== undefined ? mark.change : undefined;
  const from = [...new Set([...(mark.change?.from ?? []), ...(goesOn ? [] : [mark.scope])])].filter((one) => one !== '');
  const all = [...new Set([...from, ...held])];
  const others = all.filter((one) => one !== key);
  // Nothing was ever served, or all of it by the same scope.
  if (!goesOn && others.length === 0) return undefined;
  const known = await servedScopes(db, reach, collection, all);
  // What one of them did not reach may have been withdrawn on the way. Of a scope that this server does not know (it was put
  // back to an earlier state) nothing counts as served.
  // What was served with other fields is not what it would be served now.
  const sure = from.length > 0 && all.every((one) => known.has(one) && viewsOfKey(one) === viewsOfKey(key));
  const scopes = all.map((one): Scope => known.get(one) ?? NONE);
  const query = {
    from: sure ? allOf(scopes) : NONE,
    servedTo: sure ? (position ?? 0) : 0,
    held: anyOf(others.map((one): Scope => known.get(one) ?? NONE)),
  };
  return { from, reached: goesOn?.reached ?? 0, query };
}

/** What was read by rights of this version; the caller judges whether those still hold. */
interface Written {
  readonly body: Buffer | string;
  readonly access: number;
}

async function readPage(
  { db, readAs, history, pages }: PageDependencies,
  request: PageRequest,
  account: AccountAccess,
  write: WritePage,
): Promise<Written> {
  const { collection, checkpoint, limit } = request;
  const read = account.read(collection);
  const { key, scope } = read;
  const { epoch } = history.current();
  const mark = readMark(checkpoint.id);
  // A position beyond the shared history means nothing here: such a client reads everything anew.
  const isShared = checkpoint.id === '' || checkpoint.lwt <= (history.sharedUntil(mark.epoch) ?? -1);
  const position = isShared ? checkpoint.lwt : 0;
  const change = await changeFor(db, request, mark, isShared ? position : undefined, key);
  // What may have been served before is seen by the statement too: it says what to let go of.
  const reader = readAs(collection, change ? anyOf([scope, change.query.held]) : scope);
  const query = { collection, after: change ? change.reached : position, limit, scope, ...(change ? { change: change.query } : {}) };
  // All that what is written below depends on, while no row of it moves.
  const name = change ? undefined : [epoch, key, collection, request.version, position, limit].join(' ');
  const kept = name === undefined ? undefined : pages.of(name);
  if (kept) {
    const { count, sum, access } = await measureUpTo(reader, query, kept.last);
    if (count === kept.count && sum === kept.sum) return { body: kept.body, access };
  }
  const { rows, head, access } = await pageAfter(reader, query);
  const last = rows.length === limit ? rows.at(-1) : undefined;
  const reached = last?.seq ?? Math.max(position, head);
  const next: Checkpoint =
    change && last
      ? { lwt: position, id: writeMark({ epoch, scope: key, change: { from: change.from, reached } }) }
      : { lwt: reached, id: writeMark({ epoch, scope: key }) };
  const body = write({ rows, checkpoint: next, read });
  if (name !== undefined && last) pages.keep(name, { body: Buffer.from(body), last: last.seq, ...measureOf(rows) });
  return { body, access };
}

/** The body of the answer. */
export async function pullPage(dependencies: PageDependencies, request: PageRequest, write: WritePage): Promise<Buffer | string> {
  const { access } = dependencies;
  let account = await access.at(request.reach);
  for (let round = 1; ; round += 1) {
    const page = await readPage(dependencies, request, account, write);
    if (page.access <= account.version) return page.body;
    if (round === ROUNDS_MAX) throw new DatabaseFault(new Error(`the rights changed ${round} times while one page was read`));
    account = await access.at(request.reach, page.access);
  }
}
