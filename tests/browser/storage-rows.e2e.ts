/**
 * Chromium compresses the values of IndexedDB from a size on, before they go to the process that stores them. The rows of pages
 * have that size: what a first sync writes costs that process a fraction of its text.
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, expect, test } from '@playwright/test';
import { chromiumSwitches, ensureChromium } from '../../build/chromium.ts';
import { servePage } from '../../build/page-server.ts';
import { contentOf } from './storage-lanes.ts';
import { logOf } from './storage-log.ts';

const RECORDS = 4000;

/** How many of the records can be read in the browser's own logs as they were written. */
function readableIn(profile: string): number {
  const folder = dirname(logOf(profile) ?? '');
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log'));
  const texts = logs.map((name) => readFileSync(join(folder, name), 'latin1'));
  const starts = Array.from({ length: RECORDS }, (_, i) => contentOf(0, i).slice(0, 40));
  return starts.filter((start) => texts.some((text) => text.includes(start))).length;
}

test('pages that come in bulk are compressed before the browser stores them', async () => {
  const profile = mkdtempSync(join(tmpdir(), 'drover-rows-'));
  const server = await servePage(fileURLToPath(new URL('./storage-page.ts', import.meta.url)));
  const failed = server.next('/failed').then(({ body }) => Promise.reject(new Error(String(body))));
  let context: BrowserContext | undefined;
  try {
    context = await chromium.launchPersistentContext(profile, { executablePath: ensureChromium(), args: [...chromiumSwitches] });
    const found = server.next('/found');
    const filled = server.next('/filled');
    const page = await context.newPage();
    await page.goto(`${server.url}?fill=${RECORDS}`);
    (await Promise.race([found, failed])).answer({ from: [] });
    await Promise.race([filled, failed]);
    // Of the last row, which is shorter, all of them.
    expect(readableIn(profile)).toBeLessThan(RECORDS / 10);
  } finally {
    await context?.close();
    await server.close();
    rmSync(profile, { recursive: true, force: true });
  }
});
