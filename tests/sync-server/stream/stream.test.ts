import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readMark } from '../../../domain/protocol/mark.ts';
import { openDatabase } from '../../../sync-server/db/database.ts';
import { type Server, startServer } from '../../../sync-server/server.ts';
import { openLog } from '../../../sync-server/log.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { type Client, change, cloneDatabase, document, insert, openStream, openTestServer, signIn, until } from '../test-server.ts';

const logged: string[] = [];
let url: string;
let server: Server;
let second: Server;
let broker: Client;
beforeAll(async () => {
  url = await cloneDatabase();
  server = await openTestServer({
    databaseUrl: url,
    nouns: syntheticNouns,
    heartbeatMs: 50,
    log: openLog('info', { write: (line) => void logged.push(line) }),
  });
  second = await openTestServer({ databaseUrl: url, nouns: syntheticNouns });
  broker = await signIn(server);
});
afterAll(async () => {
  await server.close();
  await second.close();
});

const ALL = '/sync/stream?collections=ranches,animals,sightings';

test('one connection delivers the changes of all collections, in the order of the feed, with checkpoints', async () => {
  const stream = await openStream(broker, ALL);
  await broker.push('ranches', [insert(document('r-1', { name: 'One' })), insert(document('r-2', { name: 'Two' }))]);
  await broker.push('animals', [insert(document('a-1', { tag: '1', ranchId: 'r-1' }))]);
  await broker.push('sightings', [insert(document('s-1', { what: 'Fox' }))]);
  await until(() => stream.frames.flatMap((frame) => frame.documents).length === 4, 'four documents came');
  expect(stream.frames.flatMap((frame) => frame.documents.map((doc) => [frame.collection, doc.id]))).toEqual([
    ['ranches', 'r-1'],
    ['ranches', 'r-2'],
    ['animals', 'a-1'],
    ['sightings', 's-1'],
  ]);
  const positions = stream.frames.map((frame) => frame.checkpoint.lwt);
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
  expect(stream.frames[0]?.documents[0]?._deleted).toBe(false);
  stream.close();
});

test('the stream of one collection has the frames of RxDB Server and nothing of the others', async () => {
  const stream = await openStream(broker, '/sync/ranches/0/pullStream');
  await broker.push('sightings', [insert(document('s-2', { what: 'Owl' }))]);
  await broker.push('ranches', [insert(document('r-3', { name: 'Three' }))]);
  await until(() => stream.frames.length === 1, 'a frame came');
  expect(Object.keys(stream.frames[0] ?? {}).sort()).toEqual(['checkpoint', 'documents']);
  expect(stream.frames[0]?.documents).toMatchObject([{ id: 'r-3' }]);
  stream.close();
});

test('[SYN-1] the opening tells where each collection stands, as a pull would, and by which rights it is served', async () => {
  await broker.push('ranches', [insert(document('r-heads', { name: 'Heads' }))]);
  const before = await broker.pull('ranches', 0);
  const { epoch, scope } = readMark(before.checkpoint.id);
  await broker.push('sightings', [insert(document('s-heads', { what: 'Hen' }))]);
  const stream = await openStream(broker, ALL);
  stream.close();
  expect(stream.heads).toMatchObject({ epoch, seq: before.checkpoint.lwt + 1 });
  expect(stream.heads?.collections.get('ranches')).toEqual({ last: before.checkpoint.lwt, scope });
  expect(stream.heads?.collections.get('sightings')).toMatchObject({ last: before.checkpoint.lwt + 1 });
  expect([...(stream.heads?.collections.keys() ?? [])]).toEqual(['ranches', 'animals', 'sightings']);
  const ofOne = await openStream(broker, '/sync/ranches/0/pullStream');
  ofOne.close();
  expect(ofOne.heads).toBeUndefined();
});

test('a push to one server process reaches the streams of another at once', async () => {
  const stream = await openStream(await signIn(second), ALL);
  const from = Date.now();
  await broker.push('ranches', [insert(document('r-4', { name: 'Four' }))]);
  await until(() => stream.frames.length > 0, 'the other process delivered');
  // The poll alone would take up to a second; the notification is what makes it quick. Wide, for a busy machine.
  expect(Date.now() - from).toBeLessThan(900);
  stream.close();
});

test('a burst far beyond one page is followed to its end, each document once', async () => {
  const stream = await openStream(broker, ALL);
  const before = await broker.pullAll('sightings');
  const batches = Array.from({ length: 6 }, (_, b) =>
    Array.from({ length: 500 }, (_, i) => insert(document(`burst-${b}-${i}`, { what: 'Burst' }))),
  );
  await Promise.all(batches.map((rows) => broker.push('sightings', rows)));
  const seen = (): string[] => stream.frames.flatMap((frame) => frame.documents.map((doc) => doc.id));
  await until(() => seen().length >= 3000, '3,000 documents came');
  expect(new Set(seen()).size).toBe(3000);
  expect(seen()).toHaveLength(3000);
  expect(await broker.pullAll('sightings')).toHaveLength(before.length + 3000);
  stream.close();
});

test('a document that changes often comes in its newest state, and the stream ends at the head of the feed', async () => {
  const stream = await openStream(broker, ALL);
  let state = document('r-hot', { name: 'Hot 0' });
  await broker.push('ranches', [insert(state)]);
  for (let i = 1; i <= 30; i += 1) {
    const next = change(state, { name: `Hot ${i}` });
    await broker.push('ranches', [next]);
    state = next.newDocumentState as typeof state;
  }
  const last = () => stream.frames.at(-1)?.documents.at(-1);
  await until(() => last()?.['name'] === 'Hot 30', 'the newest state came');
  const numbers = stream.frames.flatMap((frame) => frame.documents.map((doc) => Number(String(doc['name']).slice(4))));
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  stream.close();
});

test('silence is broken by heartbeats, which carry no data', async () => {
  const stream = await openStream(broker, ALL);
  await until(() => stream.comments.filter((comment) => comment.includes('still here')).length >= 2, 'heartbeats came');
  expect(stream.frames).toEqual([]);
  stream.close();
});

test('a reader that does not read is closed instead of filling the memory', async () => {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(`GET ${ALL} HTTP/1.1\r\nHost: x\r\nAuthorization: ${broker.headers['authorization']}\r\n\r\n`);
  socket.pause();
  const isClosed = (): boolean => logged.some((line) => line.includes('slow stream closed'));
  for (let b = 0; b < 80 && !isClosed(); b += 1) {
    await broker.push(
      'sightings',
      Array.from({ length: 500 }, (_, i) => insert(document(`slow-${b}-${i}`, { what: 'x'.repeat(190) }))),
    );
  }
  await until(isClosed, 'the slow reader was closed');
  socket.destroy();
  // The others go on.
  const stream = await openStream(broker, ALL);
  await broker.push('sightings', [insert(document('s-others', { what: 'Hawk' }))]);
  await until(() => stream.frames.some((frame) => frame.documents.some((doc) => doc.id === 's-others')), 'another reader was served');
  stream.close();
}, 120_000);

test('the stream survives a broken LISTEN connection, and readiness tells the truth meanwhile', async () => {
  const stream = await openStream(broker, ALL);
  const admin = openDatabase({ url, connections: 1 });
  await admin.rows({
    text: `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'drover-listen' and datname = current_database()`,
  });
  await broker.push('ranches', [insert(document('r-after', { name: 'After' }))]);
  await until(() => stream.frames.some((frame) => frame.documents.some((doc) => doc.id === 'r-after')), 'the change came');
  await until(async () => (await broker.get('/readyz')).status === 200, 'the server is ready again');
  await admin.close();
  stream.close();
});

test('closing the server ends its streams and does not wait for them', async () => {
  const third = await startServer({ databaseUrl: url, port: 0, nouns: syntheticNouns, log: openLog('silent') });
  const stream = await openStream(await signIn(third), ALL);
  await third.close();
  // One that it had to wait for is cut off after a while, and this would fail.
  await expect(stream.ended).resolves.toBeUndefined();
});

test('a stream ends with its access token', async () => {
  const soon = await startServer({
    databaseUrl: url,
    port: 0,
    nouns: syntheticNouns,
    log: openLog('silent'),
    now: () => new Date(Date.now() - 15 * 60_000 + 1_500),
  });
  const stream = await openStream(await signIn(soon), ALL);
  let ended = false;
  void stream.ended.then(() => {
    ended = true;
  });
  await until(() => ended, 'the stream ended with its token', 8_000);
  expect(stream.frames).toEqual([]);
  await soon.close();
});
