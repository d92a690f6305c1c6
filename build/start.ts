/**
 * `npm start`: the whole desk on this machine. Embedded Postgres (or DATABASE_URL), migrations, demo company on first use,
 * sync server, and the window: Electron where its binary is, else the same window at the printed address.
 */
import { spawn } from 'node:child_process';
import { DEMO_PASSWORD, demoUsers } from '../sync-server/db/demo-accounts.ts';
import { dataFolder, root, say, seedDemo, startDesk, windowIsStale } from './desk.ts';
import { forgetDesk, noteDesk, runningDesk } from './desk-process.ts';
import { findElectron } from './electron-binary.ts';

async function openWindow(url: string): Promise<void> {
  const electron = findElectron();
  if (electron === undefined) {
    say(`\nOpen ${url} in a browser. (Electron's binary is not installed here; it would show the same desk in a window of its own.)`);
    return;
  }
  const { bundleShell } = await import('./bundle-shell.ts');
  await bundleShell();
  spawn(electron, [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), root], {
    stdio: 'ignore',
    env: { ...process.env, DROVER_SERVER: url },
  }).on('error', (error) => say(`The window could not be opened (${error.message}). Open ${url} in a browser instead.`));
}

async function main(): Promise<void> {
  const folder = dataFolder();
  const running = await runningDesk(folder);
  if (running) {
    say(
      `Drover is already running at ${running.url} (process ${running.pid}). Open that address, or stop it with Ctrl+C where it was started.`,
    );
    return;
  }
  const production = process.env.NODE_ENV === 'production';
  if (windowIsStale()) {
    say('Building the window ...');
    const { bundleWindow } = await import('./bundle.ts');
    await bundleWindow();
  }
  const { server, stop } = await startDesk(folder);
  noteDesk(folder, { pid: process.pid, url: server.url });
  let stopping = false;
  const end = (): void => {
    if (stopping) return;
    stopping = true;
    say('\nStopping ...');
    forgetDesk(folder);
    stop().then(
      () => process.exit(0),
      (error: Error) => {
        say(`Stopping failed: ${error.message}`);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  if (!production) {
    const steps = await seedDemo(server, folder);
    if (steps > 0) say(`Made the demo company: ${steps} steps of one week.`);
  }
  say(`\nDrover runs at ${server.url}`);
  if (!production) say(`Demo sign-ins, password ${DEMO_PASSWORD}:\n${demoUsers.map((user) => `  ${user.email}`).join('\n')}`);
  say(`Data: ${folder}. Stop with Ctrl+C.`);
  await openWindow(server.url);
}

main().catch((error: Error) => {
  process.stderr.write(`Drover cannot start: ${error.message}\n`);
  process.exit(1);
});
