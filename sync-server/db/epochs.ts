/** The epochs of the feed: which history devices may have seen, and how far it is still the one that is stored. */
import type { Database, Runner } from './database.ts';

export interface Epoch {
  readonly epoch: string;
  /** The feed position up to which it shares its history with the epoch before. */
  readonly startsAt: number;
}

/** Oldest first; the last one is the current. */
export async function readEpochs(runner: Runner): Promise<Epoch[]> {
  return runner.rows<Epoch>({ name: 'epochs', text: 'select epoch, starts_at_seq as "startsAt" from epoch_log order by number' });
}

/** Begins a new epoch if this is not the database, or not the life of it, that wrote the last change. */
export async function noticeRestore(runner: Runner): Promise<void> {
  await runner.rows({
    name: 'notice-restore',
    text: 'update feed_head set incarnation = incarnation where not pg_is_in_recovery() and incarnation is distinct from feed_incarnation()',
  });
}

/** Begins a new epoch because somebody says that the history is another one; answers it. */
export async function beginEpoch(db: Database, why: string): Promise<Epoch> {
  return db.transaction(async (runner) => {
    // The trigger of 0004-epochs.sql does it, as for a restore that it notices by itself.
    await runner.rows({ text: `update feed_head set incarnation = ''` });
    const rows = await runner.rows<Epoch>({
      text: 'update epoch_log set why = $1 where epoch = (select epoch from feed_head) returning epoch, starts_at_seq as "startsAt"',
      values: [why],
    });
    const begun = rows[0];
    if (!begun) throw new Error('the epoch was not written down');
    return begun;
  });
}

/** The fields by which it is decided who may see a document (access_of in 0003-sync-apply.sql). */
export type AccessState = Readonly<Record<string, unknown>>;

/** A state that a device has seen and this database has never heard of. */
export interface LostState {
  readonly id: string;
  /** What is stored of that record as of the end of the shared history, as JSON text; null for nothing. */
  readonly text: string | null;
  readonly deleted: boolean | null;
  /** Of the record as it is stored now; null for none. */
  readonly stored: AccessState | null;
}

/**
 * Of those of these records that are stored, or wait to be: by what it is decided who may see them. A new record that waits for
 * its parent is told to nobody who may not see it when it lands, so whoever holds it already has to hear of it before.
 */
export async function accessStates(runner: Runner, collection: string, ids: readonly string[]): Promise<Map<string, AccessState>> {
  const rows = await runner.rows<{ id: string; state: AccessState }>({
    name: `access-states-${collection}`,
    text: `select id, access_of(doc) as state from "${collection}" where id = any($1)
      union all select k.id, access_of(k.doc) from parked k
        where k.collection = $2 and k.id = any($1) and not exists (select from "${collection}" t where t.id = k.id)`,
    values: [ids, collection],
  });
  return new Map(rows.map(({ id, state }) => [id, state]));
}

/** Which of these states (ids and write ids in pairs) were never applied here and are not waiting either; in the order asked. */
export async function unheardOf(
  runner: Runner,
  collection: string,
  ids: readonly string[],
  ws: readonly string[],
  until: number,
): Promise<LostState[]> {
  return runner.rows<LostState>({
    name: `unheard-of-${collection}`,
    text: `select p.id, coalesce(case when t.seq <= $4 then t.doc end, past.after)::text as text,
        case when t.seq <= $4 then t.deleted else past.kind = 'delete' end as deleted,
        case when t.id is not null then access_of(t.doc) end as stored
      from unnest($1::text[], $2::text[]) with ordinality p(id, w, n)
      left join "${collection}" t on t.id = p.id
      left join lateral (
        select e.after::jsonb as after, e.kind from audit e where e.seq = (
          select max(x.seq) from applied x where x.collection = $3 and x.id = p.id and x.seq <= $4
        )
      ) past on true
      where t.w is distinct from p.w
        and not exists (select from applied a where a.collection = $3 and a.id = p.id and a.w = p.w)
        and not exists (select from parked k where k.collection = $3 and k.id = p.id and k.w = p.w)
      order by p.n`,
    values: [ids, ws, collection, until],
  });
}
