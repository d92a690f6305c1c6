/**
 * Removes for good what has been in the trash long enough: the content goes from the server and, like every change, from the
 * devices; the id stays, so that a late edit of it is known for what it is. Nothing goes that the law, a legal hold or another
 * record still needs.
 */
import { randomUUID } from 'node:crypto';
import { leftBy } from '../../domain/access/condition.ts';
import { purgedDocument } from '../../domain/access/withdrawn.ts';
import type { TrashCount } from '../../domain/protocol/admin.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { pointersTo } from '../../domain/record/pointers.ts';
import { goesOn } from '../../domain/record/trash.ts';
import { personalFields } from '../../domain/record/personal.ts';
import type { By } from '../auth/devices.ts';
import { type Write, applyBatch } from '../db/apply.ts';
import type { Database, Runner } from '../db/database.ts';
import { announce, feedHead, lockFeed } from '../db/feed.ts';
import { lockHolds } from '../db/holds.ts';
import { referrers } from '../db/referrers.ts';
import { securityEvent } from '../db/security-events.ts';
import { settingOf } from '../db/settings.ts';
import { type Tombstone, awaitedIds, heldTombstones, tombstones } from '../db/trash.ts';

export interface TrashDependencies {
  readonly db: Database;
  readonly nouns: readonly Noun[];
  readonly now: () => Date;
}
export interface Purging {
  readonly by: By;
  readonly reason: string;
}

/** Records of one step; writers wait while it is written. */
const PAGE = 200;
/** What one record needed may go when that one has gone; longer chains go with the next run. */
const PASSES_MAX = 5;

interface Sorted {
  readonly free: readonly Tombstone[];
  readonly held: number;
  readonly used: number;
}

/** Ids that another record points at, deleted ones too, for they can be restored; or one that waits for its parent. */
async function usedIds(
  runner: Runner,
  nouns: readonly Noun[],
  collection: string,
  ids: readonly string[],
  since = 0,
): Promise<Set<string>> {
  const used = new Set(await awaitedIds(runner, ids));
  for (const { noun, pointers } of pointersTo(nouns, collection))
    for (const { id } of await referrers(runner, noun.entity, pointers, ids, { live: false, since })) used.add(id);
  return used;
}

async function sorted(runner: Runner, nouns: readonly Noun[], collection: string, due: readonly Tombstone[], since = 0): Promise<Sorted> {
  const ids = due.map(({ id }) => id);
  const held = new Set(await heldTombstones(runner, collection, ids));
  const used = await usedIds(
    runner,
    nouns,
    collection,
    ids.filter((id) => !held.has(id)),
    since,
  );
  return { free: due.filter(({ id }) => !held.has(id) && !used.has(id)), held: held.size, used: used.size };
}

async function* duePages({ db, now }: TrashDependencies, noun: Noun, days: number): AsyncGenerator<Tombstone[]> {
  const before = now().toISOString();
  const today = before.slice(0, 10);
  for (let after = ''; ; ) {
    const page = await tombstones(db, noun.entity.collection, { before, after, limit: PAGE });
    const due = page.filter(({ doc }) => goesOn(noun, doc, days) <= today);
    if (due.length > 0) yield due;
    after = page.at(-1)?.id ?? '';
    if (page.length < PAGE) return;
  }
}

const writeOf = ({ entity }: Noun, { id, doc }: Tombstone, n: number, { by, reason }: Purging, at: string): Write => {
  const stub = purgedDocument(entity, id, randomUUID()) as Write['doc'];
  const left = leftBy(doc, stub);
  const { collection, version } = entity;
  const author = { actor: by.id, device: by.device, address: by.address, at, reason };
  const change = { before: doc, kind: 'delete', command: 'purge', deleted: true, ...(left ? { left } : {}) } as const;
  return { n, collection, id, doc: stub, w: stub.w, version, ...author, ...change };
};

/** Judged once more while nobody writes or places a hold, but only against what has come since; answers how many went. */
async function remove({ db, nouns, now }: TrashDependencies, noun: Noun, due: readonly Tombstone[], since: number, purging: Purging) {
  return db.transaction(async (runner) => {
    await lockHolds(runner);
    await lockFeed(runner);
    const { free } = await sorted(runner, nouns, noun.entity.collection, due, since);
    if (free.length === 0) return 0;
    const at = now().toISOString();
    const writes = free.map((one, n) => writeOf(noun, one, n, purging, at));
    const { moved } = await applyBatch(
      runner,
      { writes, parks: [], unparks: [], refusals: [], settles: [] },
      personalFields([noun.entity]),
    );
    return writes.length - moved.length;
  });
}

const removable = (nouns: readonly Noun[]): Noun[] => nouns.filter(({ entity }) => entity.appendOnly !== true);

/** What a purge would remove now, and how many holds and other records keep. */
export async function countTrash(dependencies: TrashDependencies): Promise<TrashCount> {
  const { db, nouns } = dependencies;
  const days = await settingOf(db, 'trash_days');
  const count = { due: 0, held: 0, used: 0 };
  for (const noun of removable(nouns))
    for await (const due of duePages(dependencies, noun, days)) {
      const { free, held, used } = await sorted(db, nouns, noun.entity.collection, due);
      count.due += free.length;
      count.held += held;
      count.used += used;
    }
  return { days, ...count };
}

/** Removes it; answers how many of each collection went. */
export async function purgeTrash(dependencies: TrashDependencies, purging: Purging): Promise<Readonly<Record<string, number>>> {
  const { db, nouns, now } = dependencies;
  const { by, reason } = purging;
  const days = await settingOf(db, 'trash_days');
  const purged: Record<string, number> = {};
  for (let pass = 1, more = true; more && pass <= PASSES_MAX; pass += 1) {
    more = false;
    for (const noun of removable(nouns)) {
      const { collection } = noun.entity;
      for await (const due of duePages(dependencies, noun, days)) {
        const { seq } = await feedHead(db);
        const { free } = await sorted(db, nouns, collection, due);
        const gone = free.length === 0 ? 0 : await remove(dependencies, noun, free, seq, purging);
        if (gone === 0) continue;
        more = true;
        purged[collection] = (purged[collection] ?? 0) + gone;
        await announce(db);
      }
    }
  }
  if (Object.keys(purged).length === 0) return purged;
  const details = { purged, by: { id: by.id, name: by.name } };
  await securityEvent(db, { kind: 'trash_purged', who: undefined, device: by.device, address: by.address, at: now(), reason, details });
  return purged;
}
