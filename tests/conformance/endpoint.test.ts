/**
 * The endpoint by itself, from outside: what a client may rely on when it carries its checkpoint as `lwt` and `id`, sends a
 * request twice, or sends many at once. Cases that RxDB's exported suite leaves out.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Checkpoint, PullAnswer, WireDocument } from '../../domain/protocol/protocol.ts';
import type { Server } from '../../sync-server/server.ts';
import { type Client, change, document, insert, openStream, openTestServer, signIn, until } from '../sync-server/test-server.ts';
import { humanNoun } from './human.ts';

let server: Server;
let one: Client;
let two: Client;
beforeAll(async () => {
  server = await openTestServer({ nouns: [humanNoun] });
  one = await signIn(server, 'broker', 'one');
  two = await signIn(server, 'field', 'two');
});
afterAll(() => server.close());

const human = (id: string, age = 30): WireDocument => document(id, { firstName: id, age });
async function pull(client: Client, checkpoint: Checkpoint, limit: number): Promise<PullAnswer> {
  const response = await client.get(`/sync/humans/0/pull?lwt=${checkpoint.lwt}&id=${checkpoint.id}&limit=${limit}`);
  expect(response.status).toBe(200);
  return (await response.json()) as PullAnswer;
}
const start: Checkpoint = { lwt: 0, id: '' };
async function follow(client: Client, from: Checkpoint, limit: number): Promise<{ held: Map<string, WireDocument>; at: Checkpoint }> {
  const held = new Map<string, WireDocument>();
  let at = from;
  for (let full = true; full; ) {
    const page = await pull(client, at, limit);
    for (const one of page.documents) held.set(one.id, one);
    expect(page.checkpoint.lwt).toBeGreaterThanOrEqual(at.lwt);
    at = page.checkpoint;
    full = page.documents.length === limit;
  }
  return { held, at };
}

describe('checkpoints', () => {
  test.each([1, 3, 7, 1000])(
    '[SYN-1] pages of %i documents bring each document once, in order, and end with a short page',
    async (limit) => {
      const name = `page-${limit}`;
      const { at } = await follow(one, start, 1000);
      await one.push(
        'humans',
        Array.from({ length: 20 }, (_, i) => insert(human(`${name}-${i}`))),
      );
      const seen: string[] = [];
      let from = at;
      for (;;) {
        const page = await pull(two, from, limit);
        seen.push(...page.documents.map(({ id }) => id));
        from = page.checkpoint;
        if (page.documents.length < limit) break;
      }
      expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => `${name}-${i}`));
      // At the end, the checkpoint stands.
      expect(await pull(two, from, limit)).toEqual({ documents: [], checkpoint: from });
    },
  );

  test('[SYN-1] any checkpoint that was ever given can be used again, and brings what came after it', async () => {
    const given: Checkpoint[] = [];
    let at = start;
    for (;;) {
      const page = await pull(one, at, 3);
      given.push(page.checkpoint);
      at = page.checkpoint;
      if (page.documents.length < 3) break;
    }
    const everything = (await follow(one, start, 1000)).held;
    for (const checkpoint of given) {
      const { held } = await follow(two, checkpoint, 5);
      const after = [...everything.keys()].slice(-held.size || everything.size);
      expect([...held.keys()]).toEqual(held.size === 0 ? [] : after);
    }
  });

  test('[SYN-11] the id of a checkpoint names the epoch; with a foreign one a client begins anew instead of missing something', async () => {
    const { held, at } = await follow(one, start, 1000);
    expect(at.id).toMatch(/^[\w-]+\.[\w-]+$/);
    const anew = await pull(one, { lwt: at.lwt, id: 'of-another-server' }, 1000);
    expect(anew.documents).toHaveLength(held.size);
    expect(anew.checkpoint).toEqual(at);
  });

  test.each(['lwt=-1', 'lwt=1.5', 'lwt=1e3', 'lwt=x', 'lwt=99999999999999999999', 'limit=0', 'limit=-3', 'limit=x'])(
    'a %s is a bad request, not an empty page',
    async (query) => {
      const response = await one.get(`/sync/humans/0/pull?${query}`);
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, 'bad_query']);
    },
  );
});

describe('pushes', () => {
  test('[SYN-3] a push that is sent five times, at once and later, is applied once', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => insert(human(`twice-${i}`)));
    const answers = await Promise.all([1, 2, 3, 4].map((n) => (n % 2 ? one : two).push('humans', rows)));
    answers.push(await one.push('humans', rows));
    expect(answers).toEqual([[], [], [], [], []]);
    const [counted] = await server.db.rows<{ count: number }>({ text: `select count(*) as count from audit where id like 'twice-%'` });
    expect(counted?.count).toBe(30);
  });

  test('[SYN-3] a change that is sent again after somebody changed the record once more is not applied again', async () => {
    const first = human('replay');
    await one.push('humans', [insert(first)]);
    const mine = change(first, { age: 31 });
    await one.push('humans', [mine]);
    const stored = await pullOne('replay');
    await two.push('humans', [change(stored, { age: 32 })]);
    expect(await one.push('humans', [mine])).toEqual([]);
    expect(await pullOne('replay')).toMatchObject({ age: 32 });
    expect(await one.audit('humans', 'replay')).toHaveLength(3);
  });

  test('[SYN-5] many pushes at once to the same records: all are answered, and who adopts the answers holds what is stored', async () => {
    await one.push(
      'humans',
      Array.from({ length: 5 }, (_, i) => insert(human(`busy-${i}`))),
    );
    const clients = [one, two, one, two, one, two];
    const held = await Promise.all(
      clients.map(async (client, n) => {
        const mine = (await follow(client, start, 1000)).held;
        for (let round = 0; round < 6; round += 1) {
          const id = `busy-${(n + round) % 5}`;
          const base = mine.get(id);
          if (!base) throw new Error(`${id} is not there`);
          const row = change(base, { age: n * 10 + round });
          const [answer] = await client.push('humans', [row]);
          mine.set(id, answer ?? row.newDocumentState);
        }
        return client;
      }),
    );
    expect(held).toHaveLength(6);
    const stored = (await follow(one, start, 1000)).held;
    expect((await follow(two, start, 2)).held).toEqual(stored);
    const [feed] = await server.db.rows<{ head: number; entries: number }>({
      text: 'select (select seq from feed_head) as head, (select count(*) from audit) as entries',
    });
    expect(feed?.entries).toBe(feed?.head);
  });

  test('[SYN-4] an empty push is answered, and so is one of the most rows that a push takes', async () => {
    expect(await one.push('humans', [])).toEqual([]);
    const rows = Array.from({ length: 500 }, (_, i) => insert(human(`most-${i}`)));
    expect(await one.push('humans', rows)).toEqual([]);
    const tooMany = [...rows, insert(human(`most-${randomUUID().slice(0, 8)}`))];
    await expect(one.push('humans', tooMany)).rejects.toThrow('413');
  });

  test('a deletion travels as a tombstone with its content, and can be taken back', async () => {
    await one.push('humans', [insert(human('gone', 41))]);
    await one.push('humans', [change(await pullOne('gone'), { _deleted: true })]);
    expect(await pullOne('gone')).toMatchObject({ _deleted: true, age: 41 });
    await two.push('humans', [change(await pullOne('gone'), { _deleted: false })]);
    expect(await pullOne('gone')).toMatchObject({ _deleted: false, age: 41 });
  });
});

async function pullOne(id: string): Promise<WireDocument> {
  const found = (await follow(one, start, 1000)).held.get(id);
  if (!found) throw new Error(`${id} is not there`);
  return found;
}

describe('the live stream of a collection', () => {
  test('[SYN-1] carries each change with a checkpoint from which a pull goes on', async () => {
    const stream = await openStream(two, '/sync/humans/0/pullStream');
    try {
      await one.push(
        'humans',
        Array.from({ length: 12 }, (_, i) => insert(human(`live-${i}`))),
      );
      const ids = (): string[] => stream.frames.flatMap(({ documents }) => documents.map(({ id }) => id));
      await until(() => ids().filter((id) => id.startsWith('live-')).length === 12, 'all were sent');
      const positions = stream.frames.map(({ checkpoint }) => checkpoint.lwt);
      expect(positions).toEqual(positions.toSorted((a, b) => a - b));
      const last = stream.frames.at(-1)?.checkpoint ?? start;
      expect(await pull(two, last, 10)).toEqual({ documents: [], checkpoint: last });
    } finally {
      stream.close();
    }
  });

  test('two streams of one user and one of another get the same', async () => {
    const streams = await Promise.all([one, one, two].map((client) => openStream(client, '/sync/humans/0/pullStream')));
    try {
      await two.push('humans', [insert(human('same-for-all'))]);
      const has = (frames: (typeof streams)[number]['frames']): boolean =>
        frames.some(({ documents }) => documents.some(({ id }) => id === 'same-for-all'));
      await until(() => streams.every(({ frames }) => has(frames)), 'all three got it');
    } finally {
      for (const stream of streams) stream.close();
    }
  });

  test.each([
    ['/sync/humans/0/pullStream', 401, {}],
    ['/sync/humans/0/pull', 401, {}],
    ['/sync/humans/0/pull', 401, { authorization: 'Bearer x.y.z' }],
    ['/sync/humans/0/pull', 401, { authorization: 'Basic eDp5' }],
  ])('%s answers %i without a token that is valid', async (path, status, headers) => {
    const response = await fetch(server.url + path, { headers });
    expect(response.status).toBe(status);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
  });

  test.each(['pull', 'pullStream', 'push'])('426 for /sync/humans/1/%s, 404 for a collection that is not there', async (verb) => {
    const ask = (path: string): Promise<Response> =>
      fetch(server.url + path, { headers: one.headers, ...(verb === 'push' ? { method: 'POST', body: '[]' } : {}) });
    expect((await ask(`/sync/humans/1/${verb}`)).status).toBe(426);
    expect((await ask(`/sync/nobody/0/${verb}`)).status).toBe(404);
  });
});
