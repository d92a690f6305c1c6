/**
 * The records of a desktop lie encrypted on its disk: the product's bundle in Chromium with a stand-in for the shell's bridge,
 * whose keychain can be missing, present, and lost. What was stored before there was a key is encrypted where it lies.
 */
import { type BrowserContext, type Page, expect, test } from '@playwright/test';
import { expectAccessible } from './accessible.ts';
import { addContact, contact } from './contacts.ts';
import { Device, goTo, onStage, signIn } from './desk.ts';

/** The machine: its keychain outlives the windows. */
const machine = { keychain: false, secrets: new Map<string, string>() };

/** As electron/preload.ts does: one function a call. The token is kept in any case, so that nobody has to sign in again. */
async function bridge(context: BrowserContext): Promise<void> {
  await context.exposeFunction('ask', (call: string, name: string, value: string) => {
    const known = machine.keychain || name !== 'storage-key';
    if (call === 'get') return known ? (machine.secrets.get(name) ?? null) : null;
    if (call === 'remove') machine.secrets.delete(name);
    if (call !== 'set') return undefined;
    if (!known) return { ok: false, code: 'no_keychain', message: 'This machine has no keychain.' };
    machine.secrets.set(name, value);
    return { ok: true };
  });
  await context.addInitScript(() => {
    const { ask } = globalThis as unknown as { ask: (call: string, name: string, value?: string) => Promise<unknown> };
    Object.assign(globalThis, {
      drover: {
        version: () => Promise.resolve({ app: '0.0.0', shell: 'stand-in' }),
        serverUrl: () => Promise.resolve(''),
        getSecret: (name: string) => ask('get', name),
        setSecret: (name: string, value: string) => ask('set', name, value),
        removeSecret: (name: string) => ask('remove', name),
      },
    });
  });
}

/** Of the frames on the disk: how many are plain, and whether these words can be read in any row. */
const onDisk = (page: Page, words: string): Promise<{ frames: number; plain: number; readable: boolean }> =>
  page.evaluate(async (searched) => {
    const settled = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('IndexedDB did not answer'));
      });
    const database = await settled(indexedDB.open('packed-drover'));
    const found = { frames: 0, plain: 0, readable: false };
    for (const name of ['log', 'bodies', 'heads', 'orders', 'root']) {
      for (const row of (await settled(database.transaction(name).objectStore(name).getAll())) as unknown[]) {
        if (!(row instanceof Uint8Array)) continue;
        found.frames += 1;
        if (((row[5] ?? 0) & 1) === 0) found.plain += 1;
        if (new TextDecoder().decode(row).includes(searched)) found.readable = true;
      }
    }
    database.close();
    return found;
  }, words);

const storagePanel = async (page: Page) => {
  await page.getByRole('banner').getByRole('status').getByRole('link').click();
  return page.getByRole('region', { name: 'Storage' });
};
const allSent = (page: Page) => page.getByRole('status').filter({ hasText: /Online(?!.*waiting)/ });

test.describe
  .serial('a machine with a keychain', () => {
    const device = new Device([], bridge);
    const stage = onStage({ device });

    test('encrypts where they lie the records that it had before', async () => {
      const plain = await device.open(stage.server.url);
      await signIn(plain, 'broker');
      await addContact(plain, 'Kept Before');
      await expect(allSent(plain)).toBeVisible({ timeout: 60_000 });
      await expect(await storagePanel(plain)).toContainText('this machine has no keychain');
      expect(await onDisk(plain, 'Kept Before')).toMatchObject({ readable: true });

      machine.keychain = true;
      const page = await device.open(stage.server.url);
      await goTo(page, 'Contacts');
      await expect(contact(page, 'Kept Before')).toBeVisible();
      await addContact(page, 'Kept After');
      await expect.poll(() => onDisk(page, 'Kept ')).toMatchObject({ plain: 0, readable: false });
      expect((await onDisk(page, 'Kept ')).frames).toBeGreaterThan(4);
      await expect(allSent(page)).toBeVisible({ timeout: 60_000 });
      await expect(await storagePanel(page)).toContainText("encrypted on this disk with a key in this machine's keychain");
      expect(device.problems).toEqual([]);
    });

    test('says so when the key cannot be had, changes nothing, and opens when it is back', async () => {
      machine.keychain = false;
      const locked = await device.open(stage.server.url);
      await expect(locked.getByRole('heading', { name: 'Drover cannot open its records' })).toBeVisible();
      await expect(locked.getByText('their key is not to be had')).toBeVisible();
      await expectAccessible(locked, 'without the key');
      machine.keychain = true;
      await locked.getByRole('button', { name: 'Try again' }).click();
      await goTo(locked, 'Contacts');
      await expect(contact(locked, 'Kept After')).toBeVisible();
    });

    test('starts over from the server when the key is gone for good', async () => {
      machine.secrets.delete('storage-key');
      const page = await device.open(stage.server.url);
      await page.getByRole('button', { name: 'Start over with an empty desk' }).click();
      await expect(page.getByText('What was never sent from this device is lost then')).toBeVisible();
      await page.getByRole('button', { name: 'Remove the records and start over' }).click();
      await signIn(page, 'broker');
      await goTo(page, 'Contacts');
      await expect(contact(page, 'Kept Before')).toBeVisible({ timeout: 60_000 });
      await expect(contact(page, 'Kept After')).toBeVisible();
      expect(machine.secrets.has('storage-key')).toBe(true);
      expect(device.problems).toEqual([]);
    });
  });
