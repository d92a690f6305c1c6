/**
 * Chromium compresses the values of IndexedDB from a size on, before they go to the process that stores them. The rows of pages
 * have that size: what a first sync writes costs that process a fraction of its text.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, expect, test } from '@playwright/test';
import { chromiumSwitches, ensureChromium } from '../../build/chromium.ts';
import { servePage } from '../../build/page-server.ts';
import { logOf } from './storage-log.ts';

const RECORDS = 4000;

test('pages that come in bulk are compressed before the browser stores them', async () => {
  const profile = mkdtempSync(join(tmpdir(), 'drover-rows-'));
  const server = await servePage(fileURLToPath(new URL('./storage-page.ts', import.meta.url)));
  const failed = server.next('/failed').then(({ body }) => Promise.reject(new Error(String(body))));
  let context: BrowserContext | undefined;
  try {
    context = await chromium.launchPersistentContext(profile, { executablePath: ensureChromium(), args: [...chromiumSwitches] });
    const found = server.next('/found');
    const page = await context.newPage();
    await page.goto(`${server.url}?fill=${RECORDS}`);
    const { answer } = await Promise.race([found, failed]);
    const sizes = (): { readonly log: string; readonly bytes: number } => {
      const log = logOf(profile) ?? '';
      return { log, bytes: log === '' ? 0 : statSync(log).size };
    };
    // The engine has the browser begin a new log first; when that is done, what is written is little enough to stay in one.
    let before = sizes();
    await expect
      .poll(
        () => {
          const last = before;
          before = sizes();
          return before.bytes > 0 && last.log === before.log && last.bytes === before.bytes;
        },
        { intervals: [1500] },
      )
      .toBe(true);
    const filled = server.next('/filled');
    answer({ from: [] });
    const { body } = await Promise.race([filled, failed]);
    const { chars } = body as { readonly chars: number };
    const after = sizes();
    expect(after.log).toBe(before.log);
    expect(chars).toBeGreaterThan(800_000);
    expect(after.bytes - before.bytes).toBeLessThan(chars / 2);
  } finally {
    await context?.close();
    await server.close();
    rmSync(profile, { recursive: true, force: true });
  }
});
