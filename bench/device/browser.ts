/** Drives the pages of the bench in a real Chromium with a profile on disk. */
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, type Page, chromium } from '@playwright/test';
import type { Plugin } from 'vite';
import { chromiumSwitches, ensureChromium } from '../../build/chromium.ts';
import { servePage } from '../../build/page-server.ts';
import type { Back, DevicePage, FirstSync, OpenOrder, OpenTimes, RawPage, SyncOrder } from './measured.ts';
import type { Answered, AskOrder, FillOrder, Filled, StoragesPage } from './storages-measured.ts';
import { watchWork } from './work.ts';

const pages = {
  ours: new URL('./ours.ts', import.meta.url),
  stock: new URL('./stock.ts', import.meta.url),
  raw: new URL('./raw.ts', import.meta.url),
  storages: new URL('./storages.ts', import.meta.url),
} as const;
export type PageName = keyof typeof pages;

/** rxdb-server's client imports Node's `eventsource` for its live mode, which the bench never switches on. */
const noEventSource: Plugin = {
  name: 'no-event-source',
  enforce: 'pre',
  resolveId: (id) => (id === 'eventsource' ? '\0no-event-source' : undefined),
  load: (id) => (id === '\0no-event-source' ? 'export default class {}' : undefined),
};

export interface Size {
  readonly disk: number;
  readonly memory: number;
}
/** With the longest task of the window by processor time, in milliseconds. */
export type Worked<T> = T & { readonly longestWork: number };
export interface Device {
  firstSync(order: SyncOrder): Promise<Worked<FirstSync>>;
  open(order: OpenOrder): Promise<OpenTimes>;
  insert(count: number, rows: number): Promise<number>;
  leave(order: SyncOrder): Promise<void>;
  edit(ids: readonly string[], mark: string): Promise<void>;
  comeBack(): Promise<Back>;
  fill(order: FillOrder): Promise<Worked<Filled>>;
  ask(order: AskOrder): Promise<Worked<Answered>>;
  /** Megabytes of IndexedDB on the disk, and of memory in all renderers. NaN where it cannot be told. */
  size(): Promise<Size>;
  /** Ends the browser and starts it again on the same profile: what follows is a cold open. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const MB = 1024 * 1024;

/** What IndexedDB has in the profile. */
async function diskOf(profile: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(profile, { recursive: true })) {
    if (!entry.includes('IndexedDB')) continue;
    const { size } = await stat(join(profile, entry)).catch(() => ({ size: 0 }));
    bytes += size;
  }
  return bytes / MB;
}

/** Memory of the renderers of this profile, where the system tells: the page, and the worker wherever it lives. Shared pages count in part. */
async function memoryOf(profile: string): Promise<number> {
  const read = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');
  const processes = (await readdir('/proc').catch(() => [])).filter((entry) => /^\d+$/.test(entry));
  const own: string[] = [];
  for (const pid of processes) {
    const command = await read(`/proc/${pid}/cmdline`);
    if (command.includes('--type=renderer') && command.includes(profile)) own.push(pid);
  }
  const kilobytes = await Promise.all(
    own.map(async (pid) => Number(/^Pss:\s+(\d+)/m.exec(await read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 'NaN')),
  );
  return kilobytes.length === 0 ? Number.NaN : kilobytes.reduce((sum, one) => sum + one, 0) / 1024;
}

/** Opens a browser with one page of the bench. `port` of 127.0.0.1 must be free. */
export async function openDevice(name: PageName, port: number): Promise<Device> {
  const server = await servePage(fileURLToPath(pages[name]), {
    port,
    plugins: [noEventSource],
    ...(name === 'stock' ? { alias: [{ find: /^rxdb(?=\/|$)/u, replacement: 'rxdb-stock' }] } : {}),
  });
  const profile = await mkdtemp(join(tmpdir(), `drover-bench-${name}-`));
  let context: BrowserContext;
  let page: Page;
  const start = async (): Promise<void> => {
    context = await chromium.launchPersistentContext(profile, {
      executablePath: ensureChromium(),
      // The servers answer their own origin only, and the page is served by neither: equal terms for both.
      args: [...chromiumSwitches, '--disable-web-security', '--enable-precise-memory-info'],
      headless: true,
    });
    page = context.pages()[0] ?? (await context.newPage());
    await page.goto(server.url);
    await page.waitForFunction(() => 'bench' in globalThis);
  };
  await start();
  const worked = async <T extends object>(work: () => Promise<T>): Promise<Worked<T>> => {
    const stop = await watchWork(context, page);
    const answer = await work();
    return { ...answer, longestWork: await stop() };
  };
  return {
    firstSync: (order) => worked(() => page.evaluate((o) => (globalThis as unknown as { bench: DevicePage }).bench.firstSync(o), order)),
    open: (order) => page.evaluate((o) => (globalThis as unknown as { bench: DevicePage }).bench.open(o), order),
    insert: (count, rows) =>
      page.evaluate(([c, r]) => (globalThis as unknown as { bench: RawPage }).bench.insert(c, r), [count, rows] as const),
    leave: (order) => page.evaluate((o) => (globalThis as unknown as { bench: DevicePage }).bench.leave(o), order),
    edit: (ids, mark) => page.evaluate(([i, m]) => (globalThis as unknown as { bench: DevicePage }).bench.edit(i, m), [ids, mark] as const),
    comeBack: () => page.evaluate(() => (globalThis as unknown as { bench: DevicePage }).bench.comeBack()),
    fill: (order) => worked(() => page.evaluate((o) => (globalThis as unknown as { bench: StoragesPage }).bench.fill(o), order)),
    ask: (order) => worked(() => page.evaluate((o) => (globalThis as unknown as { bench: StoragesPage }).bench.ask(o), order)),
    size: async () => ({ disk: await diskOf(profile), memory: await memoryOf(profile) }),
    async restart() {
      await context.close();
      await start();
    },
    async close() {
      await context.close();
      await server.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
