/** The same digests as the server's (sync-server/db/digests.ts), from what is stored on this device. */
import type { BucketDigest } from '../../domain/protocol/protocol.ts';
import { readPages } from '../data/bulk-read.ts';
import type { Desk } from '../data/desk.ts';

const PAGE = 500;
const encoder = new TextEncoder();

interface Hashed {
  readonly id: string;
  readonly w: string;
  readonly hash: bigint;
  readonly bucket: number;
}

async function hashed(collection: string, id: string, w: string): Promise<Hashed> {
  const digest = new DataView(await crypto.subtle.digest('SHA-256', encoder.encode(`${collection}/${id}/${w}`)));
  return { id, w, hash: digest.getBigUint64(0), bucket: digest.getUint8(8) };
}

async function* liveRecords(desk: Desk, collection: string): AsyncGenerator<Hashed[], void, undefined> {
  for await (const page of readPages(desk, collection, PAGE))
    yield Promise.all(page.filter((stored) => !stored._deleted).map(({ id, w }) => hashed(collection, id, w)));
}

/** Buckets that hold something, as the server answers them. */
export async function localDigests(desk: Desk, collection: string): Promise<BucketDigest[]> {
  const buckets = new Map<number, { count: number; hash: bigint }>();
  for await (const page of liveRecords(desk, collection)) {
    for (const { bucket, hash } of page) {
      const own = buckets.get(bucket) ?? { count: 0, hash: 0n };
      buckets.set(bucket, { count: own.count + 1, hash: own.hash ^ hash });
    }
  }
  return [...buckets].map(([bucket, { count, hash }]) => ({ bucket, count, hash: hash.toString(16) })).sort((a, b) => a.bucket - b.bucket);
}

/** Id and write id of the live records in these buckets. */
export async function localRows(desk: Desk, collection: string, buckets: ReadonlySet<number>): Promise<{ id: string; w: string }[]> {
  const rows: { id: string; w: string }[] = [];
  for await (const page of liveRecords(desk, collection))
    for (const { id, w, bucket } of page) if (buckets.has(bucket)) rows.push({ id, w });
  return rows;
}

/** Buckets that are not the same on both sides. */
export function differingBuckets(here: readonly BucketDigest[], there: readonly BucketDigest[]): Set<number> {
  const word = ({ count, hash }: BucketDigest): string => `${count} ${hash}`;
  const [own, other] = [here, there].map((digests) => new Map(digests.map((one) => [one.bucket, word(one)])));
  return new Set([...here, ...there].map(({ bucket }) => bucket).filter((bucket) => own?.get(bucket) !== other?.get(bucket)));
}
