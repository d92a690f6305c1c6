/** A page that is served from memory is the page that would have been read, for whoever asks and whatever happened since. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { WireDocument } from '../../../domain/protocol/protocol.ts';
import { beginEpoch } from '../../../sync-server/db/epochs.ts';
import { keepPages } from '../../../sync-server/pull/kept-pages.ts';
import type { Server } from '../../../sync-server/server.ts';
import { order, plainRoles, put } from '../access/rights-kit.ts';
import { type Client, change, insert, openTestServer, signIn, until } from '../test-server.ts';

describe('which pages are kept', () => {
  const page = (bytes: number) => ({ body: Buffer.alloc(bytes), last: 1, count: 1, sum: 1 });

  test('as many as have room; one that is in use makes way for none', () => {
    let now = 0;
    const pages = keepPages(() => new Date(now), 100);
    pages.keep('a', page(60));
    pages.keep('b', page(60));
    expect([pages.of('a')?.body.length, pages.of('b')]).toEqual([60, undefined]);
    now += 4 * 60_000;
    expect(pages.of('a')).toBeDefined();
    now += 4 * 60_000;
    pages.keep('b', page(60));
    expect(pages.of('b')).toBeUndefined();
    now += 60_000;
    expect(pages.of('c')).toBeUndefined();
    pages.keep('b', page(60));
    expect([pages.of('a'), pages.of('b')?.body.length]).toEqual([undefined, 60]);
  });

  test('one that is read anew takes the place of what it was', () => {
    const pages = keepPages(() => new Date(0), 100);
    for (const bytes of [50, 60, 70]) pages.keep('a', page(bytes));
    expect(pages.of('a')?.body.length).toBe(70);
    pages.keep('b', page(30));
    expect(pages.of('b')?.body.length).toBe(30);
  });
});

describe('[SYN-7] a page from memory', () => {
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

  /** Behind the server's back, so that it can be seen whether a page was read. */
  const scribble = async (word: string): Promise<void> => {
    await server.db.rows({ text: `update orders set doc = doc || jsonb_build_object('trailerNumber', $1::text)`, values: [word] });
  };
  const trailers = (documents: readonly WireDocument[]): string[] => documents.map(({ trailerNumber }) => String(trailerNumber)).sort();
  /** Three records of one desk, and the page that they fill. */
  async function three(prefix: string) {
    const names = [1, 2, 3].map((n) => `${prefix}-${n}`);
    expect(
      await admin.push(
        'orders',
        names.map((id) => insert(order(id, 'east', { trailerNumber: 'as it was' }))),
      ),
    ).toEqual([]);
    const [start] = await server.db.rows<{ seq: number }>({
      text: 'select min(seq) - 1 as seq from orders where id = any($1)',
      values: [names],
    });
    return { names, pageOf: async (who: Client) => (await who.pull('orders', start?.seq, names.length)).documents };
  }

  test('is what was read before, while nothing of it has changed, and is read again when something has', async () => {
    const { names, pageOf } = await three('same');
    const read = await pageOf(admin);
    expect(read.map(({ id }) => id)).toEqual(names);
    await scribble('unseen');
    expect(await pageOf(admin)).toEqual(read);
    const [one] = read;
    if (!one) throw new Error('nothing was read');
    expect(await admin.push('orders', [change(one, { trailerNumber: 'changed' })])).toEqual([]);
    const after = await pageOf(admin);
    expect(trailers(after)).toEqual(['changed', 'unseen', 'unseen']);
    expect(await pageOf(admin)).toEqual(after);
  });

  test('does not show somebody what has left their desk', async () => {
    const { names, pageOf } = await three('moved');
    const [one] = await pageOf(broker);
    expect(await pageOf(broker)).toHaveLength(3);
    if (!one) throw new Error('nothing was read');
    expect(await admin.push('orders', [change(one, { deskId: 'west', trailerNumber: 'secret' })])).toEqual([]);
    const after = await pageOf(broker);
    expect(after.filter(({ trailerNumber }) => trailerNumber === 'as it was').map(({ id }) => id)).toEqual(names.slice(1));
    expect(after.find(({ id }) => id === one.id)).toMatchObject({ _deleted: true });
    expect(JSON.stringify(after)).not.toContain('secret');
  });

  test('is of one scope: other rights read their own', async () => {
    const { pageOf } = await three('rights');
    expect(trailers(await pageOf(admin))).toEqual(trailers(await pageOf(broker)));
    expect(await pageOf(broker)).toHaveLength(3);
    await put(server, 'broker', { desks: ['west'] });
    await until(async () => (await pageOf(broker)).every(({ _deleted }) => _deleted), 'nothing is left to see');
    expect(await pageOf(admin)).toHaveLength(3);
  });

  test('is of one history', async () => {
    const { pageOf } = await three('history');
    await pageOf(admin);
    await scribble('other');
    expect(trailers(await pageOf(admin))).toEqual(['as it was', 'as it was', 'as it was']);
    await beginEpoch(server.db, 'a test');
    await until(async () => trailers(await pageOf(admin)).every((trailer) => trailer === 'other'), 'the other history is read');
  });
});
