/** Number series: blocks of devices, and which record each number was given to. The rules are in migration 0007. */
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { Lease } from '../../domain/protocol/protocol.ts';
import type { CollectedSeries, NumberForm, NumberForms } from '../../domain/record/series.ts';
import type { Runner } from './database.ts';

/** Writes down the series of this program. Prefix and width stay as they are stored. */
export async function declareSeries(runner: Runner, series: readonly CollectedSeries[]): Promise<void> {
  for (const { key, collection, field, label, prefix, width, where, except } of series) {
    await runner.rows({
      text: `insert into series (key, collection, field, label, prefix, width, applies, except_for) values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (key) do update set collection = excluded.collection, field = excluded.field, label = excluded.label,
          applies = excluded.applies, except_for = excluded.except_for`,
      values: [key, collection, field, label, prefix, width, JSON.stringify(where), except ? JSON.stringify(except) : null],
    });
  }
}

/** Until the transaction ends nobody else changes how a series is written. */
export async function lockSeries(runner: Runner): Promise<(NumberForm & { readonly key: string })[]> {
  await runner.rows({ text: 'lock table series_form in share row exclusive mode' });
  return runner.rows({ text: 'select key, prefix, width from series order by key' });
}
/** Every form that a series ever had. */
export async function allForms(runner: Runner): Promise<NumberForms> {
  const rows = await runner.rows<{ key: string; forms: NumberForm[] }>({
    text: `select series as key, jsonb_agg(jsonb_build_object('prefix', prefix, 'width', width) order by since, prefix, width) as forms
      from series_form group by series order by series`,
  });
  return Object.fromEntries(rows.map(({ key, forms }) => [key, forms]));
}
/** Writes the numbers of the series like this from now on; answers the number of a record that stands in the way, and then does nothing. */
export async function reform(runner: Runner, key: string, { prefix, width }: NumberForm): Promise<string | undefined> {
  const rows = await runner.rows<{ stands: string | null }>({
    text: 'select series_reform($1, $2, $3) as stands',
    values: [key, prefix, width],
  });
  return rows[0]?.stands ?? undefined;
}

/** What is known of one number. */
export interface Standing {
  readonly series: string;
  readonly n: number;
  /** The record that it belongs to, as `collection:id`. */
  readonly owner: string | null;
  readonly state: 'given' | 'refused' | null;
  readonly origin: 'lease' | 'server' | 'import' | 'earlier' | null;
  readonly at: string | null;
  /** As it stands on its record, where it was given to one. */
  readonly written: string | null;
  /** The device that holds the block around it. */
  readonly device: string | null;
  /** The form of that block. */
  readonly prefix: string | null;
  readonly width: number | null;
  readonly leasedAt: string | null;
  /** First number of the block that the device had not used when it last said so, and when that was. */
  readonly next: number | null;
  readonly toldAt: string | null;
  /** It, or its block, was given out before the current epoch, perhaps in a history that was lost. */
  readonly isEarlier: boolean;
  /** The counter has not come to it. */
  readonly isAhead: boolean;
}

/** The series and the numbers go in pairs. */
export async function standings(runner: Runner, series: readonly string[], numbers: readonly number[]): Promise<Standing[]> {
  return runner.rows<Standing>({
    name: 'series-standings',
    text: `select p.series, p.n, g.collection || ':' || g.id as owner, g.state, g.origin, g.at, g.written, l.device, l.prefix, l.width, l.at as "leasedAt", l.next, l.told_at as "toldAt",
        coalesce(l.first, p.n) < s.floor as "isEarlier", p.n >= s.next as "isAhead"
      from unnest($1::text[], $2::bigint[]) p(series, n)
      join lateral (select (series_now(x, clock_timestamp())).* from series x where x.key = p.series) s on true
      left join series_number g on g.series = p.series and g.n = p.n
      left join lateral (select * from series_lease_of(p.series, p.n)) l on l.device is not null`,
    values: [series, numbers],
  });
}

/** A new block of at most this size for a device; undefined when none can be given at the moment, or for a series that does not exist. */
export async function leaseOut(
  runner: Runner,
  series: string,
  size: number,
  { device, account, at }: { readonly device: string; readonly account: string; readonly at?: string },
): Promise<{ readonly first: number; readonly last: number } | undefined> {
  const rows = await runner.rows<{ first: number; last: number }>({
    name: 'series-lease-out',
    text: `select l.first, l.last from series s, series_lease_out(s.key, $2, $3, $4, coalesce($5::timestamptz, clock_timestamp())) l where s.key = $1`,
    values: [series, size, device, account, at ?? null],
  });
  return rows[0];
}

/** Notes what the device has used of its blocks. */
export async function noteUse(
  runner: Runner,
  device: string,
  holding: readonly { readonly series: string; readonly first: number; readonly next: number }[],
): Promise<void> {
  if (holding.length === 0) return;
  await runner.rows({
    name: 'series-note-use',
    text: `update series_lease l set next = greatest(l.next, least(h.next, l.last + 1)), told_at = clock_timestamp()
      from unnest($2::text[], $3::bigint[], $4::bigint[]) h(series, first, next)
      where l.device = $1 and l.series = h.series and l.first = h.first`,
    values: [device, holding.map(({ series }) => series), holding.map(({ first }) => first), holding.map(({ next }) => next)],
  });
}

/** Blocks of the device that are not used up, as far as the server knows: by what the device told and by what it sent. */
export async function openLeases(runner: Runner, device: string): Promise<Lease[]> {
  return runner.rows<Lease>({
    name: 'series-open-leases',
    text: `select l.series, l.first, l.last, greatest(l.next, coalesce(used.n, 0) + 1) as next, l.prefix, l.width
      from series_lease l
      left join lateral (select max(n) as n from series_number g where g.series = l.series and g.n between l.first and l.last) used on true
      where l.device = $1 and greatest(l.next, coalesce(used.n, 0) + 1) <= l.last order by l.series, l.first`,
    values: [device],
  });
}

export interface Unnumbered extends NumberForm {
  readonly key: string;
  readonly collection: string;
  readonly field: string;
  readonly doc: AnyDocument;
  readonly version: number;
}
/** Some stored records of a series whose number follows. */
export async function unnumbered(runner: Runner, { key, collection, field }: CollectedSeries, limit: number): Promise<Unnumbered[]> {
  return runner.rows<Unnumbered>({
    name: `series-unnumbered-${key}`,
    text: `select s.key, s.collection, s.field, s.prefix, s.width, t.doc, t.schema_version as version
      from series s join "${collection}" t on series_numbers(s, t.doc)
      where s.key = $1 and (t.doc->>'${field}') = '' and not t.deleted order by t.seq limit $2`,
    values: [key, limit],
  });
}

/** The number of a record that came without one, the same however often it is asked for; undefined when none can be given at the moment. */
export async function assignNumber(runner: Runner, key: string, collection: string, id: string): Promise<number | undefined> {
  const rows = await runner.rows<{ n: number | null }>({
    name: 'series-assign',
    text: 'select series_assign($1, $2, $3) as n',
    values: [key, collection, id],
  });
  return rows[0]?.n ?? undefined;
}

export interface SeriesSummary extends NumberForm {
  readonly key: string;
  readonly label: string;
  readonly collection: string;
  readonly field: string;
  readonly next: number;
  readonly given: number;
  readonly refused: number;
  /** Leased and given to no record as far as the server knows. */
  readonly open: number;
  readonly devices: number;
}
export async function summaries(runner: Runner): Promise<SeriesSummary[]> {
  return runner.rows<SeriesSummary>({
    text: `select s.key, s.label, s.collection, s.field, s.prefix, s.width, (series_now(s, clock_timestamp())).next as next,
        (select count(*) from series_number g where g.series = s.key and g.state = 'given') as given,
        (select count(*) from series_number g where g.series = s.key and g.state = 'refused') as refused,
        (select coalesce(sum(l.last - l.first + 1), 0)::bigint from series_lease l where l.series = s.key)
          - (select count(*) from series_number g where g.series = s.key and (series_lease_of(g.series, g.n)).device is not null) as open,
        (select count(distinct l.device) from series_lease l where l.series = s.key) as devices
      from series s order by s.key`,
  });
}

/** A stretch of numbers of one series that have the same to say of them, in order. */
export interface Stretch {
  readonly first: number;
  readonly last: number;
  /** Device of the block, null for numbers outside of all blocks. */
  readonly device: string | null;
  readonly at: string | null;
}

/** Every block of a series with the numbers that were given of it, and numbers that were given outside of all blocks. */
export async function ledgerOf(runner: Runner, key: string): Promise<{ readonly blocks: Stretch[]; readonly given: Standing[] }> {
  const blocks = await runner.rows<Stretch>({
    text: 'select first, last, device, at from series_lease where series = $1 order by first',
    values: [key],
  });
  const numbers = await runner.rows<{ n: number }>({ text: 'select n from series_number where series = $1 order by n', values: [key] });
  const given = await standings(
    runner,
    numbers.map(() => key),
    numbers.map(({ n }) => n),
  );
  return { blocks, given: given.sort((a, b) => a.n - b.n) };
}

/** The record that waits for others and bears this text in the field, as `collection:id`. */
export async function parkedWith(runner: Runner, collection: string, field: string, text: string): Promise<string | undefined> {
  const rows = await runner.rows<{ id: string }>({
    text: 'select id from parked where collection = $1 and upper(doc->>$2) = upper($3) limit 1',
    values: [collection, field, text],
  });
  return rows[0] && `${collection}:${rows[0].id}`;
}
