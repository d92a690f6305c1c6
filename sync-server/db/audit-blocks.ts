/** Entries of the audit as the bytes that are sealed, and the blocks that seal them. */
import type { AuditLog, Block, BlockName } from '../audit/block.ts';
import type { Runner } from './database.ts';

/** Of columns, as bytes that no other values have: Postgres sends a row with the type and length of each. */
const bytesOf = (...columns: readonly string[]): string => `pg_catalog.record_send(row(${columns.join(', ')}))`;
const hashOf = (...columns: readonly string[]): string => `pg_catalog.sha256(${bytesOf(...columns)})`;

/** A state without its personal end. Where that was forgotten nothing may stand there, so all is hashed. */
const rest = (state: string): string =>
  `case when ${state}_whom = 0 or whom_hash is not null then convert_to(${state}, 'UTF8')
    else substr(convert_to(${state}, 'UTF8'), 1, greatest(0, octet_length(${state}) - 1 - ${state}_whom)) || '\\x7d' end`;
const end = (state: string): string =>
  `case when ${state}_whom > 0 then substr(convert_to(${state}, 'UTF8'), octet_length(${state}) - ${state}_whom) end`;
/** Of personal values and their salt; the hash itself where they are gone. */
const whoHash = (name: string): string => hashOf('who_salt', name, 'device', 'address');
const whomHash = hashOf('whom_salt', end('before'), end('after'));
/** Of the details of an event: the value of each of its personal keys, in their order. */
const only = (keys: string): string => `array(select details -> key from jsonb_array_elements_text(${keys}) key)::text`;
const eventHash = (keys: string): string => hashOf('whom_salt', only(keys));
/** That somebody was forgotten leaves nothing behind but the hash, so what stands there all the same is hashed with the rest. */
const who = (name: string): string =>
  `coalesce(who_hash, ${whoHash(name)}), case when who_hash is null then '' else concat(${name}, device, address) end`;

/**
 * The bytes of each entry from $1 to $2; $3 says which details of an event are apart. Written out here and not a function of the
 * database, whose owner could replace it.
 */
const entriesOf: Record<AuditLog, string> = {
  audit: `select e.seq, ${bytesOf(
    `'change'::text, seq, collection, id, w, kind, command, actor, request, at, device_at, reason`,
    rest('before'),
    rest('after'),
    who('actor_name'),
    `coalesce(whom_hash, case when before_whom > 0 or after_whom > 0 then ${whomHash} end)`,
  )} as bytes from audit e where e.seq between $1 and $2`,
  security_events: `select e.seq, ${bytesOf(
    `'event'::text, seq, at, kind, account_id, request, device_at, reason`,
    `case when whom_hash is null then details - array(select jsonb_array_elements_text($3::jsonb)) else details end`,
    who('account_name'),
    `coalesce(whom_hash, ${eventHash('$3::jsonb')})`,
  )} as bytes from security_events e where e.seq between $1 and $2`,
};

const valuesOf = (log: AuditLog, from: number, to: number, personal: string): readonly unknown[] =>
  log === 'audit' ? [from, to] : [from, to, personal];

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
      from (select t.seq, pg_catalog.sha256(t.bytes) as leaf from (${entriesOf[log]}) t) l`,
    values: valuesOf(log, from, to, personal),
  });
  const [all] = rows;
  if (!all) throw new Error('an aggregate answered nothing');
  return all;
}
/** What is hashed itself, for whoever does not leave the hashing to the database. */
export async function entriesBetween(
  runner: Runner,
  log: AuditLog,
  from: number,
  to: number,
  personal: string,
): Promise<{ readonly seq: number; readonly bytes: Buffer }[]> {
  return runner.rows({
    name: `entries-${log}`,
    text: `select * from (${entriesOf[log]}) t order by t.seq`,
    values: valuesOf(log, from, to, personal),
  });
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

const forgetWho = (log: AuditLog, name: string): string =>
  `update ${log} a set who_hash = ${whoHash(name)}, who_salt = null, ${name} = '', device = '', address = ''
    where ${ofAccount[log]} and who_hash is null returning seq`;
const without = (state: string): string => `${state} = convert_from(${rest(state)}, 'UTF8'), ${state}_whom = 0`;
const forgetWhom: Record<AuditLog, string> = {
  audit: `update audit a set whom_hash = ${whomHash}, whom_salt = null, ${without('before')}, ${without('after')}
    where ${ofRecord} and whom_hash is null and (before_whom > 0 or after_whom > 0) returning seq`,
  security_events: `update security_events a set whom_hash = ${eventHash('b.personal::jsonb')}, whom_salt = null,
      details = details - array(select jsonb_array_elements_text(b.personal::jsonb))
    from audit_blocks b where ${ofAccount.security_events} and whom_hash is null
      and b.log = 'security_events' and a.seq between b.from_seq and b.to_seq returning a.seq`,
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
    await change(forgetWhom.security_events, [person.account]);
  } else entries = await change(forgetWhom.audit, [person.collection, person.id]);
  for (const log of ['audit', 'security_events']) await runner.rows({ text: `revoke update on ${log} from current_user` });
  await runner.rows({ text: `select set_config('drover.forget', '', true)` });
  return { entries, events };
}
