/**
 * Drops what this device set aside once the server's entry about the same write is here: the inbox then has it, on every
 * device of its author, and nothing is shown twice. What the server could not keep stays set aside.
 */
import { liveQuery } from 'dexie';
import { readKept } from '../data/inbox.ts';
import type { Desk } from '../data/desk.ts';
import type { SetAsideRow } from '../data/local-store.ts';
import { paced } from '../data/pace.ts';
import { makeBackground } from './gate.ts';

const INBOX = 'activities';

/** Whether an entry of the inbox holds this very write. */
async function isKept(desk: Desk, { collection, id, mine }: SetAsideRow): Promise<boolean> {
  const entries = await desk
    .collection(INBOX)
    .find({ selector: { recordId: id, recordCollection: collection, kind: { $in: ['refusal', 'clash'] } } })
    .exec();
  return entries.some((entry) => {
    const text: unknown = entry.get('keptContent');
    return typeof text === 'string' && readKept(text)?.mine.w === mine['w'];
  });
}

/** One look through all that is set aside. */
export async function dropKept(desk: Desk): Promise<void> {
  const rows = await desk.local.setAside.toArray();
  for (const row of rows) {
    if (row.number !== undefined && (await isKept(desk, row))) await desk.local.setAside.delete(row.number);
  }
}

/** Looks again whenever something was set aside or an activity came; answers how to stop. */
export function watchKept(desk: Desk): () => Promise<void> {
  if (!desk.nouns.some(({ entity }) => entity.collection === INBOX)) return () => Promise.resolve();
  let stopped = false;
  const background = makeBackground((error) => {
    if (!stopped) throw error;
  });
  const pace = paced(() => {
    if (!stopped && desk.local.isOpen()) background.run(dropKept(desk));
    return background.finished();
  });
  const subs = [
    liveQuery(() => desk.local.setAside.count()).subscribe(() => pace.poke()),
    desk.collection(INBOX).eventBulks$.subscribe(() => pace.poke()),
  ];
  return () => {
    stopped = true;
    pace.stop();
    for (const sub of subs) sub.unsubscribe();
    return background.finished();
  };
}
