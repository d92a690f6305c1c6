/** The sync page with the whole product: forced offline, what waits, numbers, storage, the check, and edits set aside. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Locator, type Page, expect, test } from '@playwright/test';
import type { LoginAnswer } from '../../domain/protocol/protocol.ts';
import { DEMO_PASSWORD } from '../../sync-server/db/demo-accounts.ts';
import { expectAccessible } from './accessible.ts';
import { Device, goTo, onStage, signIn } from './desk.ts';

const chip = (page: Page): Locator => page.getByRole('banner').getByRole('status').getByRole('link');
const part = (page: Page, name: string): Locator => page.getByRole('region', { name });

async function openSync(page: Page): Promise<void> {
  await chip(page).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sync' })).toBeVisible();
}
async function newOrder(page: Page, item: string): Promise<void> {
  await goTo(page, 'Purchase orders');
  await page
    .getByRole('button', { name: 'New purchase order' })
    .or(page.getByRole('link', { name: 'New purchase order' }))
    .first()
    .click();
  await expect(page.getByRole('heading', { level: 1, name: 'New purchase order' })).toBeVisible();
  const line = page.getByRole('form').getByRole('row').nth(1);
  await line.getByLabel(/^Item/).fill(item);
  await line.getByLabel(/^Cases/).fill('10');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('button', { name: 'Save anyway' }).click();
}
/** Changes the local database of the desk as a fault would, past everything that Drover does. */
const inDatabase = (page: Page, database: string, store: string, change: 'clear' | { readonly put: unknown }): Promise<void> =>
  page.evaluate(
    async ({ database, store, change }) => {
      const opened = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(database);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(new Error(String(request.error)));
      });
      await new Promise<void>((resolve, reject) => {
        const transaction = opened.transaction(store, 'readwrite');
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(new Error(String(transaction.error)));
        const table = transaction.objectStore(store);
        if (change === 'clear') table.clear();
        else if ('put' in change) table.put(change.put);
      });
      opened.close();
    },
    { database, store, change },
  );

test.describe
  .serial('the sync page', () => {
    const device = new Device();
    const stage = onStage({ device });

    test('[NUM-1, NUM-4] forced offline survives a restart; orders get final numbers, what waits goes to a file, and a number that follows comes', async () => {
      test.setTimeout(300_000);
      let page = await device.open(stage.server.url);
      await signIn(page, 'broker');
      await expect(chip(page)).toHaveText('Online', { timeout: 60_000 });
      await openSync(page);
      await expect(part(page, 'Numbers').getByRole('row').filter({ hasText: 'Purchase orders' })).toContainText('PO-000001');
      await expect(part(page, 'Storage').getByText(/The desk uses/)).toBeVisible();
      await expectAccessible(page, 'online');
      await page.getByLabel('Work offline on purpose').click();
      await expect(chip(page)).toHaveText('Working offline');
      page = await device.open(stage.server.url);
      await expect(chip(page)).toHaveText('Working offline');

      await newOrder(page, 'Chuck roll');
      await expect(page.getByRole('heading', { level: 1, name: 'PO-000001' })).toBeVisible();
      await newOrder(page, 'Brisket');
      await expect(page.getByRole('heading', { level: 1, name: 'PO-000002' })).toBeVisible();
      await inDatabase(page, 'drover-local', 'leases', 'clear');
      await newOrder(page, 'Tri-tip');
      await expect(page.getByRole('heading', { level: 1, name: 'Number follows' })).toBeVisible();
      await page.screenshot({ path: test.info().outputPath('number-follows.png') });
      await expect(chip(page)).toHaveText('Working offline, 3 waiting');
      await openSync(page);
      await expect(part(page, 'Waiting to be sent').getByRole('row').filter({ hasText: 'Orders' })).toContainText('3');
      await expectAccessible(page, 'forced-offline');
      const download = page.waitForEvent('download');
      await part(page, 'Waiting to be sent').getByRole('button', { name: 'Save to a file' }).click();
      const file = JSON.parse(readFileSync(await (await download).path(), 'utf8')) as { records: { document: { number: string } }[] };
      expect(file.records.map(({ document }) => document.number).toSorted()).toEqual(['', 'PO-000001', 'PO-000002']);

      await goTo(page, 'Purchase orders');
      await expect(page.getByRole('row').filter({ hasText: 'Number follows' })).toBeVisible();
      await openSync(page);
      await page.getByLabel('Work offline on purpose').click();
      await expect(chip(page)).toHaveText('Online', { timeout: 60_000 });
      await goTo(page, 'Purchase orders');
      await expect(page.getByRole('row').filter({ hasText: /PO-0000(0[3-9]|1\d)/ })).toBeVisible();
      await expect(page.getByRole('row').filter({ hasText: 'Number follows' })).toHaveCount(0);
      expect(device.problems).toEqual([]);
    });

    test('a server that is gone is told with the last problem and the next try, and a click tries at once', async () => {
      test.setTimeout(200_000);
      const page = await device.open(stage.server.url);
      await expect(chip(page)).toHaveText('Online', { timeout: 60_000 });
      await stage.server.stop();
      await expect(chip(page)).toHaveText(/^Offline since/, { timeout: 60_000 });
      await openSync(page);
      await expect(page.getByText(/^Last problem:/)).toBeVisible();
      await expect(page.getByText(/^Next try at/)).toBeVisible();
      await expectAccessible(page, 'offline');
      await expect(page.getByRole('button', { name: 'Try now' })).toBeVisible();
      await stage.server.start();
      // By itself it may have been faster.
      await page.getByRole('button', { name: /^(Try|Sync) now$/ }).click();
      await expect(chip(page)).toHaveText('Online', { timeout: 30_000 });
    });

    test('[SYN-5] the check says that this device equals the server', async () => {
      test.setTimeout(200_000);
      const page = await device.open(stage.server.url);
      await expect(chip(page)).toHaveText('Online', { timeout: 60_000 });
      await openSync(page);
      await part(page, 'Check').getByRole('button', { name: 'Check now' }).click();
      await expect(part(page, 'Check').getByRole('status')).toHaveText(/All \d+ records are as on the server/, { timeout: 60_000 });
      await expectAccessible(page, 'checked');
    });

    test('[SYN-2] an edit that was set aside shows what differs; it is used, or discarded after a question', async () => {
      test.setTimeout(200_000);
      const page = await device.open(stage.server.url);
      await expect(chip(page)).toHaveText('Online', { timeout: 60_000 });
      await goTo(page, 'Purchase orders');
      const answer = await stage.server.ask<{ documents: { id: string; number: string }[] }>('/sync/orders/0/pull?lwt=0&id=&limit=100');
      const [one, two] = answer.documents
        .filter(({ number }) => /^PO-00000[12]$/.test(number))
        .toSorted((a, b) => a.number.localeCompare(b.number));
      const at = new Date().toISOString();
      for (const [stored, notes] of [
        [one, 'Call the plant first'],
        [two, 'Never mind'],
      ] as const) {
        const { _deleted: _, ...base } = { _deleted: false, ...stored };
        const put = { collection: 'orders', id: stored?.id, at, base, mine: { ...base, notes }, theirs: base };
        await inDatabase(page, 'drover-local', 'setAside', { put });
      }
      await page.reload();
      await expect(chip(page)).toHaveText('Online, 2 set aside', { timeout: 60_000 });
      await openSync(page);
      await expect(part(page, 'Set aside').getByText('Call the plant first')).toBeVisible();
      await expectAccessible(page, 'set-aside');
      await page.getByRole('button', { name: 'Use mine: PO-000001' }).click();
      await expect(chip(page)).toHaveText('Online, 1 set aside', { timeout: 30_000 });
      await page.getByRole('button', { name: 'Discard my edit of PO-000002' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
      await expect(part(page, 'Set aside')).toHaveCount(0);
      await expect(chip(page)).toHaveText('Online', { timeout: 30_000 });
      await expect
        .poll(
          async () =>
            (
              await stage.server.ask<{ documents: { id: string; notes?: string }[] }>('/sync/orders/0/pull?lwt=0&id=&limit=100')
            ).documents.find(({ id }) => id === one?.id)?.notes,
        )
        .toBe('Call the plant first');
      expect(device.problems).toEqual([]);
    });

    test('[SYN-4] a record that the server has refused says so where it is shown, and leads to the inbox', async () => {
      const page = await device.open(stage.server.url);
      await expect(chip(page)).toHaveText('Online', { timeout: 60_000 });
      const answer = await stage.server.ask<{ documents: { id: string; number: string }[] }>('/sync/orders/0/pull?lwt=0&id=&limit=100');
      const one = answer.documents.find(({ number }) => number === 'PO-000001');
      // As from another device of the same person, which knows no rules.
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ email: 'broker@drover.example', password: DEMO_PASSWORD });
      const { accessToken } = (await (
        await fetch(`${stage.server.url}/auth/login`, { method: 'POST', headers, body })
      ).json()) as LoginAnswer;
      const row = { newDocumentState: { ...one, orderedOn: 'yesterday', w: randomUUID() }, assumedMasterState: one };
      const push = await fetch(`${stage.server.url}/sync/orders/0/push`, {
        method: 'POST',
        headers: { ...headers, authorization: `Bearer ${accessToken}` },
        body: JSON.stringify([row]),
      });
      expect(push.status).toBe(200);
      await expect(chip(page)).toHaveText('Online, 1 in the inbox', { timeout: 30_000 });
      await page.goto(`${stage.server.url}/purchase-orders/${one?.id ?? ''}`);
      await expect(page.getByRole('heading', { level: 1, name: 'PO-000001' })).toBeVisible();
      await expectAccessible(page, 'not-accepted');
      await page.getByRole('link', { name: 'Not accepted: see the inbox' }).click();
      await expect(page.getByRole('region', { name: 'Entry' })).toContainText('PO-000001');
    });
  });
