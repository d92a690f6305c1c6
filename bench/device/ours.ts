/// <reference lib="dom" />
/** Our own client in the browser: the desk with all its collections, the session and the sync of the product. */
import { openDesk } from '../../renderer/data/desk.ts';
import { startSync } from '../../renderer/sync/connection.ts';
import { openSession, webSecretStore } from '../../renderer/sync/session.ts';
import { COLLECTION } from '../documents.ts';
import { heapMegabytes, measureOpen, publish, watchTasks } from './measured.ts';

publish({
  async firstSync({ name, origin, expected, email, password }) {
    const desk = await openDesk({ name, severalWindows: false });
    const session = await openSession({ baseUrl: origin, local: desk.local, secrets: webSecretStore(desk.local), deviceId: desk.deviceId });
    const signedIn = await session.signIn(email, password);
    if (!signedIn.ok) throw new Error(signedIn.message);
    const tasks = watchTasks();
    const from = performance.now();
    const sync = await startSync(desk, session);
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        const { phase, problem } = sync.state.get();
        if (phase === 'live') resolve();
        else if (phase === 'error' || phase === 'outdated' || phase === 'signed_out') reject(new Error(`${phase}: ${problem ?? ''}`));
      };
      sync.state.subscribe(look);
      look();
    });
    const seconds = (performance.now() - from) / 1000;
    const longestTask = tasks.longest();
    tasks.stop();
    const heap = heapMegabytes();
    const documents = await desk.collection(COLLECTION).count({ selector: {} }).exec();
    if (documents !== expected) throw new Error(`the device holds ${documents} documents instead of ${expected}`);
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
});
