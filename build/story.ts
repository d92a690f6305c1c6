/** `npm run story`: tells the demo company anew into the database of DROVER_DATA or DATABASE_URL, replacing what an older telling left. */
import { dataFolder, say, seedDemo, startDesk } from './desk.ts';
import { runningDesk } from './desk-process.ts';

const folder = dataFolder();
const running = await runningDesk(folder);
if (running) {
  process.stderr.write(`A desk runs at ${running.url} (process ${running.pid}). Stop it first, then tell the story anew.\n`);
  process.exit(1);
}
process.env['PORT'] = '0';
const { server, stop } = await startDesk(folder);
try {
  say(`Told ${await seedDemo(server, folder, true)} steps.`);
} finally {
  await stop();
}
