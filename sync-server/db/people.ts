/** Everything that the database holds about a person, and taking it out of what is not sealed. */
import { type Person, eventsNaming } from './audit-forget.ts';
import type { Runner } from './database.ts';

type Rows = readonly Readonly<Record<string, unknown>>[];

const ofAccount: Readonly<Record<string, string>> = {
  account: 'select id, email, name, role, desk_id, created_at, disabled_at from accounts where id = $1',
  desks: 'select desk_id from account_desks where account_id = $1',
  devices: 'select device, name, first_seen, last_seen, address, revoked_at, wiped_at from devices where account_id = $1',
  sessions: 'select id, device, method, created_at, seen_at, ended_at, ended_why from sessions where account_id = $1',
  keys: 'select name, permissions, created_at, expires_at, last_used_at, last_used_from, revoked_at from api_keys where account_id = $1',
  passkeys: 'select name, created_at, used_at from passkeys where account_id = $1',
  otherSystems: 'select issuer, subject, linked_at from external_identities where account_id = $1',
  profiles: `select doc, deleted from profiles where doc->>'accountId' = $1`,
  events: `select seq, at, kind, account_name, device, address, request, device_at, reason, details from security_events where account_id = $1 order by seq`,
  entries: `select seq, at, device_at, collection, id, command, actor_name, device, address, request, reason, before::jsonb as before, after::jsonb as after from audit where actor = $1 order by seq`,
  refused: 'select number, at, collection, id, code, doc, device from refused where actor = $1 order by number',
};
const ofRecord: Readonly<Record<string, string>> = {
  entries: `select e.seq, e.at, e.device_at, e.command, e.actor, e.actor_name, e.reason, e.before::jsonb as before, e.after::jsonb as after
    from applied x join audit e on e.seq = x.seq where x.collection = $1 and x.id = $2 order by e.seq`,
  refused: 'select number, at, code, doc, actor from refused where collection = $1 and id = $2 order by number',
  waiting: 'select at, doc, actor from parked where collection = $1 and id = $2',
};

/** By table, as stored. `collection` of a record must be one that the server knows. */
export async function allAbout(runner: Runner, person: Person): Promise<Readonly<Record<string, Rows>>> {
  const values = 'account' in person ? [person.account] : [person.collection, person.id];
  const found: Record<string, Rows> = {};
  for (const [name, text] of Object.entries('account' in person ? ofAccount : ofRecord)) found[name] = await runner.rows({ text, values });
  if ('account' in person) found['eventsOfOthers'] = await eventsNaming(runner, person.account);
  else {
    const text = `select doc, deleted from "${person.collection}" where id = $1`;
    found['record'] = await runner.rows({ text, values: [person.id] });
  }
  return found;
}

/** Whether the account is there, and whether it is closed. */
export async function isDisabled(runner: Runner, account: string): Promise<boolean | undefined> {
  const rows = await runner.rows<{ disabled: boolean }>({
    text: 'select disabled_at is not null as disabled from accounts where id = $1',
    values: [account],
  });
  return rows[0]?.disabled;
}

/** Where the name of whoever did something stands beside the deed, and under which id; without one it goes by the name. */
const namesBeside: readonly (readonly [table: string, name: string, id?: string])[] = [
  ['refusals_closed', 'by_name', 'by_id'],
  ['refusals_handed', 'by_name', 'by_id'],
  ['refusals_handed', 'to_name', 'to_id'],
  ['legal_holds', 'placed_by'],
  ['legal_holds', 'lifted_by'],
  ['company_settings', 'changed_by'],
  ['company_options', 'changed_by'],
];

/** What stays of the account is its id, so that its entries still belong together. */
export async function stripAccount(runner: Runner, account: string): Promise<void> {
  const run = (text: string): Promise<unknown> => runner.rows({ text, values: [account] });
  for (const [table, name, id] of namesBeside)
    await run(
      `update ${table} set ${name} = 'Former user' where ${id === undefined ? `${name} = (select name from accounts where id = $1)` : `${id} = $1`}`,
    );
  await run(
    `update accounts set name = 'Former user', email = 'forgotten-' || id || '@forgotten.invalid', password_hash = null where id = $1`,
  );
  await run(`update devices set name = 'Forgotten', address = '' where account_id = $1`);
  await run(`update api_keys set name = 'Forgotten', last_used_from = null where account_id = $1`);
  for (const table of ['passkeys', 'totp_secrets', 'recovery_codes', 'external_identities', 'one_time_tokens'])
    await run(`delete from ${table} where account_id = $1`);
}

/** Contents of refused and settled rows of the record, which nobody can send again after this. */
export async function stripAside(runner: Runner, collection: string, id: string, keys: readonly string[]): Promise<void> {
  await runner.rows({
    text: 'update refused set doc = doc - $3::text[], base = base - $3::text[] where collection = $1 and id = $2',
    values: [collection, id, keys],
  });
  await runner.rows({
    text: 'update settled set doc = doc - $3::text[] where collection = $1 and id = $2',
    values: [collection, id, keys],
  });
}
