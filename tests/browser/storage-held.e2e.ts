/**
 * A browser that was killed can leave a process behind that still holds the files of IndexedDB when the next one starts. A
 * plain file where their folder belongs has the same answers: `open` fails as a whole, `databases()` knows of none.
 */
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, expect, test } from '@playwright/test';
import { chromiumSwitches, ensureChromium } from '../../build/chromium.ts';
import { servePage } from '../../build/page-server.ts';
import { type Found, type Lane, lanes, settle } from './storage-lanes.ts';

test('[SYN-12] a device opens with all its records as soon as a killed browser has let go of their files', async () => {
  const profile = mkdtempSync(join(tmpdir(), 'drover-held-'));
  const server = await servePage(fileURLToPath(new URL('./storage-page.ts', import.meta.url)));
  const failed = server.next('/failed').then(({ body }) => Promise.reject(new Error(String(body))));
  const model: Lane[] = lanes.map(() => ({ state: new Map(), number: 0, acknowledged: 0 }));
  server.on('/acknowledged', (body) => {
    const { lane, number } = body as { lane: number; number: number };
    const own = model[lane];
    if (own) own.acknowledged = Math.max(own.acknowledged, number);
    return {};
  });
  let context: BrowserContext | undefined;
  const open = async () => {
    context = await chromium.launchPersistentContext(profile, { executablePath: ensureChromium(), args: [...chromiumSwitches] });
    const found = server.next('/found');
    const page = await context.newPage();
    await page.goto(`${server.url}?lanes=0`);
    return found;
  };
  try {
    (await open()).answer({ from: lanes.map(() => 0) });
    await expect.poll(() => model[0]?.acknowledged).toBeGreaterThan(10);
    await context?.close();

    const folder = join(profile, 'Default', 'IndexedDB');
    const [files = 'none'] = readdirSync(folder).filter((name) => name.endsWith('.leveldb'));
    renameSync(join(folder, files), join(folder, 'away'));
    writeFileSync(join(folder, files), 'held');
    const again = open();
    await new Promise((done) => setTimeout(done, 2000));
    rmSync(join(folder, files));
    renameSync(join(folder, 'away'), join(folder, files));

    const { body } = await Promise.race([again, failed]);
    expect((body as Found).damages).toEqual([]);
    settle(model[0] as Lane, 0, body as Found);
    expect(model[0]?.state.size).toBeGreaterThan(0);
  } finally {
    await context?.close();
    await server.close();
    rmSync(profile, { recursive: true, force: true });
  }
});
