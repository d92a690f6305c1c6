/** Drives the pages of the bench in a real Chromium with a profile on disk. */
import { mkdtemp, rm } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, type Page, chromium } from '@playwright/test';
import { type Plugin, build } from 'vite';
import { chromiumSwitches, ensureChromium } from '../../build/chromium.ts';
import type { Back, DevicePage, FirstSync, OpenOrder, OpenTimes, RawPage, SyncOrder } from './measured.ts';

const repo = fileURLToPath(new URL('../..', import.meta.url));

const pages = {
  ours: new URL('./ours.ts', import.meta.url),
  stock: new URL('./stock.ts', import.meta.url),
  raw: new URL('./raw.ts', import.meta.url),
} as const;
export type PageName = keyof typeof pages;

/** rxdb-server's client imports Node's `eventsource` for its live mode, which the bench never switches on. */
const noEventSource: Plugin = {
  name: 'no-event-source',
  enforce: 'pre',
  resolveId: (id) => (id === 'eventsource' ? '\0no-event-source' : undefined),
  load: (id) => (id === '\0no-event-source' ? 'export default class {}' : undefined),
};

async function bundle(name: PageName): Promise<string> {
  const built = await build({
    root: repo,
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    resolve: name === 'stock' ? { alias: [{ find: /^rxdb(?=\/|$)/u, replacement: 'rxdb-stock' }] } : {},
    plugins: [noEventSource],
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      minify: false,
      target: 'chrome148',
      lib: { entry: fileURLToPath(pages[name]), formats: ['iife'], name: 'page' },
    },
  });
  const outputs = Array.isArray(built) ? built : [built];
  const chunk = outputs.flatMap((one) => ('output' in one ? one.output : [])).find((one) => one.type === 'chunk');
  if (chunk?.type !== 'chunk') throw new Error(`the page ${name} was not bundled`);
  return chunk.code;
}

export interface Device {
  firstSync(order: SyncOrder): Promise<FirstSync>;
  open(order: OpenOrder): Promise<OpenTimes>;
  insert(count: number, rows: number): Promise<number>;
  leave(order: SyncOrder): Promise<void>;
  edit(ids: readonly string[], mark: string): Promise<void>;
  comeBack(): Promise<Back>;
  /** Ends the browser and starts it again on the same profile: what follows is a cold open. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A page of its own origin; nothing else is served. */
const serveBlank = (port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>bench</title>');
    });
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });

/** Opens a browser with one page of the bench. `port` of 127.0.0.1 must be free. */
export async function openDevice(name: PageName, port: number): Promise<Device> {
  const code = await bundle(name);
  const profile = await mkdtemp(join(tmpdir(), `drover-bench-${name}-`));
  const server = await serveBlank(port);
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
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.addScriptTag({ content: code });
  };
  await start();
  return {
    firstSync: (order) => page.evaluate((o) => (globalThis as unknown as { bench: DevicePage }).bench.firstSync(o), order),
    open: (order) => page.evaluate((o) => (globalThis as unknown as { bench: DevicePage }).bench.open(o), order),
    insert: (count, rows) =>
      page.evaluate(([c, r]) => (globalThis as unknown as { bench: RawPage }).bench.insert(c, r), [count, rows] as const),
    leave: (order) => page.evaluate((o) => (globalThis as unknown as { bench: DevicePage }).bench.leave(o), order),
    edit: (ids, mark) => page.evaluate(([i, m]) => (globalThis as unknown as { bench: DevicePage }).bench.edit(i, m), [ids, mark] as const),
    comeBack: () => page.evaluate(() => (globalThis as unknown as { bench: DevicePage }).bench.comeBack()),
    async restart() {
      await context.close();
      await start();
    },
    async close() {
      await context.close();
      server.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
