/** Pages of the audit, newest first, for those who may browse all of it. */
import type { AuditLine, AuditQuery } from '../../domain/protocol/audit.ts';
import type { Runner } from './database.ts';

type Log = AuditLine['log'];
/** Columns in the names of a line, and the columns that a filter looks into. */
const forms: Record<
  Log,
  { readonly columns: string; readonly account: string; readonly name: string; readonly what: string; readonly text: string }
> = {
  audit: {
    columns: `actor as who, actor_name as "whoName", command as what, collection, id, before::jsonb as before, after::jsonb as after`,
    account: 'actor',
    name: 'actor_name',
    what: 'command',
    text: `coalesce(before, '') || ' ' || after || ' ' || reason`,
  },
  security_events: {
    columns: `account_id as who, account_name as "whoName", kind as what, '' as collection, coalesce(details->>'id', '') as id, null::jsonb as before, details as after`,
    account: 'account_id',
    name: 'account_name',
    what: 'kind',
    text: `details::text || ' ' || reason`,
  },
};

const likeOf = (part: string): string => `%${part.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`;

/** Entries of one log before this position that fit; at most `limit`. */
export async function browse(runner: Runner, log: Log, query: AuditQuery, before: number, limit: number): Promise<AuditLine[]> {
  const { columns, account, name, what, text } = forms[log];
  const values: unknown[] = [before, limit];
  const conditions = ['seq < $1'];
  const add = (value: unknown, condition: (parameter: string) => string): void => {
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  if (query.who) {
    add(query.who, (own) => `(${account} = ${own} or ${name} ilike $${values.length + 1})`);
    values.push(likeOf(query.who));
  }
  if (query.device) add(likeOf(query.device), (own) => `device ilike ${own}`);
  if (query.what) add(query.what, (own) => `${what} = ${own}`);
  if (query.from) add(`${query.from}T00:00:00Z`, (own) => `at >= ${own}`);
  if (query.to) add(`${query.to}T00:00:00Z`, (own) => `at < ${own}::timestamptz + interval '1 day'`);
  if (query.text) add(likeOf(query.text), (own) => `${text} ilike ${own}`);
  if (query.id) {
    if (log === 'audit') {
      // By the key of what was applied: positions of one record are found at once, however long the audit is.
      add(query.id, (own) => `seq in (select seq from applied where id = ${own})`);
    } else add(query.id, (own) => `details->>'id' = ${own}`);
  }
  if (query.collection && log === 'audit') add(query.collection, (own) => `collection = ${own}`);
  return runner.rows<AuditLine>({
    text: `select '${log}' as log, seq, at, device_at as "deviceAt", ${columns}, device, address, request, reason
      from ${log} where ${conditions.join(' and ')} order by seq desc limit $2`,
    values,
  });
}
