/**
 * The real Chromium killed with -9 at a random moment while it writes, and opened again on the same profile: what was
 * acknowledged is there, nothing is there that was never written, and no checkpoint is ahead of its records. The kernel
 * survives such a death, so this says nothing about a power cut: that is what strict durability of the browser is for.
 *
 * `DROVER_KILLS=3000` runs the long mode; without it some tens.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { chromiumSwitches, ensureChromium } from '../../build/chromium.ts';
import { type Found, type Lane, lanes, mix, settle } from './storage-lanes.ts';
import { type PageServer, servePage } from '../../build/page-server.ts';

const KILLS = Number(process.env['DROVER_KILLS'] ?? '25');
const SEED = Number(process.env['DROVER_KILL_SEED'] ?? Date.now() % 1_000_000);
const START_MS_MAX = 60_000;

const launch = (profile: string, url: string): ChildProcess =>
  spawn(ensureChromium(), [...chromiumSwitches, '--headless=new', `--user-data-dir=${profile}`, url], { stdio: 'ignore', detached: true });

async function kill(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  // The whole group: browser, renderers, the process that writes to the disk.
  process.kill(-child.pid, 'SIGKILL');
  await ended;
}

const within = <T>(what: string, promise: Promise<T>): Promise<T> => {
  let late: NodeJS.Timeout | undefined;
  return Promise.race([
    promise,
    new Promise<never>((_, reject) => {
      late = setTimeout(() => reject(new Error(`waited ${START_MS_MAX} ms in vain: ${what}`)), START_MS_MAX);
    }),
  ]).finally(() => clearTimeout(late));
};

test.describe('the storage of the device', () => {
  let server: PageServer;
  // Made here, because Playwright reads this file in two processes.
  let profile: string;
  test.beforeAll(async () => {
    profile = mkdtempSync(join(tmpdir(), 'drover-kill-'));
    server = await servePage(fileURLToPath(new URL('./storage-page.ts', import.meta.url)));
  });
  test.afterAll(async () => {
    await server.close();
    rmSync(profile, { recursive: true, force: true });
  });

  test(`holds all it acknowledged over ${KILLS} deaths of the browser at random moments`, async () => {
    test.info().annotations.push({ type: 'DROVER_KILL_SEED', description: String(SEED) });
    test.setTimeout(60_000 + KILLS * 15_000);
    const model: Lane[] = lanes.map(() => ({ state: new Map(), number: 0, acknowledged: 0 }));
    let operations = 0;
    for (let round = 0; round <= KILLS; round += 1) {
      const failed = server.next('/failed');
      const found = server.next('/found');
      let begun: () => void = () => undefined;
      const first = new Promise<void>((done) => (begun = done));
      server.on('/acknowledged', (body) => {
        const { lane, number } = body as { lane: number; number: number };
        const own = model[lane];
        if (own) own.acknowledged = Math.max(own.acknowledged, number);
        operations += 1;
        begun();
        return {};
      });
      const child = launch(profile, server.url);
      try {
        const failure = failed.then(({ body }) => Promise.reject(new Error(`round ${round}: ${String(body)}`)));
        const { body, answer } = await within(`round ${round} to open`, Promise.race([found, failure]));
        const told = body as Found;
        expect(told.damages, `round ${round}`).toEqual([]);
        expect(told.wrong, `round ${round}`).toEqual([]);
        for (const [index, lane] of model.entries()) settle(lane, index, told);
        if (round === KILLS) break;
        answer({ from: model.map((lane) => lane.number) });
        await within(`round ${round} to write`, Promise.race([first, failure]));
        await new Promise((done) => setTimeout(done, mix(SEED, round) % 700));
      } finally {
        await kill(child);
      }
    }
    test.info().annotations.push({ type: 'operations', description: String(operations) });
    expect(operations).toBeGreaterThan(KILLS);
  });
});
