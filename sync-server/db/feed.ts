/** Reading the feed: pages of one collection for a pull, changes of all collections for the streams. */
import type { Runner } from './database.ts';

export const FEED_CHANNEL = 'drover_feed';

/** A document as its stored JSON text, never parsed on the way out. */
export interface FeedRow {
  readonly seq: number;
  readonly text: string;
  readonly deleted: boolean;
}
export interface Change extends FeedRow {
  readonly collection: string;
}

export async function feedHead(runner: Runner): Promise<{ seq: number; epoch: string }> {
  const rows = await runner.rows<{ seq: number; epoch: string }>({ name: 'feed-head', text: 'select seq, epoch from feed_head' });
  const head = rows[0];
  if (!head) throw new Error('feed_head has no row; the migrations have not run');
  return head;
}

/** Documents of a collection after a position, in feed order. A page shorter than `limit` means there is nothing more now. */
export async function pageAfter(runner: Runner, collection: string, after: number, limit: number): Promise<FeedRow[]> {
  return runner.rows<FeedRow>({
    name: `page-${collection}`,
    text: `select seq, doc::text as text, deleted from "${collection}" where seq > $1 order by seq limit $2`,
    values: [after, limit],
  });
}

export interface Progress {
  /** Changes up to `seq`, each document once at its newest position, in feed order. */
  readonly changes: readonly Change[];
  readonly seq: number;
  /** The page was full: ask again. */
  readonly more: boolean;
}

/**
 * The next changes of the whole company. The audit is dense, so nothing is missed; a document that has changed again since
 * is left out here and comes at its later position, which is still ahead. One statement, so one snapshot.
 */
export async function changesAfter(runner: Runner, collections: readonly string[], after: number, limit: number): Promise<Progress> {
  const branches = collections.map(
    (collection, i) =>
      `select p.seq, $${i + 3}::text as collection, t.doc::text as text, t.deleted from page p join "${collection}" t on t.id = p.id and t.seq = p.seq where p.collection = $${i + 3}`,
  );
  const rows = await runner.rows<{ seq: number; collection: string | null; text: string; deleted: boolean }>({
    name: 'changes-after',
    text: `with page as materialized (select seq, collection, id from audit where seq > $1 order by seq limit $2)
      ${['select coalesce(max(seq), 0) as seq, null as collection, count(*)::text as text, false as deleted from page', ...branches].join('\nunion all ')}
      order by 1`,
    values: [after, limit, ...collections],
  });
  const end = rows.find((row) => row.collection === null);
  const changes = rows.filter((row): row is Change => row.collection !== null);
  return { changes, seq: Math.max(after, end?.seq ?? 0), more: Number(end?.text ?? 0) >= limit };
}

/** Wakes the other server processes. Runs outside any transaction, because a NOTIFY makes commits wait for each other. */
export async function announce(runner: Runner): Promise<void> {
  await runner.rows({ name: 'announce', text: `select pg_notify('${FEED_CHANNEL}', '')` });
}

/** A document's JSON text with `_deleted` added, as it goes over the wire. */
export const wireText = ({ text, deleted }: { text: string; deleted: boolean }): string =>
  text === '{}' ? `{"_deleted":${deleted}}` : `${text.slice(0, -1)},"_deleted":${deleted}}`;
