import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DigestAnswer, WireDocument } from '../../../domain/protocol/protocol.ts';
import type { Server } from '../../../sync-server/server.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { type Client, change, document, insert, openTestServer, signIn } from '../test-server.ts';

let server: Server;
let broker: Client;
const ranches = Array.from({ length: 700 }, (_, n) => document(`r-${n}`, { name: `Ranch ${n}` }));
beforeAll(async () => {
  server = await openTestServer({ nouns: syntheticNouns });
  broker = await signIn(server);
  for (let start = 0; start < ranches.length; start += 500) await broker.push('ranches', ranches.slice(start, start + 500).map(insert));
});
afterAll(() => server.close());

const ask = async <Answer>(path: string): Promise<Answer> => {
  const response = await broker.get(path);
  expect(response.status).toBe(200);
  return (await response.json()) as Answer;
};
/** The definition, written a second time. */
function expected(live: readonly { id: string; w: unknown }[]): { bucket: number; count: number; hash: string }[] {
  const buckets = new Map<number, { count: number; hash: bigint }>();
  for (const { id, w } of live) {
    const digest = createHash('sha256')
      .update(`ranches/${id}/${String(w)}`)
      .digest();
    const own = buckets.get(digest[8] ?? -1) ?? { count: 0, hash: 0n };
    buckets.set(digest[8] ?? -1, { count: own.count + 1, hash: own.hash ^ digest.readBigUInt64BE(0) });
  }
  return [...buckets].map(([bucket, { count, hash }]) => ({ bucket, count, hash: hash.toString(16) })).sort((a, b) => a.bucket - b.bucket);
}
const digests = async (): Promise<DigestAnswer['digests'][string]> =>
  (await ask<DigestAnswer>('/sync/digest?collections=ranches,animals')).digests['ranches'] ?? [];

test('[SYN-5] digests are those of the live records, and one change of one record moves one or two buckets', async () => {
  const before = await digests();
  expect(before).toEqual(expected(ranches));
  expect(before.length).toBeGreaterThan(200);
  const first = ranches[0];
  if (!first) throw new Error('no ranch');
  const stored = (await broker.pullAll('ranches')).find(({ id }) => id === first.id) ?? first;
  const changed = change(stored, { name: 'Renamed' });
  await broker.push('ranches', [changed]);
  const after = await digests();
  expect(after).toEqual(expected([changed.newDocumentState as { id: string; w: unknown } & WireDocument, ...ranches.slice(1)]));
  expect(after.filter((bucket, i) => JSON.stringify(bucket) !== JSON.stringify(before[i])).length).toBeGreaterThan(0);
});

test('[SYN-5] the rows of the buckets are the live records, each once', async () => {
  const all = Array.from({ length: 256 }, (_, bucket) => bucket);
  const { rows } = await ask<{ rows: { id: string; w: string }[] }>(`/sync/digest/ranches/rows?buckets=${all.join(',')}`);
  expect(rows.map(({ id }) => id).sort()).toEqual(ranches.map(({ id }) => id).sort());
  const one = await ask<{ rows: { id: string }[] }>('/sync/digest/ranches/rows?buckets=7');
  expect(one.rows.length).toBe((await digests()).find(({ bucket }) => bucket === 7)?.count ?? 0);
});

test('records are read by id, tombstones included', async () => {
  const stored = (await broker.pullAll('ranches')).find(({ id }) => id === 'r-5');
  if (!stored) throw new Error('r-5 is not there');
  await broker.push('ranches', [change(stored, { _deleted: true })]);
  const body = JSON.stringify({ ids: ['r-4', 'r-5', 'nobody'] });
  const response = await fetch(`${server.url}/sync/ranches/0/read`, { method: 'POST', headers: broker.headers, body });
  const { documents } = (await response.json()) as { documents: WireDocument[] };
  expect(Object.fromEntries(documents.map(({ id, _deleted }) => [id, _deleted]))).toEqual({ 'r-4': false, 'r-5': true });
  expect((await digests()).reduce((sum, { count }) => sum + count, 0)).toBe(699);
});

test.each([
  ['/sync/digest', 400],
  ['/sync/digest?collections=llamas', 404],
  ['/sync/digest/llamas/rows?buckets=1', 404],
  ['/sync/digest/ranches/rows', 400],
  ['/sync/digest/ranches/rows?buckets=256', 400],
  ['/sync/digest/ranches/rows?buckets=1;2', 400],
])('%s is answered with %i, and with 401 without a sign-in', async (path, status) => {
  expect((await broker.get(path)).status).toBe(status);
  expect((await fetch(server.url + path)).status).toBe(401);
});
