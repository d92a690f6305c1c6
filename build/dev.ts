/** `npm run dev`: the sync server, and the window with reloading while you edit. Server code needs a restart. */
import { createServer } from 'vite';
import { dataFolder, root, say, seedDemo, startDesk } from './desk.ts';
import { forgetDesk, noteDesk, runningDesk } from './desk-process.ts';

const folder = dataFolder();
const running = await runningDesk(folder);
if (running) {
  process.stderr.write(`Drover is already running at ${running.url} (process ${running.pid}). Stop it first.\n`);
  process.exit(1);
}
const { server, stop } = await startDesk(folder);
noteDesk(folder, { pid: process.pid, url: server.url });
await seedDemo(server, folder);
const window = await createServer({ root: `${root}renderer`, configFile: `${root}vite.config.ts` });
await window.listen();
say(`Server ${server.url}, window ${window.resolvedUrls?.local[0] ?? ''}`);
const end = (): void => {
  forgetDesk(folder);
  window
    .close()
    .then(stop)
    .then(
      () => process.exit(0),
      () => process.exit(1),
    );
};
process.once('SIGINT', end);
process.once('SIGTERM', end);
