import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { POSITIONS_HEADER, POSITIONS_MAX, type Positions, readPositions } from '../../../domain/protocol/positions.ts';
import type { Server } from '../../../sync-server/server.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { type Client, change, document, insert, openTestServer, signIn } from '../test-server.ts';

let server: Server;
let broker: Client;
beforeAll(async () => {
  server = await openTestServer({ nouns: syntheticNouns });
  broker = await signIn(server);
});
afterAll(() => server.close());

async function positionsOf(collection: string, rows: readonly object[]): Promise<Positions | undefined> {
  const body = JSON.stringify(rows);
  const response = await fetch(`${server.url}/sync/${collection}/0/push`, { method: 'POST', headers: broker.headers, body });
  expect(response.status).toBe(200);
  return readPositions(response.headers.get(POSITIONS_HEADER) ?? '', rows.length);
}
const head = async (): Promise<number> =>
  (await server.db.rows<{ seq: number }>({ text: 'select seq from feed_head' }))[0]?.seq ?? Number.NaN;
const seqOf = async (id: string): Promise<number> =>
  (await server.db.rows<{ seq: number }>({ text: 'select seq from ranches where id = $1', values: [id] }))[0]?.seq ?? Number.NaN;

describe('the answer of a push says where its records stand', () => {
  test('what was taken: behind everything that there was, and not behind itself', async () => {
    const before = await head();
    const positions = await positionsOf('ranches', [insert(document('r-1', { name: 'One' })), insert(document('r-2', { name: 'Two' }))]);
    expect(positions?.at).toEqual([before + 1, before + 1]);
    expect(await seqOf('r-1')).toBe(before + 1);
    const { epoch } = (await server.db.rows<{ epoch: string }>({ text: 'select epoch from feed_head' }))[0] ?? {};
    expect(positions?.epoch).toBe(epoch);
  });

  test('what was not taken, or was taken before: the position of what is stored', async () => {
    const known = document('r-3', { name: 'Three' });
    await broker.push('ranches', [insert(known)]);
    const stands = await seqOf('r-3');
    await broker.push('ranches', [insert(document('r-other', { name: 'Other' }))]);
    expect((await positionsOf('ranches', [insert(known)]))?.at).toEqual([stands]);
    expect((await positionsOf('ranches', [change(known, { name: 'Forbidden' })]))?.at).toEqual([stands]);
  });

  test('[SYN-8] what waits: the position of what is stored, or none, so that a frame may still take it back', async () => {
    expect((await positionsOf('animals', [insert(document('a-1', { tag: '1', ranchId: 'r-later' }))]))?.at).toEqual([0]);
    const there = document('a-2', { tag: '2', ranchId: 'r-1' });
    await broker.push('animals', [insert(there)]);
    const stands = await head();
    await broker.push('ranches', [insert(document('r-4', { name: 'Four' }))]);
    expect((await positionsOf('animals', [change(there, { ranchId: 'r-later' })]))?.at).toEqual([stands]);
  });

  test('nothing, of more rows than a header can hold', async () => {
    const rows = Array.from({ length: POSITIONS_MAX + 1 }, (_, i) => insert(document(`r-many-${i}`, { name: `${i}` })));
    expect(await positionsOf('ranches', rows)).toBeUndefined();
  });
});
