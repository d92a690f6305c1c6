/** Everything that the database holds about a person, and taking it out of what is not sealed. */
import { FORGOTTEN_MAIL } from '../../domain/protocol/admin.ts';
import { type Person, eventsNaming } from './audit-forget.ts';
import type { Runner } from './database.ts';

/** A statement over what is long answers a page: what comes after the number in its last value. */
interface About {
  readonly text: string;
  readonly by?: 'seq' | 'number';
}
const PAGE = 500;

const ofAccount: Readonly<Record<string, About>> = {
  account: { text: 'select id, email, name, role, desk_id, created_at, disabled_at from accounts where id = $1' },
  desks: { text: 'select desk_id from account_desks where account_id = $1' },
  devices: { text: 'select device, name, first_seen, last_seen, address, revoked_at, wiped_at from devices where account_id = $1' },
  sessions: { text: 'select id, device, method, created_at, seen_at, ended_at, ended_why from sessions where account_id = $1' },
  keys: {
    text: 'select name, permissions, created_at, expires_at, last_used_at, last_used_from, revoked_at from api_keys where account_id = $1',
  },
  passkeys: { text: 'select name, created_at, used_at from passkeys where account_id = $1' },
  otherSystems: { text: 'select issuer, subject, linked_at from external_identities where account_id = $1' },
  profiles: { text: `select doc, deleted from profiles where doc->>'accountId' = $1` },
  events: {
    text: `select seq, at, kind, account_name, device, address, request, device_at, reason, details from security_events
      where account_id = $1 and seq > $2`,
    by: 'seq',
  },
  entries: {
    text: `select seq, at, device_at, collection, id, command, actor_name, device, address, request, reason, before::jsonb as before,
      after::jsonb as after from audit where actor = $1 and seq > $2`,
    by: 'seq',
  },
  refused: { text: 'select number, at, collection, id, code, doc, device from refused where actor = $1 and number > $2', by: 'number' },
};
const ofRecord: Readonly<Record<string, About>> = {
  entries: {
    text: `select e.seq, e.at, e.device_at, e.command, e.actor, e.actor_name, e.reason, e.before::jsonb as before, e.after::jsonb as after
      from applied x join audit e on e.seq = x.seq where x.collection = $1 and x.id = $2 and x.seq > $3`,
    by: 'seq',
  },
  refused: { text: 'select number, at, code, doc, actor from refused where collection = $1 and id = $2 and number > $3', by: 'number' },
  waiting: { text: 'select at, doc, actor from parked where collection = $1 and id = $2' },
};

type Row = Readonly<Record<string, unknown>>;

/** Page by page, so that years of work never lie in memory at once. */
async function* rowsOf(runner: Runner, { text, by }: About, values: readonly unknown[]): AsyncGenerator<Row> {
  if (by === undefined) return yield* await runner.rows<Row>({ text, values });
  for (let after = 0, more = true; more; ) {
    const page = await runner.rows<Row>({
      text: `${text} order by ${by} limit ${PAGE}`,
      values: [...values, after],
    });
    yield* page;
    after = Number(page.at(-1)?.[by] ?? after);
    more = page.length === PAGE;
  }
}

/** By table, as stored. `collection` of a record must be one that the server knows. */
export async function* allAbout(runner: Runner, person: Person): AsyncGenerator<readonly [table: string, rows: AsyncIterable<Row>]> {
  const isAccount = 'account' in person;
  const values = isAccount ? [person.account] : [person.collection, person.id];
  for (const [name, about] of Object.entries(isAccount ? ofAccount : ofRecord)) yield [name, rowsOf(runner, about, values)];
  if (isAccount) yield ['eventsOfOthers', asStream(await eventsNaming(runner, person.account))];
  else yield ['record', rowsOf(runner, { text: `select doc, deleted from "${person.collection}" where id = $1` }, [person.id])];
}
async function* asStream(rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows;
}

/** Whether the account is there, and whether it is closed; within a transaction nobody opens it before that ends. */
export async function isDisabled(runner: Runner, account: string): Promise<boolean | undefined> {
  const rows = await runner.rows<{ disabled: boolean }>({
    text: 'select disabled_at is not null as disabled from accounts where id = $1 for update',
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
    `update accounts set name = 'Former user', email = 'forgotten-' || id || '${FORGOTTEN_MAIL}', password_hash = null where id = $1`,
  );
  await run(`update devices set name = 'Forgotten', address = '' where account_id = $1`);
  await run(`update api_keys set name = 'Forgotten', last_used_from = null where account_id = $1`);
  for (const table of ['passkeys', 'totp_secrets', 'recovery_codes', 'external_identities', 'one_time_tokens', 'letters'])
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
