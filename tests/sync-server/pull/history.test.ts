import { afterAll, beforeAll, expect, test } from 'vitest';
import { readMark } from '../../../domain/protocol/mark.ts';
import type { LostAnswer, PullAnswer } from '../../../domain/protocol/protocol.ts';
import { beginEpoch, readEpochs } from '../../../sync-server/db/epochs.ts';
import { feedHead } from '../../../sync-server/db/feed.ts';
import type { Server } from '../../../sync-server/server.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { type Client, change, cloneDatabase, document, insert, openStream, openTestServer, signIn, until } from '../test-server.ts';

let server: Server;
let broker: Client;
beforeAll(async () => {
  server = await openTestServer({ nouns: syntheticNouns });
  broker = await signIn(server);
  await broker.push(
    'ranches',
    [1, 2, 3].map((n) => insert(document(`r-${n}`, { name: `Ranch ${n}` }))),
  );
});
afterAll(() => server.close());

const epochs = async (): Promise<string[]> => (await readEpochs(server.db)).map(({ epoch }) => epoch);
const current = async (): Promise<string> => (await feedHead(server.db)).epoch;
const ask = async (query: string): Promise<{ status: number; body: Record<string, unknown> & PullAnswer }> => {
  const response = await broker.get(`/sync/ranches/0/pull?${query}`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> & PullAnswer };
};

test('[SYN-11] a copy of a database begins an epoch of its own, and the log says where', async () => {
  const log = await readEpochs(server.db);
  expect(log.length).toBe(2);
  expect(log.at(-1)).toEqual({ epoch: await current(), startsAt: 0 });
  expect(new Set(await epochs()).size).toBe(2);
});

test('[SYN-11] a plain role can tell which database this is, and names the same', async () => {
  const seen = await server.db.transaction(async (runner) => {
    const [own] = await runner.rows<{ is: string }>({ text: 'select feed_incarnation() as is' });
    await runner.rows({ text: 'create role history_test_plain' });
    await runner.rows({ text: 'set local role history_test_plain' });
    const [plain] = await runner.rows<{ is: string }>({ text: 'select feed_incarnation() as is' });
    await runner.rows({ text: 'reset role' });
    await runner.rows({ text: 'drop role history_test_plain' });
    return [own?.is, plain?.is];
  });
  expect(seen[0]).toMatch(/^\d+\.[0-9A-F]{8}\.\d+\.\d+$/u);
  expect(seen[1]).toBe(seen[0]);
});

test('[SYN-11] a device of the current history is let through, one of another is told where the shared one ends', async () => {
  const epoch = await current();
  expect((await ask(`lwt=0&id=&history=3.${epoch}`)).status).toBe(200);
  expect(await ask('lwt=9&id=foreign&history=9.foreign')).toMatchObject({
    status: 409,
    body: { code: 'history_changed', epoch, until: 0 },
  });
  const next = await beginEpoch(server.db, 'test');
  expect(next.startsAt).toBe((await feedHead(server.db)).seq);
  await until(async () => (await ask(`lwt=0&id=&history=3.${epoch}`)).status === 409, 'the server has noticed');
  expect((await ask(`lwt=3&id=${epoch}&history=3.lost,${epoch}`)).body).toMatchObject({ epoch: next.epoch, until: next.startsAt });
  const push = await fetch(`${server.url}/sync/ranches/0/push?history=3.${epoch}`, { method: 'POST', headers: broker.headers, body: '[]' });
  expect(push.status).toBe(409);
});

test('[SYN-11] a stock client goes on within the shared history and begins anew beyond it', async () => {
  const [older = ''] = (await epochs()).slice(-2);
  const { startsAt, epoch } = (await readEpochs(server.db)).at(-1) ?? { startsAt: -1, epoch: '' };
  expect((await ask(`lwt=2&id=${older}`)).body).toMatchObject({ documents: [{ id: 'r-3' }], checkpoint: { lwt: 3, id: `${epoch}.all` } });
  expect((await ask(`lwt=${startsAt + 1}&id=${older}`)).body.documents).toHaveLength(3);
  expect((await ask('lwt=2&id=never-heard-of')).body.documents).toHaveLength(3);
});

test('[SYN-11] a position that the database never came to begins an epoch, once a minute at most', async () => {
  const before = (await epochs()).length;
  expect((await ask(`lwt=0&id=&history=999999.${await current()}`)).status).toBe(409);
  expect((await epochs()).length).toBe(before + 1);
  expect((await ask(`lwt=0&id=&history=999999.${await current()}`)).status).toBe(409);
  expect((await epochs()).length).toBe(before + 1);
});

test.each(['x', '-1.e', `1.${'e,'.repeat(40)}e`, '99999999999999999.e', "1.e' or 1=1"])(
  'a claim %j is refused as malformed',
  async (claim) => {
    expect(await ask(`history=${encodeURIComponent(claim)}`)).toMatchObject({ status: 400, body: { code: 'bad_query', field: 'history' } });
  },
);

test('[SYN-11] the server names the states that it never held, with what it had at the end of the shared history', async () => {
  const held = document('r-9', { name: 'Nine' });
  await broker.push('ranches', [insert(held)]);
  const { seq } = await feedHead(server.db);
  const stored = (await broker.pullAll('ranches')).find(({ id }) => id === 'r-9');
  if (!stored) throw new Error('r-9 is not there');
  await broker.push('ranches', [change(stored, { name: 'Nine later' })]);
  const states = [
    { id: 'r-9', w: held.w },
    { id: 'r-9', w: 'never' },
    { id: 'r-10', w: 'never' },
  ];
  const response = await fetch(`${server.url}/sync/ranches/0/known`, {
    method: 'POST',
    headers: broker.headers,
    body: JSON.stringify({ until: seq, states }),
  });
  const { lost } = (await response.json()) as LostAnswer;
  expect(Object.fromEntries(lost.map(({ id, base }) => [id, base?.['name'] ?? null]))).toEqual({ 'r-9': 'Nine', 'r-10': null });
  expect((await fetch(`${server.url}/sync/ranches/0/known`, { method: 'POST', headers: broker.headers, body: '{}' })).status).toBe(400);
  const anonymous = { 'content-type': 'application/json' };
  const unsigned = await fetch(`${server.url}/sync/ranches/0/known`, {
    method: 'POST',
    headers: anonymous,
    body: '{"until":0,"states":[]}',
  });
  expect(unsigned.status).toBe(401);
});

test('[SYN-11] lost states are named in the order in which they were asked about', async () => {
  const states = Array.from({ length: 40 }, (_, i) => ({ id: `gone-${(i * 7) % 40}`, w: 'never' }));
  const known = async (): Promise<string[]> => {
    const response = await fetch(`${server.url}/sync/ranches/0/known`, {
      method: 'POST',
      headers: broker.headers,
      body: JSON.stringify({ until: 0, states }),
    });
    return ((await response.json()) as LostAnswer).lost.map(({ id }) => id);
  };
  expect(await known()).toEqual(states.map(({ id }) => id));
});

test.each([['the older one first'], ['the newer one first']])(
  '[SYN-11] of two lost states of a record that devices give back, the newer one ends up stored: %s',
  async (order) => {
    const id = order.includes('older') ? 'lost-1' : 'lost-2';
    await broker.push('ranches', [insert(document(id, { name: 'As saved' }))]);
    const shared = (await broker.pullAll('ranches')).find((one) => one.id === id);
    if (!shared) throw new Error(`${id} is not there`);
    // Two writes, one upon the other, that only a lost history has seen.
    const older = change(shared, { name: 'Renamed later' });
    const newer = change(older.newDocumentState, { brand: id });
    const offers = [older, { ...newer, assumedMasterState: shared }];
    for (const offer of order.includes('older') ? offers : offers.toReversed()) await broker.push('ranches', [offer]);
    const stored = (await broker.pullAll('ranches')).find((one) => one.id === id);
    expect(stored).toMatchObject({ name: 'Renamed later', brand: id });
    const entries = await server.db.rows({ text: `select id from settled where id = $1 and outcome = 'clash'`, values: [id] });
    expect(entries).toEqual([]);
  },
);

test('[SYN-11] where two lost states differ in one field, the one that comes second goes back to whoever offered it', async () => {
  await broker.push('ranches', [insert(document('lost-3', { name: 'As saved' }))]);
  const shared = (await broker.pullAll('ranches')).find((one) => one.id === 'lost-3');
  if (!shared) throw new Error('lost-3 is not there');
  const older = change(shared, { name: 'First' });
  const newer = { ...change(older.newDocumentState, { name: 'Second' }), assumedMasterState: shared };
  await broker.push('ranches', [older]);
  const answers = await broker.push('ranches', [newer]);
  expect(answers).toMatchObject([{ id: 'lost-3', name: 'First' }]);
  const entries = await server.db.rows<{ outcome: string; doc: unknown }>({
    text: `select outcome, doc from settled where id = 'lost-3' and w = $1`,
    values: [newer.newDocumentState['w']],
  });
  expect(entries).toMatchObject([{ outcome: 'clash', doc: { name: 'Second' } }]);
});

test('[SYN-11] open streams end when the epoch changes, so that nobody hears of a position in an unknown history', async () => {
  const stream = await openStream(broker, '/sync/stream?collections=ranches');
  await beginEpoch(server.db, 'test');
  await stream.ended;
  const { epoch } = await feedHead(server.db);
  const again = await openStream(broker, '/sync/stream?collections=ranches');
  await broker.push('ranches', [insert(document('r-11', { name: 'Eleven' }))]);
  await until(() => again.frames.length > 0, 'the new stream speaks');
  expect(readMark(again.frames[0]?.checkpoint.id ?? '')).toEqual({ epoch, scope: 'all' });
  again.close();
});

test('[SYN-11] the first write after a restore carries the new epoch, without a server that looks first', async () => {
  const other = await openTestServer({ databaseUrl: await cloneDatabase(), nouns: syntheticNouns });
  try {
    const client = await signIn(other);
    await other.db.rows({ text: 'alter table feed_head disable trigger feed_watch' });
    await other.db.rows({ text: `update feed_head set incarnation = 'another life'` });
    await other.db.rows({ text: 'alter table feed_head enable trigger feed_watch' });
    const { epoch, seq } = await feedHead(other.db);
    await client.push('ranches', [insert(document('x-1', { name: 'First' }))]);
    expect((await feedHead(other.db)).epoch).not.toBe(epoch);
    expect((await readEpochs(other.db)).at(-1)).toMatchObject({ startsAt: seq });
  } finally {
    await other.close();
  }
});

test('[SYN-11] all who come at the moment in which the first of them shows that the database was put back are told the same', async () => {
  const bare = await openTestServer({ nouns: syntheticNouns });
  try {
    const { epoch } = await feedHead(bare.db);
    const each = await Promise.all(Array.from({ length: 6 }, async () => signIn(bare)));
    const told = await Promise.all(
      each.map(async (one) => {
        const response = await one.get(`/sync/ranches/0/pull?lwt=9&id=${epoch}&history=9.${epoch}`);
        const { epoch: now, until: shared } = (await response.json()) as Record<string, unknown>;
        return { status: response.status, now, shared };
      }),
    );
    const begun = (await readEpochs(bare.db)).at(-1);
    expect(begun?.epoch).not.toBe(epoch);
    expect(told).toEqual(each.map(() => ({ status: 409, now: begun?.epoch, shared: begun?.startsAt })));
  } finally {
    await bare.close();
  }
});
