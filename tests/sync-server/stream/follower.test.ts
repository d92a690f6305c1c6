import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALL } from '../../../domain/access/condition.ts';
import { type Write, applyBatch } from '../../../sync-server/db/apply.ts';
import { type Database, type Statement, openDatabase } from '../../../sync-server/db/database.ts';
import { feedHead } from '../../../sync-server/db/feed.ts';
import { prepareDatabase } from '../../../sync-server/db/prepare.ts';
import { followFeed } from '../../../sync-server/stream/follower.ts';
import type { Frame } from '../../../sync-server/stream/frame.ts';
import { ranch, syntheticNouns } from '../synthetic-nouns.ts';
import { cloneDatabase, document, until } from '../test-server.ts';

let db: Database;
beforeAll(async () => {
  db = openDatabase({ url: await cloneDatabase('template0'), connections: 4 });
  await prepareDatabase(
    db,
    syntheticNouns.map((noun) => noun.entity),
  );
});
afterAll(() => db.close());

const fail = (error: Error): never => {
  throw error;
};
async function store(id: string): Promise<void> {
  const { _deleted: _, ...doc } = document(id, { name: id });
  const write: Write = {
    n: 0,
    collection: 'ranches',
    id,
    doc,
    w: doc.w,
    deleted: false,
    version: 0,
    before: null,
    kind: 'insert',
    command: 'create',
    actor: 'x',
    device: 'd',
    at: doc.createdAt,
  };
  await applyBatch(db, { writes: [write], parks: [], unparks: [], refusals: [], settles: [] }, {});
}
/** The real database, with something done around each statement. */
const around = (run: (statement: Statement, ask: () => Promise<unknown[]>) => Promise<unknown[]>): Database => ({
  ...db,
  rows: async <Row>(statement: Statement): Promise<Row[]> => (await run(statement, () => db.rows(statement))) as Row[],
});
const idsOf = (frames: readonly Frame[]): string[] =>
  frames.flatMap((frame) => {
    const event = frame.eventFor({ entity: ranch, version: ranch.version, read: { key: 'all', scope: ALL }, tagged: false });
    const data = event?.toString().slice('data: '.length) ?? '{"documents":[]}';
    return (JSON.parse(data) as { documents: { id: string }[] }).documents.map(({ id }) => id);
  });

test('while nobody listens no document is read, and who comes later hears of what comes next', async () => {
  const asked: string[] = [];
  const follower = await followFeed(
    around((statement, ask) => {
      asked.push(statement.name ?? statement.text);
      return ask();
    }),
    ['ranches'],
    fail,
  );
  await store('unheard');
  follower.wake();
  const { seq } = await feedHead(db);
  await until(() => follower.health().fanned === seq, 'the follower knows the head');
  expect(asked).not.toContain('changes-after');
  const frames: Frame[] = [];
  follower.subscribe((frame) => frames.push(frame));
  await store('heard');
  follower.wake();
  await until(() => frames.length > 0, 'a frame came');
  expect(idsOf(frames)).toEqual(['heard']);
  await follower.close();
});

test('[SYN-1] who begins to listen while the follower looks at the head misses nothing from then on', async () => {
  let isHeld = false;
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isArmed = false;
  const follower = await followFeed(
    around(async (statement, ask) => {
      if (isArmed && statement.name === 'feed-head') {
        isHeld = true;
        await gate;
      }
      return ask();
    }),
    ['ranches'],
    fail,
  );
  isArmed = true;
  follower.wake();
  await until(() => isHeld, 'the follower asks for the head');
  const frames: Frame[] = [];
  follower.subscribe((frame) => frames.push(frame));
  await store('in-between');
  release();
  await until(() => frames.length > 0, 'a frame came');
  expect(idsOf(frames)).toEqual(['in-between']);
  await follower.close();
});

test('[SYN-1] where the collections stand holds what was delivered since the look', async () => {
  const follower = await followFeed(db, ['ranches'], fail);
  const frames: Frame[] = [];
  follower.subscribe((frame) => frames.push(frame));
  const looked = await follower.heads();
  expect(follower.headsNow(looked)).toEqual(looked);
  await store('after-the-look');
  follower.wake();
  await until(() => frames.length > 0, 'a frame came');
  expect(follower.headsNow(looked)?.last.get('ranches')).toBe(looked.seq + 1);
  expect(follower.headsNow(await follower.heads())).toMatchObject({ seq: looked.seq + 1, epoch: looked.epoch });
  await follower.close();
});

test('[SYN-1] nothing is said of where they stand when something was passed over since the look, because nobody listened', async () => {
  const follower = await followFeed(db, ['ranches'], fail);
  const looked = await follower.heads();
  await store('passed-over');
  follower.wake();
  await until(() => follower.health().fanned > looked.seq, 'the follower knows the head');
  expect(follower.headsNow(looked)).toBeUndefined();
  expect(follower.headsNow(await follower.heads())?.last.get('ranches')).toBe(looked.seq + 1);
  await follower.close();
});

test('[SYN-1] a change that comes in the very moment at which a reading ends is read at once, not with the next look', async () => {
  let asked = 0;
  let [turns, askedBefore] = [-1, 0];
  const turn = (left: number): void => (left > 0 ? queueMicrotask(() => turn(left - 1)) : follower.wake());
  const counting = around((statement, ask) => {
    if (statement.name === 'changes-after') asked += 1;
    return ask();
  });
  const onAccess = async (): Promise<void> => {
    if (turns < 0) return;
    askedBefore = asked;
    turn(turns);
    turns = -1;
  };
  const follower = await followFeed(counting, ['ranches'], fail, { onAccess });
  follower.subscribe(() => undefined);
  // So many turns of the queue of promises after the last thing that a reading waits for.
  for (const after of Array.from({ length: 20 }, (_, i) => i)) {
    turns = after;
    follower.wake();
    await until(() => turns < 0, 'a reading comes to its end');
    await new Promise((go) => setImmediate(go));
    expect(asked, `woken ${after} turns later`).toBeGreaterThan(askedBefore);
  }
  await follower.close();
});
