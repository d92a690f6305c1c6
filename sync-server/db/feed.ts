/** Reading the feed: pages of one collection for a pull, changes of all collections for the streams. */
import { createHash } from 'node:crypto';
import { type Scope, anyOf } from '../../domain/access/condition.ts';
import { type Parameters, parametersFrom, sqlOf } from './condition-sql.ts';
import type { Runner, Statement } from './database.ts';

export const FEED_CHANNEL = 'drover_feed';

/** A document as its stored JSON text, never parsed on the way out. */
export interface FeedRow {
  readonly seq: number;
  readonly id: string;
  /** Null where the record is to be withdrawn from whoever reads the page. */
  readonly text: string | null;
  readonly deleted: boolean;
}

export async function feedHead(runner: Runner): Promise<{ seq: number; epoch: string }> {
  const rows = await runner.rows<{ seq: number; epoch: string }>({ name: 'feed-head', text: 'select seq, epoch from feed_head' });
  const head = rows[0];
  if (!head) throw new Error('feed_head has no row; the migrations have not run');
  return head;
}

/** The newest position of each collection, and how far the whole feed has come; one snapshot. */
export interface FeedHeads {
  readonly seq: number;
  readonly epoch: string;
  readonly last: ReadonlyMap<string, number>;
}
export async function feedHeads(runner: Runner, collections: readonly string[]): Promise<FeedHeads> {
  const newest = collections.map((collection, i) => `select $${i + 1}::text as collection, (select max(seq) from "${collection}") as last`);
  const rows = await runner.rows<{ seq: number; epoch: string; collection: string; last: number | null }>({
    name: 'feed-heads',
    text: `select h.seq, h.epoch, c.collection, c.last from feed_head h, (${newest.join(' union all ')}) c`,
    values: collections,
  });
  const [first] = rows;
  if (!first) throw new Error('feed_head has no row; the migrations have not run');
  return { seq: first.seq, epoch: first.epoch, last: new Map(rows.map(({ collection, last }) => [collection, last ?? 0])) };
}

/** What a page is asked for: see pull-page.ts. */
export interface PageQuery {
  readonly collection: string;
  /** Rows after this position. */
  readonly after: number;
  readonly limit: number;
  /** What may be read now. */
  readonly scope: Scope;
  /** The rights have changed, and the device still has to learn of the difference. */
  readonly change?: {
    /** What of the documents up to `servedTo` it has for certain. */
    readonly from: Scope;
    readonly servedTo: number;
    /** What it may have been served. */
    readonly held: Scope;
  };
}
export interface Page {
  /** In feed order; at most `limit`. Fewer means that there is nothing more up to `head`. */
  readonly rows: readonly FeedRow[];
  readonly head: number;
  /** Version of the rights, of the same snapshot. */
  readonly access: number;
}

/** Named by its text: roles are data, so the shapes of the statements are not known beforehand. */
const named = (text: string, values: readonly unknown[]): Statement => ({
  name: `page-${createHash('sha256').update(text).digest('base64url').slice(0, 24)}`,
  text,
  values,
});

/** The head, then all that may belong on the page; `text` is what is read of a document. */
function pageParts({ collection, after, limit, scope, change }: PageQuery, parameters: Parameters, text: string): string {
  const [from, most] = [parameters.add(after), parameters.add(limit)];
  const may = sqlOf(scope, 't.doc', parameters);
  const documents = (where: string, read: string): string =>
    `(select t.seq, t.id, ${read}, t.deleted, null::bigint from "${collection}" t where t.seq > ${from} and ${where} order by t.seq limit ${most})`;
  const head = 'select seq, null as id, null as text, false as deleted, (select version from access_version) as access from feed_head';
  const fresh = change ? ` and (t.seq > ${parameters.add(change.servedTo)} or not ${sqlOf(change.from, 't.doc', parameters)})` : '';
  const parts = [head, documents(may + fresh, text)];
  if (scope.is !== 'all') {
    const reached = anyOf([scope, ...(change ? [change.held] : [])]);
    const lost = change ? sqlOf(change.held, 't.doc', parameters) : 'false';
    if (change) parts.push(documents(`not ${may} and ${lost}`, 'null'));
    const name = parameters.add(collection);
    const was = (row: string): string => sqlOf(reached, `${row}.before`, parameters);
    // Whoever reads does not see a record that left its scope (fence.ts); one that is there may be seen all the same.
    // The last change by which the record was lost; one that is lost by the change of rights comes from its own row.
    parts.push(
      `(select m.seq, m.id, null, true, null::bigint from access_changes m left join "${collection}" t on t.id = m.id
        where m.collection = ${name} and m.seq > ${change ? parameters.add(Math.max(after, change.servedTo)) : from}
          and (t.id is null or not ${may}) and not ${lost} and ${was('m')}
          and not exists (select from access_changes n where n.collection = ${name} and n.id = m.id and n.seq > m.seq and ${was('n')})
        order by m.seq limit ${most})`,
    );
  }
  return parts.join('\nunion all\n');
}

export async function pageAfter(runner: Runner, query: PageQuery): Promise<Page> {
  const parameters = parametersFrom([]);
  const statement = named(pageParts(query, parameters, 't.doc::text'), parameters.values);
  const found = await runner.rows<Omit<FeedRow, 'id'> & { id: string | null; access: number | null }>(statement);
  let [head, access] = [0, 0];
  const rows: FeedRow[] = [];
  for (const { access: version, id, ...row } of found) {
    if (id === null) [head, access] = [row.seq, version ?? 0];
    else rows.push({ ...row, id });
  }
  return { rows: rows.sort((a, b) => a.seq - b.seq).slice(0, query.limit), head, access };
}

/** What a page consists of, without its documents: two of one range are the same if both numbers are. */
export interface PageMeasure {
  readonly count: number;
  /** Of the positions. */
  readonly sum: number;
}
export const measureOf = (rows: readonly FeedRow[]): PageMeasure => ({
  count: rows.length,
  sum: rows.reduce((sum, { seq }) => sum + seq, 0),
});

/** Measures a page again, up to its last row: a change takes a record to the end of the feed, and nothing comes in between. */
export async function measureUpTo(runner: Runner, query: PageQuery, last: number): Promise<PageMeasure & { readonly access: number }> {
  const parameters = parametersFrom([]);
  const parts = pageParts(query, parameters, 'null');
  const within = `filter (where id is not null and seq <= ${parameters.add(last)})`;
  const text = `select count(*) ${within} as count, coalesce(sum(seq) ${within}, 0)::bigint as sum, max(access) as access from (${parts}) page`;
  const [found] = await runner.rows<PageMeasure & { access: number }>(named(text, parameters.values));
  if (!found) throw new Error('a measure has no row');
  return found;
}

export interface Change {
  readonly seq: number;
  readonly collection: string;
  readonly id: string;
  readonly text: string;
  readonly deleted: boolean;
  /** False where the document has changed again since: it comes once more, at its newest position. */
  readonly current: boolean;
  /** The access fields before, where this change moved them. */
  readonly before: Readonly<Record<string, unknown>> | null;
}
export interface Progress {
  /** Changes up to `seq`, each document once at its newest position, and those that moved it for some readers, in feed order. */
  readonly changes: readonly Change[];
  readonly seq: number;
  /** The page was full: ask again. */
  readonly more: boolean;
  /** Version of the rights, of the same snapshot. */
  readonly access: number;
}

/**
 * The next changes of the whole company. The audit is dense, so nothing is missed; a document that has changed again since
 * is left out here and comes at its later position, which is still ahead. One statement, so one snapshot.
 */
export async function changesAfter(runner: Runner, collections: readonly string[], after: number, limit: number): Promise<Progress> {
  const branches = collections.map(
    (collection, i) =>
      `select p.seq, $${i + 3}::text as collection, t.id, t.doc::text as text, t.deleted, t.seq = p.seq as current, m.before
        from page p join "${collection}" t on t.id = p.id left join access_changes m on m.seq = p.seq
        where p.collection = $${i + 3} and (t.seq = p.seq or m.seq is not null)`,
  );
  const rows = await runner.rows<Omit<Change, 'collection'> & { collection: string | null }>({
    name: 'changes-after',
    text: `with page as materialized (select seq, collection, id from audit where seq > $1 order by seq limit $2)
      ${[
        `select coalesce(max(seq), 0) as seq, null as collection, (select version from access_version)::text as id, count(*)::text as text,
          false as deleted, false as current, null::jsonb as before from page`,
        ...branches,
      ].join('\nunion all ')}
      order by 1`,
    values: [after, limit, ...collections],
  });
  const end = rows.find((row) => row.collection === null);
  const changes = rows.filter((row): row is Change => row.collection !== null);
  return { changes, seq: Math.max(after, end?.seq ?? 0), more: Number(end?.text ?? 0) >= limit, access: Number(end?.id ?? 0) };
}

/** Until the transaction ends nobody else changes a document: for the few that read first and write what follows from it. */
export async function lockFeed(runner: Runner): Promise<void> {
  await runner.rows({ text: `set local lock_timeout = '5s'` });
  await runner.rows({ text: 'select from feed_head for update' });
}

/** Wakes the other server processes. Runs outside any transaction, because a NOTIFY makes commits wait for each other. */
export async function announce(runner: Runner): Promise<void> {
  await runner.rows({ name: 'announce', text: `select pg_notify('${FEED_CHANNEL}', '')` });
}

/** A document's JSON text with `_deleted` added, as it goes over the wire. */
export const wireText = ({ text, deleted }: { text: string; deleted: boolean }): string =>
  text === '{}' ? `{"_deleted":${deleted}}` : `${text.slice(0, -1)},"_deleted":${deleted}}`;
