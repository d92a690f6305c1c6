/** Entries of the audit as the texts that are sealed, and the blocks that seal them. */
import type { AuditLog, Block, BlockName } from '../audit/block.ts';
import type { Runner } from './database.ts';

const micros = (column: string): string => `(extract(epoch from ${column}) * 1000000)::bigint`;
/** What of a document is personal: the value of each of its keys, in their order. Looked up, which costs a tenth of cutting it out. */
const only = (document: string, keys = 'k.keys'): string =>
  `case when ${document} is not null then array(select ${document} -> x from unnest(${keys}) x)::text end`;
const hashed = (values: string): string => `pg_catalog.sha256(convert_to(json_build_array(${values})::text, 'UTF8'))`;
/** Of the personal values and their salt, or that hash itself where the values are gone. */
const hashes = (who: string, whom: string): string => `encode(coalesce(who_hash, ${hashed(`who_salt, ${who}, device, address`)}), 'hex'),
  case when k.keys is not null then encode(coalesce(whom_hash, ${hashed(`whom_salt, ${whom}`)}), 'hex') end`;
const rest = (document: string): string => `${document} - coalesce(k.keys, '{}')`;

/**
 * The text of each entry from $1 to $2 with the personal fields of $3 apart. Written out here and not a function of the
 * database, whose owner could replace it. JSON, so that no two entries have the same text.
 */
const textsOf = (
  log: AuditLog,
  collection: string,
  text: string,
): string => `select e.seq, json_build_array(${text})::text as text from ${log} e
  left join (select key as of, array(select jsonb_array_elements_text(value)) as keys from jsonb_each($3::jsonb)) k on k.of = ${collection}
  where e.seq between $1 and $2`;
const texts: Record<AuditLog, string> = {
  audit: textsOf(
    'audit',
    'e.collection',
    `'change', seq, collection, id, w, kind, command, actor, request, ${micros('at')}, ${micros('device_at')}, reason,
      ${rest('before')}, ${rest('after')}, ${hashes('actor_name', `${only('before')}, ${only('after')}`)}`,
  ),
  security_events: textsOf(
    'security_events',
    `'security_events'`,
    `'event', seq, ${micros('at')}, kind, account_id, request, ${micros('device_at')}, reason, ${rest('details')}, ${hashes('account_name', only('details'))}`,
  ),
};

export interface Leaves {
  /** Hashes of the entries that are there, in order. */
  readonly leaves: Buffer;
  /** Their positions; null when each from the first to the last is there. */
  readonly seqs: readonly number[] | null;
}
export async function leavesBetween(runner: Runner, log: AuditLog, from: number, to: number, personal: string): Promise<Leaves> {
  const rows = await runner.rows<Leaves>({
    name: `leaves-${log}`,
    text: `select coalesce(string_agg(l.leaf, '' order by l.seq), '') as leaves,
        case when count(*) < $2::bigint - $1::bigint + 1 then coalesce(array_agg(l.seq order by l.seq), '{}')::float8[] end as seqs
      from (select t.seq, pg_catalog.sha256(convert_to(t.text, 'UTF8')) as leaf from (${texts[log]}) t) l`,
    values: [from, to, personal],
  });
  const [all] = rows;
  if (!all) throw new Error('an aggregate answered nothing');
  return all;
}
/** The texts themselves, for whoever does not leave the hashing to the database. */
export async function textsBetween(
  runner: Runner,
  log: AuditLog,
  from: number,
  to: number,
  personal: string,
): Promise<{ readonly seq: number; readonly text: string }[]> {
  return runner.rows({ name: `texts-${log}`, text: `select * from (${texts[log]}) t order by t.seq`, values: [from, to, personal] });
}

const name = 'number, hash, sealed_at as "sealedAt"';
const columns = `${name}, log, from_seq as "from", to_seq as "to", seqs::float8[] as seqs, leaves, personal, previous, key, signature`;

export async function lastBlock(runner: Runner): Promise<BlockName | undefined> {
  return (await runner.rows<BlockName>({ name: 'last-block', text: `select ${name} from audit_blocks order by number desc limit 1` }))[0];
}
export async function blockAt(runner: Runner, number: number): Promise<BlockName | undefined> {
  const text = `select ${name} from audit_blocks where number = $1`;
  return (await runner.rows<BlockName>({ name: 'block-at', text, values: [number] }))[0];
}
export async function blocksAfter(runner: Runner, number: number, limit: number): Promise<Block[]> {
  return runner.rows<Block>({
    name: 'blocks-after',
    text: `select ${columns} from audit_blocks where number > $1 order by number limit $2`,
    values: [number, limit],
  });
}
export async function addBlock(runner: Runner, block: Block): Promise<void> {
  const { number, log, from, to, seqs, leaves, personal, sealedAt, previous, hash, key, signature } = block;
  await runner.rows({
    name: 'add-block',
    text: `insert into audit_blocks (number, log, from_seq, to_seq, seqs, leaves, personal, sealed_at, previous, hash, key, signature)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    values: [number, log, from, to, seqs, leaves, personal, sealedAt, previous, hash, key, signature],
  });
}
export async function sealedUpTo(runner: Runner, log: AuditLog): Promise<number> {
  const rows = await runner.rows<{ seq: number }>({
    name: 'sealed-up-to',
    text: 'select coalesce(max(to_seq), 0) as seq from audit_blocks where log = $1',
    values: [log],
  });
  return rows[0]?.seq ?? 0;
}

/** Held until the end of the transaction; false when another process holds it. */
export async function takeSealTurn(runner: Runner): Promise<boolean> {
  const rows = await runner.rows<{ mine: boolean }>({ text: 'select pg_try_advisory_xact_lock(8790009) as mine' });
  return rows[0]?.mine === true;
}

export async function lastEvent(runner: Runner): Promise<number> {
  const rows = await runner.rows<{ seq: number }>({ name: 'last-event', text: 'select coalesce(max(seq), 0) as seq from security_events' });
  return rows[0]?.seq ?? 0;
}
/**
 * Waits until no transaction is open that has written an event, so that no number up to the answer comes later: numbers are
 * taken after this lock. Its own transaction, because those who write wait meanwhile.
 */
export const SETTLE_EVENTS = [`set local lock_timeout = '1s'`, 'select pg_advisory_xact_lock(8790010)'] as const;

/** Begins the month's partitions where they are due. */
export async function turnMonths(runner: Runner): Promise<void> {
  await runner.rows({
    name: 'turn-months',
    text: `select audit_turn(m.log) from (select log, max(month) as month from audit_months group by log) m where m.month < audit_month()`,
  });
}

/** Entries of whom: those that an account made (and events about it), or those that tell of one record. */
export type Person = { readonly account: string } | { readonly collection: string; readonly id: string };

/** Which entries, of $1 (and $2), and what of them goes. */
const ofAccount: Record<AuditLog, string> = { audit: 'a.actor = $1', security_events: 'a.account_id = $1' };
const ofRecord = 'a.seq in (select x.seq from applied x where x.collection = $1 and x.id = $2)';
const sealedBy = (log: AuditLog, collection: string, which: string): string =>
  `select a.seq, array(select jsonb_array_elements_text(b.personal::jsonb -> ${collection})) as keys
    from ${log} a join audit_blocks b on b.log = '${log}' and a.seq between b.from_seq and b.to_seq where ${which}`;

const forgetWho = (log: AuditLog, name: string): string =>
  `update ${log} e set who_hash = ${hashed(`who_salt, ${name}, device, address`)}, who_salt = null, ${name} = '', device = '', address = ''
    from (${sealedBy(log, log === 'audit' ? 'a.collection' : `'security_events'`, ofAccount[log])}) s where e.seq = s.seq and e.who_hash is null returning e.seq`;
const forgetWhom = (log: AuditLog, which: string): string => {
  const documents = log === 'audit' ? ['before', 'after'] : ['details'];
  const hash = hashed(`whom_salt, ${documents.map((document) => only(document, 's.keys')).join(', ')}`);
  const gone = documents.map((document) => `${document} = ${document} - s.keys`).join(', ');
  return `update ${log} e set whom_hash = ${hash}, whom_salt = null, ${gone}
    from (${sealedBy(log, log === 'audit' ? 'a.collection' : `'security_events'`, which)}) s
    where e.seq = s.seq and e.whom_hash is null and cardinality(s.keys) > 0 returning e.seq`;
};

/** Entries of this person that no block covers yet: they cannot be forgotten before they are sealed. */
export async function unsealedOf(runner: Runner, person: Person): Promise<number> {
  const logs = 'account' in person ? (['audit', 'security_events'] as const) : (['audit'] as const);
  let count = 0;
  for (const log of logs) {
    const rows = await runner.rows<{ count: number }>({
      text: `select count(*) as count from ${log} a where ${'account' in person ? ofAccount[log] : ofRecord}
        and a.seq > (select coalesce(max(to_seq), 0) from audit_blocks where log = '${log}')`,
      values: 'account' in person ? [person.account] : [person.collection, person.id],
    });
    count += rows[0]?.count ?? 0;
  }
  return count;
}

/**
 * Takes the personal values out of sealed entries; their hashes stay. Within a transaction: the right to change entries is
 * taken back at its end, and a superuser's trigger looks whether this is what happens.
 */
export async function forgetEntries(runner: Runner, person: Person): Promise<{ readonly entries: number; readonly events: number }> {
  const change = async (text: string, values: readonly unknown[]): Promise<number> => (await runner.rows({ text, values })).length;
  await runner.rows({ text: `select set_config('drover.forget', 'yes', true)` });
  for (const log of ['audit', 'security_events']) await runner.rows({ text: `grant update on ${log} to current_user` });
  let [entries, events] = [0, 0];
  if ('account' in person) {
    entries = await change(forgetWho('audit', 'actor_name'), [person.account]);
    events = await change(forgetWho('security_events', 'account_name'), [person.account]);
    await change(forgetWhom('security_events', ofAccount.security_events), [person.account]);
  } else entries = await change(forgetWhom('audit', ofRecord), [person.collection, person.id]);
  for (const log of ['audit', 'security_events']) await runner.rows({ text: `revoke update on ${log} from current_user` });
  await runner.rows({ text: `select set_config('drover.forget', '', true)` });
  return { entries, events };
}
