/** Desks: their names, and who belongs to them. */
import type { DeskLine } from '../../domain/protocol/admin.ts';
import type { Runner } from './database.ts';

/** All, by name; members are accounts that are not disabled. */
export async function listDesks(runner: Runner, only?: string): Promise<DeskLine[]> {
  return runner.rows<DeskLine>({
    text: `select k.id, k.name, k.closed_at as "closedAt",
        coalesce((select jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name, 'home', a.desk_id = k.id) order by lower(a.name), a.id)
          from accounts a where a.disabled_at is null
            and (a.desk_id = k.id or exists (select from account_desks d where d.account_id = a.id and d.desk_id = k.id))), '[]') as members
      from desks k where $1::text is null or k.id = $1 order by k.closed_at is not null, lower(k.name), k.id`,
    values: [only ?? null],
  });
}
/** Those of the ids that are no open desk. */
export async function notOpenDesks(runner: Runner, ids: readonly string[]): Promise<string[]> {
  const rows = await runner.rows<{ id: string }>({
    text: 'select id from unnest($1::text[]) id where not exists (select from desks d where d.id = id.id and d.closed_at is null)',
    values: [ids],
  });
  return rows.map(({ id }) => id);
}
/** Answers false when there is a desk of this id. */
export async function addDesk(runner: Runner, id: string, name: string): Promise<boolean> {
  const rows = await runner.rows({
    text: 'insert into desks (id, name) values ($1, $2) on conflict do nothing returning id',
    values: [id, name],
  });
  return rows.length > 0;
}
export async function putDesk(runner: Runner, id: string, name: string, closedAt: string | null): Promise<void> {
  await runner.rows({ text: 'update desks set name = $2, closed_at = $3 where id = $1', values: [id, name, closedAt] });
}
/** Until the transaction ends, so that nobody comes to a desk while it closes. */
export const lockDesks = (runner: Runner): Promise<unknown[]> => runner.rows({ text: 'lock table desks in share row exclusive mode' });
