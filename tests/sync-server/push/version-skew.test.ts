/** A server one version ahead of some of its devices. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WireDocument } from '../../../domain/protocol/protocol.ts';
import type { Server } from '../../../sync-server/server.ts';
import { pen0, pen1, pen2 } from '../../domain/pens.ts';
import {
  type Client,
  type OpenStream,
  change,
  cloneDatabase,
  document,
  insert,
  openStream,
  openTestServer,
  signIn,
  until,
} from '../test-server.ts';

let server: Server;
let broker: Client;
beforeAll(async () => {
  const databaseUrl = await cloneDatabase();
  const first = await openTestServer({ databaseUrl, nouns: [{ entity: pen0 }] });
  const before = await signIn(first);
  await before.push('pens', [insert(document('old-1', { name: 'From before' }))]);
  await first.close();
  server = await openTestServer({ databaseUrl, nouns: [{ entity: pen1 }] });
  broker = await signIn(server);
});
afterAll(() => server.close());

const pull = async (version: number): Promise<WireDocument[]> => {
  const response = await broker.get(`/sync/pens/${version}/pull?lwt=0&id=&limit=1000`);
  expect(response.status).toBe(200);
  return ((await response.json()) as { documents: WireDocument[] }).documents;
};
const at = async (version: number, id: string): Promise<WireDocument> => {
  const found = (await pull(version)).find((one) => one.id === id);
  if (!found) throw new Error(`${id} is not there`);
  return found;
};
const auditCount = async (id: string): Promise<number> => (await broker.audit('pens', id)).length;
const newer = { grade: 'a', isShaded: true, tags: ['north', 'creek'] };

test('[SYN-10] an older device is sent what it knows, a newer one everything', async () => {
  await broker.push('pens', [insert(document('p-1', { name: 'One', ...newer }))], 1);
  expect(await at(1, 'p-1')).toMatchObject({ name: 'One', ...newer });
  const sent = await at(0, 'p-1');
  expect(sent).toMatchObject({ name: 'One', _deleted: false });
  expect(Object.keys(sent).filter((key) => key in newer)).toEqual([]);
  expect(await at(1, 'old-1')).toMatchObject({ name: 'From before', grade: 'b' });
});

test('[SYN-10] an older device changes what it knows and leaves the rest byte for byte (I18)', async () => {
  await broker.push('pens', [insert(document('p-2', { name: 'Two', note: 'keep', ...newer }))], 1);
  const stored = await at(1, 'p-2');
  const seen = await at(0, 'p-2');
  const cleared = Object.fromEntries(Object.entries({ ...seen, name: 'Two and a half', w: 'w-old-2' }).filter(([key]) => key !== 'note'));
  const row = { newDocumentState: cleared, assumedMasterState: seen };
  expect(await broker.push('pens', [row], 0)).toEqual([]);
  const after = await at(1, 'p-2');
  expect(after).toMatchObject({ name: 'Two and a half', w: 'w-old-2' });
  expect(after).not.toHaveProperty('note');
  for (const key of Object.keys(newer)) expect(JSON.stringify(after[key])).toBe(JSON.stringify(stored[key]));
  // A newer device changes a field that the older one does not know; then the older one's push comes a second time.
  await broker.push('pens', [change(after, { grade: 'b' })], 1);
  const entries = await auditCount('p-2');
  expect(await broker.push('pens', [row], 0)).toEqual([]);
  expect(await auditCount('p-2')).toBe(entries);
  expect(await at(1, 'p-2')).toMatchObject({ grade: 'b', name: 'Two and a half' });
});

test('[SYN-10] a stale push of an older device is answered in its own version', async () => {
  await broker.push('pens', [insert(document('p-3', { name: 'Three', ...newer }))], 1);
  const seen = await at(0, 'p-3');
  await broker.push('pens', [change(await at(1, 'p-3'), { name: 'Three b', tags: [] })], 1);
  const answers = await broker.push('pens', [change(seen, { name: 'Three c' })], 0);
  for (const answer of answers) expect(Object.keys(answer).filter((key) => key in newer)).toEqual([]);
  expect(await at(1, 'p-3')).toMatchObject({ grade: 'a', isShaded: true, tags: [] });
});

test('[SYN-10] new, deleted and refused records of an older device', async () => {
  await broker.push('pens', [insert(document('p-4', { name: 'Four' }))], 0);
  expect(await at(1, 'p-4')).toMatchObject({ grade: 'b', name: 'Four' });
  await broker.push('pens', [change(await at(1, 'p-4'), { grade: 'a' })], 1);
  await broker.push('pens', [change(await at(0, 'p-4'), { _deleted: true })], 0);
  expect(await at(1, 'p-4')).toMatchObject({ grade: 'a', _deleted: true });
  const [stub] = await broker.push('pens', [insert(document('p-5', { name: '' }))], 0);
  expect(stub).toMatchObject({ id: 'p-5', _deleted: true });
  expect(stub).not.toHaveProperty('grade');
  // It cannot write a field that its version does not have.
  await broker.push('pens', [insert(document('p-6', { name: 'Six', tags: ['mine'] }))], 0);
  expect(await at(1, 'p-6')).not.toHaveProperty('tags');
});

test('[SYN-10] an edit that waited over an update of Drover does not undo what the device had never been sent', async () => {
  await broker.push('pens', [insert(document('p-7', { name: 'Seven', ...newer }))], 1);
  // What the updated device makes of the document that it was sent in version 0: the steps up, empty new fields.
  const base = { ...(await at(0, 'p-7')), grade: 'b' };
  expect(await broker.push('pens', [change(base, { name: 'Seven b' })], 1)).toEqual([]);
  expect(await at(1, 'p-7')).toMatchObject({ name: 'Seven b', ...newer });
});

test('[SYN-10] live streams speak the version of each listener', async () => {
  const [own, older, single] = await Promise.all([
    openStream(broker, '/sync/stream?collections=pens:1'),
    openStream(broker, '/sync/stream?collections=pens:0'),
    openStream(broker, '/sync/pens/0/pullStream'),
  ]);
  await broker.push('pens', [insert(document('p-8', { name: 'Eight', ...newer }))], 1);
  // A stream may begin with a change that the pull has brought already.
  const frameOfEight = ({ frames }: OpenStream) => frames.find(({ documents }) => documents.some(({ id }) => id === 'p-8'));
  await until(() => [own, older, single].every((stream) => frameOfEight(stream) !== undefined), 'all three heard of it');
  const frame = frameOfEight(own);
  expect(frame?.documents.at(-1)).toMatchObject({ id: 'p-8', ...newer });
  for (const other of [frameOfEight(older), frameOfEight(single)]) {
    expect(other?.documents.at(-1)).toMatchObject({ id: 'p-8', name: 'Eight' });
    expect(other?.documents.at(-1)).not.toHaveProperty('grade');
    expect(other?.checkpoint).toEqual(frame?.checkpoint);
  }
  for (const stream of [own, older, single]) stream.close();
});

test('[SYN-10] two versions behind is told to update, on every way in; a malformed document of one behind is refused alone', async () => {
  const next = await openTestServer({ nouns: [{ entity: pen2 }] });
  try {
    const client = await signIn(next);
    for (const path of ['/sync/pens/0/pull', '/sync/pens/0/pullStream', '/sync/stream?collections=pens:0', '/sync/pens/3/pull'])
      expect([path, (await client.get(path)).status]).toEqual([path, 426]);
    await expect(client.push('pens', [insert(document('q-1', { name: 'x' }))], 0)).rejects.toThrow('426');
    const bad = { ...document('q-2', { name: 'x' }), feedings: [null] };
    const answers = await client.push('pens', [insert(bad), insert(document('q-3', { name: 'Good', grade: 'b' }))], 1);
    expect(answers.map(({ id, _deleted }) => [id, _deleted])).toEqual([['q-2', true]]);
    expect((await client.get('/sync/pens/2/pull')).status).toBe(200);
  } finally {
    await next.close();
  }
});
