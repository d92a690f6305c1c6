/** What was saved stays saved: strict transactions, kill -9 right after the word "saved", and a device that is full. */
import { randomUUID } from 'node:crypto';
import { type Locator, type Page, expect, test } from '@playwright/test';
import { Device, goTo, onStage, signIn } from './desk.ts';

/** Chromium tells pages of a fixed quota; without this it tells of the one that a test has set. */
const TRUE_QUOTA = '--disable-features=StaticStorageQuota';

const field = (page: Page, label: string): Locator => page.getByRole('form').getByLabel(label, { exact: true }).first();
const bar = (page: Page): Locator => page.getByRole('form').getByRole('status');

async function startContact(page: Page, name: string): Promise<void> {
  await goTo(page, 'Contacts');
  await page
    .getByRole('button', { name: 'New contact' })
    .or(page.getByRole('link', { name: 'New contact' }))
    .first()
    .click();
  await expect(page.getByRole('heading', { level: 1, name: 'New contact' })).toBeVisible();
  await field(page, 'Name').fill(name);
}
async function save(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('button', { name: 'Save anyway' }).click();
}

/** Takes what is left of the room of this origin, but for this many bytes: the browser itself gives some back now and then. */
async function leaveFree(page: Page, bytes: number): Promise<void> {
  await page.evaluate(async (left) => {
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    const free = quota - usage - left;
    if (free <= 0) return;
    const pieces = Array.from({ length: Math.ceil(free / 65_536) }, () => crypto.getRandomValues(new Uint8Array(65_536)));
    const cache = await caches.open('filling');
    await cache.put(`/filling/${Math.random()}`, new Response(new Blob(pieces).slice(0, free)));
  }, bytes);
}

test.describe
  .serial('a device', () => {
    const device = new Device([TRUE_QUOTA]);
    const stage = onStage({ device });

    test('[SYN-12] writes in strict transactions, and holds every record after kill -9 right after "saved"', async () => {
      test.setTimeout(400_000);
      let page = await device.open(stage.server.url);
      await signIn(page, 'broker');
      await expect(page.getByRole('status').getByRole('link')).toHaveText(/^Online/, { timeout: 60_000 });
      // From here on nothing is sent: what survives survived on this device.
      await stage.server.stop();
      const saved: string[] = [];
      for (let round = 0; round < 5; round += 1) {
        await page.evaluate(() => {
          const lax: string[] = [];
          Object.assign(globalThis, { lax });
          const begin = IDBDatabase.prototype.transaction;
          IDBDatabase.prototype.transaction = function (stores, mode, options) {
            const transaction = begin.call(this, stores, mode, options);
            if (mode === 'readwrite' && transaction.durability !== 'strict')
              lax.push(`${this.name}: ${[...transaction.objectStoreNames].join()}`);
            return transaction;
          };
        });
        const name = `Kept ${round}`;
        await startContact(page, name);
        await save(page);
        await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
        await expect(bar(page)).toHaveText('All changes saved on this device');
        expect(await page.evaluate(() => Reflect.get(globalThis, 'lax'))).toEqual([]);
        saved.push(name);
        if (round % 2 === 1) {
          await field(page, 'Phone').fill(`(308) 555-01${10 + round}`);
          await save(page);
          await expect(bar(page)).toHaveText('All changes saved on this device');
        } else await page.waitForTimeout(Math.random() * 400);
        await device.kill();
        page = await device.open(stage.server.url);
        await goTo(page, 'Contacts');
        for (const one of saved) await expect(page.getByRole('row').filter({ hasText: one })).toBeVisible();
      }
      await expect(page.getByRole('row').filter({ hasText: 'Kept 3' })).toContainText('(308) 555-0113');
      await stage.server.start();
      await expect(page.getByRole('status').getByRole('link')).toHaveText('Online', { timeout: 90_000 });
      await expect
        .poll(async () =>
          (await stage.server.ask<{ documents: { name: string }[] }>('/sync/contacts/0/pull?lwt=0&id=&limit=100')).documents
            .map(({ name }) => name)
            .toSorted(),
        )
        .toEqual(saved);
      expect(device.problems).toEqual([]);
    });

    test('[SYN-2] a full device says what was not saved and keeps it in the form; with room again it is saved and sent', async () => {
      test.setTimeout(300_000);
      let page = await device.open(stage.server.url);
      await expect(page.getByRole('status').getByRole('link')).toHaveText('Online', { timeout: 60_000 });
      const used = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
      // Before the first look: Chromium remembers for a while how much room there was.
      page = await device.open('about:blank');
      const cdp = await page.context().newCDPSession(page);
      await cdp.send('Storage.overrideQuotaForOrigin', { origin: stage.server.url, quotaSize: used + 500_000 });
      await page.goto(stage.server.url);
      const full = page.getByRole('alert').filter({ hasText: 'was not saved, because this device is full' });
      const saved = page.getByText('All changes saved on this device');
      for (let round = 0; round < 40 && !(await full.isVisible()); round += 1) {
        await leaveFree(page, 300_000);
        await startContact(page, 'Full House');
        await field(page, 'Company as written').fill('No Room Packing');
        // Text that no compression makes small.
        await page
          .getByRole('form')
          .getByRole('textbox', { name: 'Notes', exact: true })
          .fill(Array.from({ length: 500 }, () => randomUUID()).join(' '));
        await save(page);
        await expect(full.or(saved)).toBeVisible();
      }
      await expect(full).toBeVisible();
      await expect(page.getByRole('alert')).toContainText('Free some space on this device');
      await expect(field(page, 'Company as written')).toHaveValue('No Room Packing');
      await field(page, 'Job title').fill('Buyer');
      await expect(bar(page)).toHaveText('Not saved yet, and this device is too full to keep a draft: leave this window open');
      await page.screenshot({ path: test.info().outputPath('full.png') });
      await cdp.send('Storage.overrideQuotaForOrigin', { origin: stage.server.url });
      await page.evaluate(() => caches.delete('filling'));
      await field(page, 'Phone').fill('(308) 555-0199');
      await expect(bar(page)).toHaveText('Not saved yet; kept as a draft on this device');
      await save(page);
      await expect(page.getByRole('heading', { level: 1, name: 'Full House' })).toBeVisible();
      await expect(page.getByRole('status').getByRole('link')).toHaveText('Online', { timeout: 60_000 });
      await expect
        .poll(async () =>
          (
            await stage.server.ask<{ documents: { name: string; jobTitle?: string }[] }>('/sync/contacts/0/pull?lwt=0&id=&limit=100')
          ).documents
            .filter(({ name }) => name === 'Full House')
            .map(({ jobTitle }) => jobTitle),
        )
        .toContain('Buyer');

      // Opened without any room it shows what it holds.
      page = await device.open('about:blank');
      const without = await page.context().newCDPSession(page);
      await without.send('Storage.overrideQuotaForOrigin', { origin: stage.server.url, quotaSize: 1 });
      await page.goto(stage.server.url);
      await goTo(page, 'Contacts');
      await expect(page.getByRole('row').filter({ hasText: 'Full House' }).first()).toBeVisible();
      await without.send('Storage.overrideQuotaForOrigin', { origin: stage.server.url });
    });

    test('a device with too little room says so instead of beginning its first sync, and begins when there is room', async () => {
      const fresh = new Device([TRUE_QUOTA]);
      try {
        const page = await fresh.open('about:blank');
        const cdp = await page.context().newCDPSession(page);
        await cdp.send('Storage.overrideQuotaForOrigin', { origin: stage.server.url, quotaSize: 40 * 1024 * 1024 });
        await page.goto(stage.server.url);
        await signIn(page, 'field');
        await page.getByRole('status').getByRole('link').click();
        await expect(page.getByText(/Receiving the records of the company needs about 105 MB/)).toBeVisible();
        await page.screenshot({ path: test.info().outputPath('first-sync.png'), fullPage: true });
        await cdp.send('Storage.overrideQuotaForOrigin', { origin: stage.server.url });
        await page.getByRole('button', { name: 'Try now' }).click();
        await expect(page.getByRole('status').getByRole('link')).toHaveText('Online', { timeout: 60_000 });
      } finally {
        await fresh.forget();
      }
    });
  });
