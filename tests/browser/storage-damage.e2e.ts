/**
 * A disk that went bad under the desk, in a real Chromium: a page of records, then the storage's table of contents, then all of
 * it. The desk opens with the rest, says what it lost, and the records come back from the server.
 */
import { randomUUID } from 'node:crypto';
import { type Page, expect, test } from '@playwright/test';
import type { LoginAnswer } from '../../domain/protocol/protocol.ts';
import { DEMO_PASSWORD } from '../../sync-server/db/demo-accounts.ts';
import { expectAccessible } from './accessible.ts';
import { addContact, contact } from './contacts.ts';
import { DeskServer, Device, goTo, signIn } from './desk.ts';

const CONTACTS = 150;
/** In every row of the page of 150. */
const SEEN = 'Damaged ';

/** So many contacts come to the device in one pull, which makes them a page of their own on its disk. */
async function pushContacts(server: DeskServer): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ email: 'broker@drover.example', password: DEMO_PASSWORD });
  const { accessToken, user } = (await (await fetch(`${server.url}/auth/login`, { method: 'POST', headers, body })).json()) as LoginAnswer;
  const at = new Date().toISOString();
  const { documents } = await server.ask<{ documents: Record<string, unknown>[] }>('/sync/contacts/0/pull?lwt=0&id=&limit=1');
  const [pattern] = documents;
  if (!pattern) throw new Error('no contact to copy');
  const rows = Array.from({ length: CONTACTS }, (_, n) => ({
    newDocumentState: {
      ...pattern,
      id: randomUUID(),
      w: randomUUID(),
      name: `Damaged ${String(n).padStart(3, '0')}`,
      notes: 'Calls back in the afternoon. '.repeat(20),
      createdAt: at,
      modifiedAt: at,
      createdBy: user.id,
      modifiedBy: user.id,
    },
  }));
  const push = await fetch(`${server.url}/sync/contacts/0/push`, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${accessToken}` },
    body: JSON.stringify(rows),
  });
  expect([push.status, await push.json()]).toEqual([200, []]);
}

/** Flips a bit in rows of the closed database: of the pages that hold these words, of both copies of the manifest, or of everything. */
const spoil = (page: Page, what: 'pages' | 'manifest' | 'everything', words: string): Promise<number> =>
  page.evaluate(
    async ([kind, searched]) => {
      const settled = <T>(request: IDBRequest<T>): Promise<T> =>
        new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error ?? new Error('IndexedDB did not answer'));
        });
      const database = await settled(indexedDB.open('packed-drover'));
      const names = { pages: ['bodies'], manifest: ['root'], everything: ['root', 'log', 'bodies', 'heads'] }[kind];
      let spoiled = 0;
      for (const name of names) {
        const table = database.transaction(name, 'readwrite').objectStore(name);
        for (const key of await settled(table.getAllKeys())) {
          const row = (await settled(table.get(key))) as unknown;
          if (!(row instanceof Uint8Array)) continue;
          if (kind === 'pages' && !new TextDecoder().decode(row).includes(searched)) continue;
          // The header, where nothing may be left: a frame with a whole header says whose it is.
          const at = kind === 'everything' ? 8 : row.length - 40;
          row[at] = (row[at] ?? 0) ^ 4;
          await settled(table.put(row, key));
          spoiled += 1;
        }
      }
      database.close();
      return spoiled;
    },
    [what, words] as const,
  );

/** As the browser does it with torn files: everything in IndexedDB, and nothing else. */
const throwAway = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const all = await indexedDB.databases();
    for (const { name } of all) {
      await new Promise<void>((done, failed) => {
        const request = indexedDB.deleteDatabase(name ?? '');
        request.onsuccess = () => done();
        request.onerror = () => failed(request.error ?? new Error('IndexedDB did not answer'));
      });
    }
    return all.length;
  });

const chip = (page: Page) => page.getByRole('banner').getByRole('status').getByRole('link');
const lost = (page: Page) => page.getByRole('region', { name: 'Lost on this device' });
const checks = (page: Page) => page.getByRole('region', { name: 'Check' });
async function openSync(page: Page): Promise<void> {
  await chip(page).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sync' })).toBeVisible();
}

test.describe
  .serial('a device whose disk went bad', () => {
    let server: DeskServer;
    const device = new Device();
    /** Of the same origin, but without the desk: nothing has the database open. */
    const beside = (): Promise<Page> => device.open(`${server.url}/manifest.webmanifest`);
    test.beforeAll(async () => {
      server = await DeskServer.open();
      const page = await device.open(server.url);
      await signIn(page, 'broker');
      await addContact(page, 'Able Contact');
      await expect(chip(page)).toHaveText('Online', { timeout: 60_000 });
      // Its state as the server stamped it has come as well by then, and is in no page with the others.
      await page.reload();
      await expect(chip(page)).toHaveText('Online', { timeout: 60_000 });
      // While it is closed, so that they come in one pull.
      await device.close();
      await pushContacts(server);
      const again = await device.open(server.url);
      await goTo(again, 'Contacts');
      await expect(again.getByText(`${CONTACTS + 1} contacts`)).toBeVisible({ timeout: 60_000 });
      await expect(chip(again)).toHaveText('Online', { timeout: 60_000 });
    });
    test.afterEach(async () => {
      if (test.info().status !== test.info().expectedStatus) await device.picture('device');
    });
    test.afterAll(async () => {
      await device.forget();
      await server.close();
    });

    test('opens without the records of a damaged page, says so, and has them back as soon as the server is in reach', async () => {
      test.setTimeout(400_000);
      expect(await spoil(await beside(), 'pages', SEEN)).toBeGreaterThan(0);
      await server.stop();
      const page = await device.open(server.url);
      await goTo(page, 'Contacts');
      await expect(contact(page, 'Able Contact')).toBeVisible();
      await expect(contact(page, 'Damaged')).toHaveCount(0);
      await openSync(page);
      await expect(checks(page)).toContainText(`at least ${CONTACTS} records were lost here`);
      await expectAccessible(page, 'damaged');
      await server.start();
      // Instead of waiting for the next try.
      await page.getByRole('button', { name: /^(Try|Sync) now$/ }).click();
      await expect(checks(page)).toContainText(`${CONTACTS} records differed and were fetched again`, { timeout: 180_000 });
      await goTo(page, 'Contacts');
      await expect(page.getByText(`${CONTACTS + 1} contacts`)).toBeVisible();
      expect(device.problems).toEqual([]);
      const again = await device.open(server.url);
      await goTo(again, 'Contacts');
      await expect(again.getByText(`${CONTACTS + 1} contacts`)).toBeVisible();
      await openSync(again);
      await expect(checks(again)).not.toContainText('could not be read');
    });

    test('opens with all records when the table of contents is lost, and says that it made it again', async () => {
      expect(await spoil(await beside(), 'manifest', '')).toBe(2);
      const page = await device.open(server.url);
      await goTo(page, 'Contacts');
      await expect(contact(page, 'Able Contact')).toBeVisible();
      await expect(page.getByText(`${CONTACTS + 1} contacts`)).toBeVisible();
      await openSync(page);
      await expect(checks(page)).toContainText('Drover made it again from the records themselves');
      await expect(checks(page)).toContainText(/All \d+ records are (now )?as on the server/, { timeout: 90_000 });
      await addContact(page, 'Also Kept');
      const again = await device.open(server.url);
      await goTo(again, 'Contacts');
      await expect(contact(again, 'Also Kept')).toBeVisible();
      await openSync(again);
      await expect(checks(again)).not.toContainText('made it again');
      expect(device.problems).toEqual([]);
    });

    test('says so when nothing can be read any more, and starts over from the server', async () => {
      expect(await spoil(await beside(), 'everything', '')).toBeGreaterThan(5);
      const page = await device.open(server.url);
      await expect(page.getByText('Nothing of the records on this device can be read any more')).toBeVisible();
      await page.getByRole('button', { name: 'Start over with an empty desk' }).click();
      await page.getByRole('button', { name: 'Remove the records and start over' }).click();
      await signIn(page, 'broker');
      await goTo(page, 'Contacts');
      await expect(page.getByText(`${CONTACTS + 2} contacts`)).toBeVisible({ timeout: 60_000 });
      await openSync(page);
      await expect(lost(page), 'what was removed on purpose is not lost').toHaveCount(0);
    });

    test('says that it held more, and what was not sent, when the browser has thrown all of it away', async () => {
      test.setTimeout(200_000);
      const page = await device.open(server.url);
      await openSync(page);
      await page.getByLabel('Work offline on purpose').click();
      await addContact(page, 'Never Sent');
      await expect(chip(page)).toHaveText('Working offline, 1 waiting');
      expect(await throwAway(await beside())).toBeGreaterThan(1);

      const empty = await device.open(server.url);
      await expect(empty.getByRole('alert')).toContainText('1 change had not been sent by then');
      await expectAccessible(empty, 'lost-at-sign-in');
      await signIn(empty, 'broker');
      await expect(empty.getByRole('alert').filter({ hasText: 'were lost' })).toBeVisible();
      await goTo(empty, 'Contacts');
      await expect(empty.getByText(`${CONTACTS + 2} contacts`)).toBeVisible({ timeout: 60_000 });
      await openSync(empty);
      await expect(lost(empty)).toContainText(/last seen whole on .+ signed in\..*1 change had not been sent by then/);
      await expectAccessible(empty, 'lost');
      await lost(empty).getByRole('button', { name: 'I have read this' }).click();
      await expect(lost(empty)).toHaveCount(0);
      await expect(empty.getByRole('alert')).toHaveCount(0);
      await empty.reload();
      await openSync(empty);
      await expect(lost(empty)).toHaveCount(0);
      expect(device.problems).toEqual([]);
    });
  });
