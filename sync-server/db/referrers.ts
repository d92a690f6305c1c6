/** Which records are pointed at, and by what. */
import { type Entity, allFields } from '../../domain/entity/entity.ts';
import { snake } from '../../domain/entity/postgres.ts';
import type { Pointer } from '../../domain/record/pointers.ts';
import type { Runner } from './database.ts';

/** The values of a pointer, one a row, as `p(id)`. A reference of the record itself has a column, and often an index. */
function valuesAt(entity: Entity, [key, inLine]: Pointer): string {
  if (inLine === undefined && allFields(entity)[key]?.kind === 'ref') return `(values (t."${snake(key)}")) p(id)`;
  // A lax path takes a single value for a list of one.
  const path = `$."${key}"[*]${inLine === undefined ? '' : `."${inLine}"[*]`}`;
  return `jsonb_array_elements_text(jsonb_path_query_array(t.doc, '${path}')) p(id)`;
}

export interface Referrer {
  /** The record that is pointed at. */
  readonly id: string;
  /** What one of those that point at it is called. */
  readonly title: string | null;
}
/**
 * Those of these ids at which records of the entity point. `live`: only records that are not deleted count; `since`: only those that
 * were written after this position of the feed.
 */
export async function referrers(
  runner: Runner,
  entity: Entity,
  pointers: readonly Pointer[],
  ids: readonly string[],
  { live, since = 0 }: { readonly live: boolean; readonly since?: number },
): Promise<Referrer[]> {
  const parts = pointers.map(
    (pointer) =>
      `select p.id, t.doc->>'${entity.title}' as title from "${entity.collection}" t cross join lateral ${valuesAt(entity, pointer)}
        where p.id = any($1) and p.id <> t.id and t.seq > $2 ${live ? 'and not t.deleted' : ''}`,
  );
  return runner.rows<Referrer>({
    text: `select id, min(title) as title from (${parts.join(' union all ')}) pointed group by id`,
    values: [ids, since],
  });
}
