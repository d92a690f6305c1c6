/** Somebody who may not see a record and guesses its id, over the bare protocol. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DigestAnswer, LostAnswer, WireDocument } from '../../../domain/protocol/protocol.ts';
import type { Server } from '../../../sync-server/server.ts';
import { type Client, change, insert, openTestServer, signIn } from '../test-server.ts';
import { order, orderDesk, plainRoles, put, record } from './rights-kit.ts';

let server: Server;
let admin: Client;
let broker: Client;
beforeAll(async () => {
  server = await openTestServer();
  await plainRoles(server);
  admin = await signIn(server, 'admin');
  broker = await signIn(server, 'broker');
});
afterAll(() => server.close());
beforeEach(() => put(server, 'broker', { role: 'broker', desks: ['east'] }));

let number = 0;
const fresh = (name: string): string => `${name}-${(number += 1)}`;
const { stored, move } = orderDesk(() => admin);
/** An answer must not hold a word of what is hidden. */
const SECRET = 'nobody-may-read-this';

describe('[SYN-7] whoever guesses an id learns nothing', () => {
  const id = 'o-hidden';
  let known: WireDocument;
  beforeAll(async () => {
    await admin.push('orders', [insert(order(id, 'north', { notes: SECRET }))]);
    known = await stored(id);
    await move(id, 'north', { notes: `${SECRET} twice` });
  });
  const post = async (path: string, body: unknown): Promise<string> => {
    const response = await fetch(server.url + path, { method: 'POST', headers: broker.headers, body: JSON.stringify(body) });
    expect(response.status).toBe(200);
    return response.text();
  };

  test('by reading it', async () => {
    expect(JSON.parse(await post('/sync/orders/0/read', { ids: [id, 'o-nothing'] }))).toEqual({ documents: [] });
  });

  test('by asking whether its state is known', async () => {
    const states = [
      { id, w: 'guessed' },
      { id: 'o-nothing', w: 'guessed' },
    ];
    const { lost } = JSON.parse(await post('/sync/orders/0/known', { until: 1_000_000, states })) as LostAnswer;
    expect([...lost].sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
      { id, base: null },
      { id: 'o-nothing', base: null },
    ]);
  });

  const ask = async (client: Client, state: WireDocument): Promise<LostAnswer> => {
    const body = JSON.stringify({ until: 1_000_000, states: [{ id: state.id, w: state['w'] }] });
    const answer = await fetch(`${server.url}/sync/orders/0/known`, { method: 'POST', headers: client.headers, body });
    return (await answer.json()) as LostAnswer;
  };
  test('[SYN-11] but whoever has held the very state is told to let go of it, and the scope that says so', async () => {
    expect(await ask(broker, known)).toEqual({ lost: [], hidden: [id], scope: expect.stringMatching(/^[\w-]{16}/) });
    expect(await ask(admin, known)).toEqual({ lost: [], hidden: [], scope: 'all' });
  });

  test('[SYN-11] and while it waits for its parent too: when it lands, nobody would hear of it who may not see it', async () => {
    const waiting = order(fresh('o'), 'north', { supplierId: fresh('p') });
    expect(await admin.push('orders', [insert(waiting)])).toEqual([]);
    expect(await server.db.rows({ text: 'select id from parked where id = $1', values: [waiting.id] })).toHaveLength(1);
    expect(await ask(broker, waiting)).toMatchObject({ lost: [], hidden: [waiting.id] });
    expect(await ask(admin, waiting)).toMatchObject({ lost: [], hidden: [] });
  });

  test('by digests and buckets', async () => {
    await put(server, 'broker', { desks: ['empty'] });
    const { digests } = (await (await broker.get('/sync/digest?collections=orders')).json()) as DigestAnswer;
    expect(digests['orders']).toEqual([]);
    const all = Array.from({ length: 256 }, (_, bucket) => bucket).join(',');
    expect(await (await broker.get(`/sync/digest/orders/rows?buckets=${all}`)).json()).toEqual({ rows: [] });
  });

  test('by its history', async () => {
    expect(await broker.audit('orders', id)).toEqual([]);
    const seen = fresh('o');
    await admin.push('orders', [insert(order(seen, 'north', { notes: SECRET }))]);
    await move(seen, 'east', { notes: 'open' });
    await move(seen, 'east', { notes: 'still open' });
    const entries = await broker.audit('orders', seen);
    expect(entries.map(({ after }) => after['notes'])).toEqual(['still open']);
    expect(JSON.stringify(entries)).not.toContain(SECRET);
    expect(await admin.audit('orders', seen)).toHaveLength(3);
  });

  test.each<[string, () => { newDocumentState: WireDocument; assumedMasterState?: WireDocument }]>([
    ['a new record of that id', () => insert(order(id, 'east', { notes: 'mine' }))],
    ['a change of what it was', () => change(known, { deskId: 'east', notes: 'mine' })],
    ['a change of what it might be', () => change({ ...known, w: 'guessed' }, { notes: 'mine' })],
    ['its deletion', () => ({ newDocumentState: { id, _deleted: true }, assumedMasterState: { id, _deleted: false } })],
    ['the very same content', () => insert({ ...known, w: fresh('w') })],
  ])('by pushing %s: it is refused, and the answer is a stub', async (_, row) => {
    const before = await stored(id);
    const sent = row();
    const answers = await broker.push('orders', [sent]);
    expect(answers).toMatchObject([{ id, _deleted: true, number: '', w: 'withdrawn:0' }]);
    expect(await stored(id)).toEqual(before);
    // Sent again, it is answered alike and told once.
    expect(await broker.push('orders', [sent])).toEqual(answers);
    const entries = (await broker.pullAll('activities')).filter((one) =>
      String(one['keptContent']).includes(JSON.stringify(sent.newDocumentState['w'] ?? 'no-w')),
    );
    if (sent.newDocumentState['w'] !== undefined)
      expect(entries).toMatchObject([{ kind: 'refusal', code: 'not_permitted', assignedTo: broker.login.user.id }]);
    expect(JSON.stringify([answers, entries])).not.toContain(`${SECRET} twice`);
    for (const entry of entries) expect(entry).not.toHaveProperty('storedContent');
  });

  test('by the value that it holds alone: only that the value is taken is told', async () => {
    const profile = record('profiles', fresh('pr'), { accountId: fresh('acc'), username: 'taken', bio: SECRET });
    await admin.push('profiles', [insert(profile)]);
    const own = record('profiles', fresh('pr'), { accountId: broker.login.user.id, username: 'taken' });
    const answers = await broker.push('profiles', [insert(own)]);
    expect(JSON.stringify(answers)).not.toContain(SECRET);
    expect(JSON.stringify(answers)).not.toContain(profile.id);
  });
});
