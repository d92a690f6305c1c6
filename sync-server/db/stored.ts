/** What the push must know before it decides: stored states, earlier applications, parked rows, references, unique values. */
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { Origin } from './apply.ts';
import type { Runner } from './database.ts';

export interface Stored {
  readonly w: string;
  readonly deleted: boolean;
  readonly doc: AnyDocument;
}
export interface Parked extends Stored {
  readonly collection: string;
  readonly id: string;
  readonly base: AnyDocument | null;
  readonly version: number;
  readonly wants: readonly string[];
  readonly actor: string;
  readonly device: string;
  readonly origin: Origin;
}
/** `seq`: its position in the feed. */
export interface Sighted extends Stored {
  readonly seq: number;
}
export interface Sighting {
  readonly stored: ReadonlyMap<string, Sighted>;
  /** By `id w`: what a write id was applied as. */
  readonly applied: ReadonlyMap<string, Stored>;
  readonly parked: ReadonlyMap<string, Parked>;
  /** By `id w`: digests of writes that were refused or settled otherwise. */
  readonly settled: ReadonlyMap<string, readonly string[]>;
  /** Any row is parked in any collection. */
  readonly anyParked: boolean;
  /** Version of the rights, of the same snapshot. */
  readonly access: number;
}

/** How many refusals, and how many other outcomes, of one write id are looked at: clients that change it have one. */
export const OUTCOMES_MAX = 20;
const parkedColumns = 'collection, id, w, doc, deleted, base, schema_version as version, wants, actor, device, origin';

interface SightRow {
  readonly what: 'stored' | 'applied' | 'parked' | 'settled' | 'any' | 'access';
  readonly id: string | null;
  readonly w: string | null;
  readonly deleted: boolean | null;
  readonly doc: AnyDocument | null;
  /** Of what is stored its position, of what was settled its digest, of the rights their version. */
  readonly said: string | null;
}

/** No text of the database holds a NUL, so what has one is found nowhere; asked for as it is, it would fail the whole query. */
const searchable = (text: string): string => text.replaceAll('\0', '\uFFFD');

/**
 * Reads all that is known of these ids and write ids; the two arrays go in pairs. The limit, which changes nothing, keeps
 * a plan made while the audit was empty from going the other way round: from every entry to every pair.
 */
export async function sight(runner: Runner, collection: string, ids: readonly string[], ws: readonly string[]): Promise<Sighting> {
  const rows = await runner.rows<SightRow>({
    name: `sight-${collection}`,
    text: `select 'stored' as what, id, w, deleted, doc, seq::text as said from "${collection}" where id = any($1)
      union all
      select 'applied', p.id, p.w, a.deleted, a.after, null from unnest($1::text[], $2::text[]) p(id, w)
        cross join lateral (
          select e.kind = 'delete' as deleted, e.after::jsonb as after from applied x join audit e on e.seq = x.seq
          where x.collection = $3 and x.id = p.id and x.w = p.w limit 1
        ) a
      union all
      select 'settled', p.id, p.w, null, null, s.digest from unnest($1::text[], $2::text[]) p(id, w)
        cross join lateral (
          (select digest from settled where collection = $3 and id = p.id and w = p.w limit ${OUTCOMES_MAX})
          union all
          (select digest from refused where collection = $3 and id = p.id and w = p.w limit ${OUTCOMES_MAX})
        ) s
      union all
      select 'parked', id, null, null, null, null from parked where collection = $3 and id = any($1)
      union all
      select 'any', null, null, null, null, null where exists (select from parked)
      union all
      select 'access', null, null, null, null, version::text from access_version`,
    values: [ids.map(searchable), ws.map(searchable), collection],
  });
  const stored = new Map<string, Sighted>();
  const applied = new Map<string, Stored>();
  const settled = new Map<string, string[]>();
  const waiting: string[] = [];
  for (const { what, id, w, deleted, doc, said } of rows) {
    if (id === null) continue;
    if (what === 'parked') waiting.push(id);
    if (what === 'settled' && said !== null) settled.set(`${id} ${w}`, [...(settled.get(`${id} ${w}`) ?? []), said]);
    if (w === null || deleted === null || doc === null) continue;
    if (what === 'stored') stored.set(id, { w, deleted, doc, seq: Number(said) });
    else applied.set(`${id} ${w}`, { w, deleted, doc });
  }
  const parked = waiting.length === 0 ? [] : await parkedByIds(runner, collection, waiting);
  const anyParked = rows.some((row) => row.what === 'any');
  const access = Number(rows.find((row) => row.what === 'access')?.said);
  return { stored, applied, settled, parked: new Map(parked.map((row) => [row.id, row])), anyParked, access };
}

/** A look at the rights alone, of which nothing is known of any record: for rows that are written only while nothing is. */
export async function glance(runner: Runner): Promise<Sighting> {
  const [row] = await runner.rows<Pick<Sighting, 'anyParked' | 'access'>>({
    name: 'glance',
    text: 'select version::float8 as access, exists (select from parked) as "anyParked" from access_version',
  });
  if (!row) throw new Error('the rights have no version');
  return { stored: new Map(), applied: new Map(), settled: new Map(), parked: new Map(), ...row };
}

async function parkedByIds(runner: Runner, collection: string, ids: readonly string[]): Promise<Parked[]> {
  return runner.rows<Parked>({
    text: `select ${parkedColumns} from parked where collection = $1 and id = any($2)`,
    values: [collection, ids],
  });
}

/** Parked rows that wait for one of these (`collection:id`), or that are one of them; those that came first are landed first. */
export async function parkedAround(runner: Runner, keys: readonly string[]): Promise<Parked[]> {
  return runner.rows<Parked>({
    text: `select ${parkedColumns} from parked where wants && $1 or (collection || ':' || id) = any($1) order by at, collection, id`,
    values: [keys],
  });
}

/** Some parked rows after this key, in the order of collection and id, to try them again. */
export async function parkedAfter(runner: Runner, after: string, limit: number): Promise<Parked[]> {
  return runner.rows<Parked>({
    text: `select ${parkedColumns} from parked where (collection || ':' || id) > $1 order by collection || ':' || id limit $2`,
    values: [after, limit],
  });
}

/** Some rows that have been parked since before this ISO instant, the oldest first. */
export async function parkedBefore(runner: Runner, at: string, limit: number): Promise<Parked[]> {
  return runner.rows<Parked>({
    text: `select ${parkedColumns} from parked where at < $1 order by at, collection, id limit $2`,
    values: [at, limit],
  });
}

/** What is stored under these ids, tombstones included. */
export async function storedStates(runner: Runner, collection: string, ids: readonly string[]): Promise<Map<string, Stored>> {
  const rows = await runner.rows<Stored & { readonly id: string }>({
    text: `select id, w, deleted, doc from "${collection}" where id = any($1)`,
    values: [ids],
  });
  return new Map(rows.map(({ id, ...state }) => [id, state]));
}

/** Which of these records exist, as `collection:id`. Tombstones count: what they hold can still be looked up and restored. */
export async function existing(runner: Runner, wanted: ReadonlyMap<string, ReadonlySet<string>>): Promise<Set<string>> {
  const found = new Set<string>();
  await Promise.all(
    [...wanted].map(async ([collection, ids]) => {
      const rows = await runner.rows<{ id: string }>({
        name: `existing-${collection}`,
        text: `select id from "${collection}" where id = any($1)`,
        values: [[...ids]],
      });
      for (const { id } of rows) found.add(`${collection}:${id}`);
    }),
  );
  return found;
}

/** Live documents that hold one of these values in a unique column: value -> id. */
export async function holders(runner: Runner, collection: string, column: string, values: readonly string[]): Promise<Map<string, string>> {
  const rows = await runner.rows<{ id: string; value: string }>({
    name: `holders-${collection}-${column}`,
    text: `select id, "${column}" as value from "${collection}" where "${column}" = any($1) and not deleted`,
    values: [values],
  });
  return new Map(rows.map(({ id, value }) => [value, id]));
}
