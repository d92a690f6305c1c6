/// <reference lib="dom" />
/** Our own client in the browser: the desk with all its collections, the session and the sync of the product. */
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import type { Desk } from '../../renderer/data/desk.ts';
import { openDesk } from '../../renderer/data/desk.ts';
import { submit } from '../../renderer/data/submit.ts';
import { type Sync, startSync } from '../../renderer/sync/connection.ts';
import { type Session, openSession, webSecretStore } from '../../renderer/sync/session.ts';
import { COLLECTION } from '../documents.ts';
import { type DevicePage, type SyncOrder, heapMegabytes, measureOpen, publish, watchTasks } from './measured.ts';

interface Open {
  readonly desk: Desk;
  readonly session: Session;
}
let away: (Open & { readonly sync: Sync; readonly userId: string }) | undefined;

const still = () => {
  if (!away) throw new Error('the device has not left yet');
  return away;
};

async function openSignedIn({ name, origin, email, password, storage = 'packed' }: SyncOrder): Promise<Open & { readonly userId: string }> {
  const desk = await openDesk({ name, severalWindows: false, storage: storage === 'memory' ? getRxStorageMemory() : storage });
  const session = await openSession({ baseUrl: origin, local: desk.local, secrets: webSecretStore(desk.local), deviceId: desk.deviceId });
  const signedIn = await session.signIn(email, password);
  if (!signedIn.ok) throw new Error(signedIn.message);
  const state = session.state.get();
  if (!state.user) throw new Error(`the session is ${state.phase}`);
  return { desk, session, userId: state.user.id };
}

const until = (sync: Sync, done: () => boolean): Promise<void> =>
  new Promise((resolve, reject) => {
    const look = (): void => {
      const { phase, problem } = sync.state.get();
      if (done()) resolve();
      else if (phase === 'error' || phase === 'outdated' || phase === 'signed_out') reject(new Error(`${phase}: ${problem ?? ''}`));
    };
    sync.state.subscribe(look);
    look();
  });
const isLive = (sync: Sync) => (): boolean => sync.state.get().phase === 'live';

async function checkCount(desk: Desk, expected: number): Promise<number> {
  const documents = await desk.collection(COLLECTION).count({ selector: {} }).exec();
  if (documents !== expected) throw new Error(`the device holds ${documents} documents instead of ${expected}`);
  return documents;
}

publish<DevicePage>({
  async firstSync(order) {
    const { desk, session } = await openSignedIn(order);
    const tasks = watchTasks();
    const from = performance.now();
    const sync = await startSync(desk, session);
    await until(sync, isLive(sync));
    const seconds = (performance.now() - from) / 1000;
    const longestTask = tasks.longest();
    tasks.stop();
    const heap = heapMegabytes();
    const documents = await checkCount(desk, order.expected);
    await sync.stop();
    session.close();
    await desk.close();
    return { documents, seconds, longestTask, heap };
  },
  open: (order) =>
    measureOpen(async () => {
      const desk = await openDesk({ name: order.name, severalWindows: false });
      return desk.collection(COLLECTION);
    }, order),
  async leave(order) {
    const open = await openSignedIn(order);
    const sync = await startSync(open.desk, open.session);
    await until(sync, isLive(sync));
    await sync.settled();
    await checkCount(open.desk, order.expected);
    await sync.setForcedOffline(true);
    away = { ...open, sync };
  },
  async edit(ids, mark) {
    const { desk, userId } = still();
    for (const [i, id] of ids.entries()) {
      const command = { collection: COLLECTION, command: 'change', id, draft: { fsisCircuit: `${mark}${i}` } } as const;
      const answer = await submit(desk, command, { userId, deskId: '' });
      if (!answer.ok) throw new Error(answer.rejection.message);
    }
  },
  async comeBack() {
    const { desk, session, sync } = still();
    const tasks = watchTasks();
    const from = performance.now();
    await sync.setForcedOffline(false);
    await until(sync, () => isLive(sync)() && sync.state.get().waitingTotal === 0);
    await sync.settled();
    const seconds = (performance.now() - from) / 1000;
    const longestTask = tasks.longest();
    tasks.stop();
    const check = await sync.checkDevice();
    const differing = check.collections.filter((one) => one.differing > 0);
    if (differing.length > 0) throw new Error(`device and server differ: ${JSON.stringify(differing)}`);
    await sync.stop();
    session.close();
    await desk.close();
    return { seconds, longestTask };
  },
});
