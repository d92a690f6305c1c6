/** Requests with which the fuzzer has once found something, by what was wrong then. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Server } from '../../sync-server/server.ts';
import { syntheticNouns } from '../sync-server/synthetic-nouns.ts';
import { type Client, document, openTestServer, signIn } from '../sync-server/test-server.ts';

let server: Server;
let client: Client;
beforeAll(async () => {
  server = await openTestServer({ nouns: syntheticNouns });
  client = await signIn(server, 'broker', 'found');
});
afterAll(() => server.close());

describe('[SYN-4] a push that is answered, row by row', () => {
  test.each([
    ['500: a write id that is an object without a text', { w: { toString: 'x' } }],
    ['500: a write id that is an object that is no text', { w: { valueOf: 1, toString: null } }],
    ['400 for all rows: a NUL in the write id', { w: 'f\0' }],
    ['400 for all rows: a NUL in the id', { id: 'found\0' }],
    ['503 for ever, when it is sent again: half a surrogate pair in the write id', { w: '\ud800' }],
  ])('%s', async (title, odd) => {
    const good = document(`good-${title.length}`, { name: 'Good' });
    const rows = [{ newDocumentState: { ...document(`odd-${title.length}`, { name: 'Odd' }), ...odd } }, { newDocumentState: good }];
    for (const answers of [await client.push('ranches', rows), await client.push('ranches', rows)])
      expect(answers.map(({ id }) => id)).toEqual([rows[0]?.newDocumentState.id]);
    expect(await client.audit('ranches', good.id)).toHaveLength(1);
  });
});

test('[SYN-11] a position that no one can count with is a bad request of its field: it was a 500', async () => {
  const states = [{ id: 'x', w: 'w' }];
  const response = await fetch(`${client.url}/sync/ranches/0/known`, {
    method: 'POST',
    headers: client.headers,
    body: JSON.stringify({ until: 0, states }).replace('0', '1e308'),
  });
  expect([response.status, JSON.stringify(await response.json())]).toEqual([400, expect.stringContaining('until')]);
});
