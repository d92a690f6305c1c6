/** Deleted records whose time may be over, and what keeps them. */
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { Runner } from './database.ts';

export interface Tombstone {
  readonly id: string;
  readonly w: string;
  readonly doc: AnyDocument;
}
/** Deleted before this ISO instant and still with their content, in the order of their ids, after this one. */
export async function tombstones(
  runner: Runner,
  collection: string,
  { before, after, limit }: { readonly before: string; readonly after: string; readonly limit: number },
): Promise<Tombstone[]> {
  return runner.rows<Tombstone>({
    text: `select id, w, doc from "${collection}"
      where deleted and w not like 'purged:%' and doc->>'modifiedAt' < $1 and id > $2 order by id limit $3`,
    values: [before, after, limit],
  });
}

/** Those of them that a legal hold keeps: of the record itself, or of one whose id stands in it. */
export async function heldTombstones(runner: Runner, collection: string, ids: readonly string[]): Promise<string[]> {
  const rows = await runner.rows<{ id: string }>({
    text: `select t.id from "${collection}" t where t.id = any($1) and exists (select from legal_holds h where h.lifted_at is null
      and ((h.collection = $2 and h.id = t.id) or strpos(t.doc::text, '"' || h.id || '"') > 0))`,
    values: [ids, collection],
  });
  return rows.map(({ id }) => id);
}

/** Those of these ids that stand in a row which waits for another record. */
export async function awaitedIds(runner: Runner, ids: readonly string[]): Promise<string[]> {
  const rows = await runner.rows<{ id: string }>({
    text: `select i.id from unnest($1::text[]) i(id) where exists (select from parked p where strpos(p.doc::text, '"' || i.id || '"') > 0)`,
    values: [ids],
  });
  return rows.map(({ id }) => id);
}
