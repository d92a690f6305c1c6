import { afterAll, beforeAll, expect, test } from 'vitest';
import { runDrover } from '../../../sync-server/cli/drover.ts';
import { type Database, openDatabase } from '../../../sync-server/db/database.ts';
import { cloneDatabase } from '../test-server.ts';

let url: string;
let db: Database;
beforeAll(async () => {
  url = await cloneDatabase();
  db = openDatabase({ url, connections: 1 });
});
afterAll(() => db.close());

async function drover(args: readonly string[], address: string | undefined = url): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: string[][] = [[], []];
  const code = await runDrover(args, {
    environment: { DATABASE_URL: address },
    out: (text) => out?.push(text),
    err: (text) => err?.push(text),
  });
  return { code, out: (out ?? []).join('\n'), err: (err ?? []).join('\n') };
}
const version = async (): Promise<number> =>
  Number((await db.rows<{ version: number }>({ text: 'select version from access_version' }))[0]?.version);

test('lists accounts with their role and desks', async () => {
  const { code, out } = await drover(['user', 'list']);
  expect(code).toBe(0);
  expect(out.split('\n')).toContain('broker@drover.example\tBlair Broker\tbroker\tdesk-main');
});

test('sets role and desks, each by itself, and everybody notices', async () => {
  const before = await version();
  const both = await drover(['user', 'set', 'Broker@drover.example', '--role', 'logistics', '--desk', 'east', '--desk', 'west']);
  expect(both).toEqual({ code: 0, out: 'broker@drover.example\tBlair Broker\tlogistics\teast west', err: '' });
  expect(await version()).toBeGreaterThan(before);
  expect((await drover(['user', 'set', 'broker@drover.example', '--role', 'broker'])).out).toContain('\tbroker\teast west');
  expect((await drover(['user', 'set', 'broker@drover.example', '--desk', 'north'])).out).toContain('\tbroker\tnorth');
});

test.each([
  [['user', 'set', 'broker@drover.example'], /--name, --role, --desk, or several/],
  [['user', 'set', 'broker@drover.example', '--role', 'king'], /There is no role "king"\. Choose one of accounting, admin, broker/],
  [['user', 'set', 'nobody@drover.example', '--role', 'broker'], /There is no account of nobody@drover\.example/],
  [['user', 'set', 'broker@drover.example', '--desk', 'a desk'], /up to 36 letters, digits/],
])('%j is refused with a way out', async (args, words) => {
  const { code, err } = await drover(args);
  expect(code).toBe(2);
  expect(err).toMatch(words);
});

test('without a database it says what to set, and one that is not there is told apart', async () => {
  expect(await drover(['user', 'list'], '')).toMatchObject({ code: 2, err: expect.stringContaining('Set DATABASE_URL') as string });
  expect((await drover(['user', 'list'], 'postgres://nobody@127.0.0.1:1/nothing')).code).toBe(4);
});
