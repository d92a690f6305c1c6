/**
 * The real Chromium killed with -9 at a random moment while it writes, and opened again on the same profile: what was
 * acknowledged is there, nothing is there that was never written, and no checkpoint is ahead of its records. The kernel
 * survives such a death, so this says nothing about a power cut: that is what strict durability of the browser is for. Some
 * deaths are made to come in the middle of a write of the browser's own (renderer/data/storage/fresh-log.ts).
 *
 * `DROVER_KILLS=3000` runs the long mode; without it some tens.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { chromiumSwitches, ensureChromium } from '../../build/chromium.ts';
import { type Found, type Lane, lanes, mix, settle } from './storage-lanes.ts';
import { logOf, tear } from './storage-log.ts';
import { type PageServer, servePage } from '../../build/page-server.ts';

const KILLS = Number(process.env['DROVER_KILLS'] ?? '25');
const SEED = Number(process.env['DROVER_KILL_SEED'] ?? Date.now() % 1_000_000);
/** Killed beside each other, because much of the time of one is waiting: each has its own disk and its own moments. */
const DEVICES = 2;
const START_MS_MAX = 60_000;
/** Of eight deaths, the one that comes in the middle of a write. */
const TORN = 4;

let chromium: string | undefined;
const launch = (profile: string, url: string): ChildProcess =>
  spawn((chromium ??= ensureChromium()), [...chromiumSwitches, '--headless=new', `--user-data-dir=${profile}`, url], {
    stdio: 'ignore',
    detached: true,
  });

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

/** One device: its disk, and what must be found there. */
interface Victim {
  readonly profile: string;
  readonly server: PageServer;
  readonly model: readonly Lane[];
  operations: number;
}
const makeVictim = async (): Promise<Victim> => ({
  profile: mkdtempSync(join(tmpdir(), 'drover-kill-')),
  server: await servePage(fileURLToPath(new URL('./storage-page.ts', import.meta.url))),
  model: lanes.map(() => ({ state: new Map(), number: 0, acknowledged: 0 })),
  operations: 0,
});

/** Opens the device and compares it with what it acknowledged; unless it was the last time, has it write and kills it meanwhile. */
async function live(victim: Victim, round: number, before: string | undefined, last: boolean): Promise<void> {
  const { profile, server, model } = victim;
  const failed = server.next('/failed');
  const found = server.next('/found');
  let begun: () => void = () => undefined;
  const first = new Promise<void>((done) => (begun = done));
  server.on('/acknowledged', (body) => {
    const { lane, number } = body as { lane: number; number: number };
    const own = model[lane];
    if (own) own.acknowledged = Math.max(own.acknowledged, number);
    victim.operations += 1;
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
    for (const [index, lane] of model.entries()) settle(lane, index, told, `round ${round}`);
    if (last) return;
    answer({ from: model.map((lane) => lane.number) });
    await within(`round ${round} to write`, Promise.race([first, failure]));
    // What is written behind a torn record costs everything at the next start, unless the browser has left that log before.
    if (before !== undefined) await expect.poll(() => existsSync(before), { timeout: START_MS_MAX, intervals: [20] }).toBe(false);
    await new Promise((done) => setTimeout(done, mix(SEED, round) % 700));
  } finally {
    await kill(child);
  }
}

/** Deaths of one device: number `from` and each `step`th behind it, until one of them was not survived. */
async function outlive(victim: Victim, from: number, step: number, failed: AbortSignal): Promise<void> {
  let before: string | undefined;
  for (let round = from; round < KILLS; round += step) {
    if (failed.aborted) return;
    await live(victim, round, before, false);
    before = logOf(victim.profile);
    if (before !== undefined && Math.floor(round / step) % 8 === TORN) tear(before);
  }
  await live(victim, KILLS, before, true);
}

test.describe('the storage of the device', () => {
  let victims: readonly Victim[] = [];
  let survived = false;
  // Made here, because Playwright reads this file in two processes.
  test.beforeAll(async () => {
    victims = await Promise.all(Array.from({ length: DEVICES }, makeVictim));
  });
  test.afterAll(async () => {
    for (const { server, profile } of victims) {
      await server.close();
      // What failed is there to be looked at.
      if (survived) rmSync(profile, { recursive: true, force: true });
      else process.stderr.write(`kept: ${profile}\n`);
    }
  });

  test(`holds all it acknowledged over ${KILLS} deaths of the browser at random moments`, async () => {
    test.info().annotations.push({ type: 'DROVER_KILL_SEED', description: String(SEED) });
    test.setTimeout(60_000 + KILLS * 15_000);
    const failed = new AbortController();
    const devices = victims.map((victim, from) => outlive(victim, from, DEVICES, failed.signal));
    for (const device of devices) device.catch(() => failed.abort());
    await Promise.allSettled(devices);
    await Promise.all(devices);
    const operations = victims.reduce((sum, victim) => sum + victim.operations, 0);
    test.info().annotations.push({ type: 'operations', description: String(operations) });
    expect(operations).toBeGreaterThan(KILLS);
    survived = true;
  });
});
