/** Entries of the audit as the bytes that are sealed, and the blocks that seal them. */
import type { AuditLog, Block, BlockName } from '../audit/block.ts';
import { type Apart, type DetailPath, apartIn } from '../audit/event-details.ts';
import type { Runner } from './database.ts';

/** Of columns, as bytes that no other values have: Postgres sends a row with the type and length of each. */
const bytesOf = (...columns: readonly string[]): string => `pg_catalog.record_send(row(${columns.join(', ')}))`;
const hashOf = (...columns: readonly string[]): string => `pg_catalog.sha256(${bytesOf(...columns)})`;

/** A state without its personal end. Where that was forgotten nothing may stand there, so all is hashed. */
export const rest = (state: string): string =>
  `case when ${state}_whom = 0 or whom_hash is not null then convert_to(${state}, 'UTF8')
    else substr(convert_to(${state}, 'UTF8'), 1, greatest(0, octet_length(${state}) - 1 - ${state}_whom)) || '\\x7d' end`;
const end = (state: string): string =>
  `case when ${state}_whom > 0 then substr(convert_to(${state}, 'UTF8'), octet_length(${state}) - ${state}_whom) end`;
/** Of personal values and their salt; the hash itself where they are gone. */
export const whoHash = (name: string): string => hashOf('who_salt', name, 'device', 'address');
export const whomHash = hashOf('whom_salt', end('before'), end('after'));
/** That somebody was forgotten leaves nothing behind but the hash, so what stands there all the same is hashed with the rest. */
const who = (name: string): string =>
  `coalesce(who_hash, ${whoHash(name)}), case when who_hash is null then '' else concat(${name}, device, address) end`;

/** Bytes of each entry from $1 to $2. Written out here and not a function of the database, whose owner could replace it. */
const changes = `select e.seq, ${bytesOf(
  `'change'::text, seq, collection, id, w, kind, command, actor, request, at, device_at, reason`,
  rest('before'),
  rest('after'),
  who('actor_name'),
  `coalesce(whom_hash, case when before_whom > 0 or after_whom > 0 then ${whomHash} end)`,
)} as bytes from audit e where e.seq between $1 and $2`;

export interface OpenPaths {
  /** As parameters of the statement. */
  readonly at: readonly string[];
  readonly values: readonly DetailPath[];
  /** Over what lies there, and the salt. */
  readonly hash: string;
}
/** Paths into the details as parameters, the first of this number. */
export function openPaths(paths: readonly DetailPath[], salt: 'whom_salt' | 'named_salt', first: number): OpenPaths {
  const at = paths.map((_, i) => `$${first + i}::text[]`);
  const hash = hashOf(salt, `array[${at.map((path) => `details #> ${path}`).join(', ')}]::jsonb[]::text`);
  return { at, values: paths, hash };
}
/** The details without what lies there; a path that leads through something else than members, as only a forged one does, leads nowhere. */
export const detailsWithout = ({ at }: OpenPaths, details = 'details', unless = 'false'): string =>
  at.reduce(
    (left, path) =>
      `${left} #- case when ${unless} or jsonb_typeof(details #> (${path})[:cardinality(${path}) - 1]) <> 'object' then '{}' else ${path} end`,
    details,
  );

/** As parameters from $3 on. */
function events(apart: Apart): { readonly text: string; readonly values: readonly unknown[] } {
  const about = openPaths(apart.about, 'whom_salt', 3);
  const named = openPaths([...apart.people, ...apart.words], 'named_salt', 3 + about.at.length);
  const text = `select e.seq, ${bytesOf(
    `'event'::text, seq, at, kind, account_id, request, device_at, reason`,
    detailsWithout(named, detailsWithout(about, 'details', 'whom_hash is not null'), 'named_hash is not null'),
    who('account_name'),
    `coalesce(whom_hash, ${about.hash})`,
    // Blocks before decision 0035 know of nobody else.
    ...(named.at.length > 0 ? [`coalesce(named_hash, ${named.hash})`] : []),
  )} as bytes from security_events e where e.seq between $1 and $2`;
  return { text, values: [...about.values, ...named.values] };
}
/** `personal`: what the block says was apart. */
const entriesOf = (log: AuditLog, personal: string) => (log === 'audit' ? { text: changes, values: [] } : events(apartIn(personal)));

export interface Leaves {
  /** Hashes of the entries that are there, in order. */
  readonly leaves: Buffer;
  /** Their positions; null when each from the first to the last is there. */
  readonly seqs: readonly number[] | null;
}
export async function leavesBetween(runner: Runner, log: AuditLog, from: number, to: number, personal: string): Promise<Leaves> {
  const { text, values } = entriesOf(log, personal);
  const rows = await runner.rows<Leaves>({
    text: `select coalesce(string_agg(l.leaf, '' order by l.seq), '') as leaves,
        case when count(*) < $2::bigint - $1::bigint + 1 then coalesce(array_agg(l.seq order by l.seq), '{}')::float8[] end as seqs
      from (select t.seq, pg_catalog.sha256(t.bytes) as leaf from (${text}) t) l`,
    values: [from, to, ...values],
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
  const { text, values } = entriesOf(log, personal);
  return runner.rows({ text: `select * from (${text}) t order by t.seq`, values: [from, to, ...values] });
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
