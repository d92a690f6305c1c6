import { createParser } from 'eventsource-parser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Company, usualCompany } from '../../../domain/access/company.ts';
import { orderNoun } from '../../../domain/order/order.rules.ts';
import { runDrover } from '../../../sync-server/cli/drover.ts';
import type { Server } from '../../../sync-server/server.ts';
import { post, read } from '../admin/admin-kit.ts';
import { order } from '../access/rights-kit.ts';
import { type Client, cloneDatabase, insert, openTestServer, signIn, until } from '../test-server.ts';

let url: string;
let server: Server;
let other: Server;
let admin: Client;
let field: Client;
beforeAll(async () => {
  url = await cloneDatabase();
  [server, other] = await Promise.all([openTestServer({ databaseUrl: url }), openTestServer({ databaseUrl: url })]);
  [admin, field] = await Promise.all([signIn(server, 'admin', 'office'), signIn(other, 'broker', 'phone')]);
});
afterAll(() => Promise.all([server.close(), other.close()]));

const set = (key: string, value: number) => post(admin, '/admin/settings', { key, value, reason: 'a test' });
const told = (client: Client) => read<Company>(client, '/me/company');

/** Names of the events beside the changes. */
async function hear(client: Client, path: string): Promise<{ readonly events: string[]; close(): void }> {
  const abort = new AbortController();
  const response = await fetch(client.url + path, { headers: client.headers, signal: abort.signal });
  if (response.status !== 200 || !response.body) throw new Error(`stream answered ${response.status}`);
  const events: string[] = [];
  const parser = createParser({ onEvent: ({ event, data }) => void events.push(`${event ?? ''} ${data}`) });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const listen = async (): Promise<void> => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) parser.feed(part.value);
  };
  listen().catch((error: unknown) => {
    if (!abort.signal.aborted) throw error;
  });
  return { events, close: () => abort.abort() };
}

test('is told to whoever is signed in: what rules read, and no more', async () => {
  expect(await told(field)).toEqual({ ...usualCompany, version: 1 });
  expect((await fetch(`${server.url}/me/company`)).status).toBe(401);
});

test('a change is known at once where it was made, and to listeners of every server, however it was made', async () => {
  const [own, stock] = [await hear(field, '/sync/stream?collections=parties:0'), await hear(field, '/sync/parties/0/pullStream')];
  expect((await set('case_weight_percent', 10)).status).toBe(200);
  const settings = { ...usualCompany.settings, case_weight_percent: 10 };
  expect(await told(admin)).toEqual({ ...usualCompany, version: 2, settings });
  await until(() => own.events.length === 1, 'the other server tells');
  expect(own.events).toEqual(['company {"version":2}']);
  expect(await told(field)).toEqual(await told(admin));
  const code = await runDrover(['setting', 'set', 'case_weight_percent', '12', '--reason', 'x'], {
    environment: { DATABASE_URL: url },
    out: () => undefined,
    err: () => undefined,
  });
  expect(code).toBe(0);
  await until(() => own.events.length === 2, 'the command line is heard');
  expect((await told(field)).settings.case_weight_percent).toBe(12);
  // Of a setting that only the server reads nothing is told, though the version moves.
  await set('idle_days', 20);
  await until(() => own.events.length === 3, 'the third change');
  expect(Object.keys((await told(field)).settings)).not.toContain('idle_days');
  expect(stock.events).toEqual([]);
  own.close();
  stock.close();
});

test('is not told where the same value is set again', async () => {
  const { version } = await told(admin);
  await set('idle_days', 20);
  expect((await told(admin)).version).toBe(version);
});

test('reaches the rules by which a push is judged', async () => {
  const seen: number[] = [];
  const nouns = [
    {
      ...orderNoun,
      check: (...[, , company = usualCompany]: Parameters<NonNullable<typeof orderNoun.check>>) => {
        seen.push(company.settings.margin_floor_basis_points);
        return [];
      },
    },
  ];
  const judging = await openTestServer({ databaseUrl: url, nouns });
  try {
    const client = await signIn(judging, 'admin', 'pc');
    await post(client, '/admin/settings', { key: 'margin_floor_basis_points', value: 425, reason: '' });
    await client.push('orders', [insert(order('o-1', 'desk-main'))]);
    expect(seen).toEqual([425]);
  } finally {
    await judging.close();
  }
});
