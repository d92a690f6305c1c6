import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { KEY_DAYS, OVERLAP_DAYS, changeOldKeys } from '../../../sync-server/auth/key-change.ts';
import { openAccessTokens } from '../../../sync-server/auth/tokens.ts';
import { type Database, openDatabase } from '../../../sync-server/db/database.ts';
import { cloneDatabase, openTestServer, signIn } from '../test-server.ts';

const DAY_MS = 86_400_000;
const start = Date.now();
const day = (days: number): Date => new Date(start + days * DAY_MS);
const user = { id: 'u-1', email: 'a@x.example', name: 'Ada', role: 'broker', deskId: 'd' } as const;
const claims = { user, session: 's-1', device: 'phone' };
let url: string;
let db: Database;
beforeAll(async () => {
  url = await cloneDatabase();
  db = openDatabase({ url });
});
afterAll(() => db.close());

const kidOf = (token: string): unknown => decodeProtectedHeader(token).kid;
const events = () => db.rows({ text: `select details from security_events where kind = 'signing_keys_changed' order by seq` });

test('a key signs for its time, then another one does, and what the old one signed counts until it has ended', async () => {
  const [here, there] = [await openAccessTokens(db), await openAccessTokens(db)];
  const before = await here.sign(claims, day(KEY_DAYS));
  expect(await changeOldKeys(db, day(KEY_DAYS - 1))).toEqual({ made: false, removed: 0 });
  expect(await events()).toEqual([]);
  // Of several processes one makes the key.
  const changes = await Promise.all([1, 2, 3].map(() => changeOldKeys(db, day(KEY_DAYS + 1))));
  expect(changes.filter(({ made }) => made)).toHaveLength(1);
  expect(await events()).toEqual([{ details: { made: true, removed: 0 } }]);
  await here.look();
  const after = await here.sign(claims, day(KEY_DAYS + 1));
  expect(kidOf(after)).not.toBe(kidOf(before));
  // A process that has not looked yet takes a token of the new key all the same, and one of the old.
  expect(await there.verify(after, day(KEY_DAYS + 1))).toMatchObject({ session: 's-1' });
  expect(await here.verify(before, day(KEY_DAYS))).toMatchObject({ session: 's-1' });
  expect(await changeOldKeys(db, day(KEY_DAYS + OVERLAP_DAYS))).toEqual({ made: false, removed: 0 });
  expect(await changeOldKeys(db, day(KEY_DAYS + OVERLAP_DAYS + 2))).toEqual({ made: false, removed: 1 });
  const later = await openAccessTokens(db);
  expect(await later.verify(before, day(KEY_DAYS))).toBeUndefined();
  expect(await later.verify(after, day(KEY_DAYS + 1))).toMatchObject({ session: 's-1' });
  expect(kidOf(await later.sign(claims, day(KEY_DAYS + 2)))).toBe(kidOf(after));
});

test('tokens that name a key that there is not are refused, and ask the database once a second at most', async () => {
  let asked = 0;
  const counting: Database = {
    ...db,
    rows: (statement) => {
      asked += 1;
      return db.rows(statement);
    },
  };
  const tokens = await openAccessTokens(counting);
  const foreign = (await (await openAccessTokens(db)).sign(claims, day(0))).split('.');
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: 'nobody' })).toString('base64url');
  const begun = asked;
  for (let i = 0; i < 200; i += 1)
    expect(await tokens.verify([header, foreign[1], `${foreign[2] ?? ''}${i}`].join('.'), day(0))).toBeUndefined();
  expect(asked - begun).toBeLessThanOrEqual(5);
});

test('a token of another process counts also in the first second of this one', async () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(500);
  onTestFinished(() => clock.mockRestore());
  const here = await openAccessTokens(db);
  expect((await changeOldKeys(db, day(2 * KEY_DAYS + 10))).made).toBe(true);
  const there = await openAccessTokens(db);
  expect(await here.verify(await there.sign(claims, day(0)), day(0))).toMatchObject({ session: 's-1' });
});

test('people who are signed in notice nothing', async () => {
  const server = await openTestServer({ databaseUrl: url });
  const broker = await signIn(server, 'broker', 'phone');
  expect((await changeOldKeys(db, day(3 * KEY_DAYS + 20))).made).toBe(true);
  expect((await broker.get('/me')).status).toBe(200);
  expect((await (await signIn(server, 'field', 'van')).get('/me')).status).toBe(200);
  await server.close();
});
