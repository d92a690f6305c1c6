/**
 * A first sync of more pages than are under way at once, killed with -9 again and again in its middle: the device goes on from what is on
 * its disk, and ends with all of it, once. FIRST_SYNC_KILLS asks for more deaths.
 */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Locator, type Page, expect, test } from '@playwright/test';
import { COLLECTION, SCHEMA_VERSION, benchDocuments } from '../../bench/documents.ts';
import { measurePush } from '../../bench/load.ts';
import { Device, onStage, signIn } from './desk.ts';

const KILLS = Number(process.env['FIRST_SYNC_KILLS'] ?? 3);
const RECORDS = 8400;

const chip = (page: Page): Locator => page.getByRole('banner').getByRole('status').getByRole('link');

test.describe('a first sync that is killed', () => {
  test.skip(!existsSync('/proc'), 'SKIPPED: the processes of a browser are found by /proc, which this system does not have');
  /** Pages of locations that the desk has asked for since it was opened. */
  let pulls = 0;
  const device = new Device([], async (context) => {
    pulls = 0;
    await context.route(`**/sync/${COLLECTION}/*/pull?*`, async (route) => {
      pulls += 1;
      await route.continue();
    });
  });
  const stage = onStage({ device });

  test(`[SYN-5][SYN-12] ${KILLS} deaths in its middle: everything is there, once`, async () => {
    test.setTimeout(180_000 + KILLS * 30_000);
    const { url } = stage.server;
    const target = { origin: url, path: `/sync/${COLLECTION}/${SCHEMA_VERSION}`, headers: await stage.server.headersOf('broker') };
    await measurePush(target, benchDocuments(1, RECORDS), 4, 60);
    let page = await device.open(url);
    await signIn(page, 'broker');
    for (let kill = 0; kill < KILLS; kill += 1) {
      await test.step(`killed once it has asked for ${2 + (kill % 3)} pages (${kill})`, async () => {
        await expect.poll(() => pulls, { intervals: [5], timeout: 30_000 }).toBeGreaterThanOrEqual(2 + (kill % 3));
        await sleep((kill * 37) % 150);
        await device.kill();
        page = await device.open(url);
      });
    }
    await expect(chip(page)).toHaveText(/^Online/, { timeout: 60_000 });
    await chip(page).click();
    const check = page.getByRole('region', { name: 'Check' });
    await check.getByRole('button', { name: 'Check now' }).click();
    // Not a word of records that differed and were mended.
    await expect(check.getByRole('status')).toHaveText(/: All 8,400 records are as on the server/, { timeout: 60_000 });
    expect(device.problems).toEqual([]);
  });
});
