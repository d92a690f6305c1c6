/** Several windows on one storage: they hear each other, and the death of the one that carries the worker costs nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, type Page, chromium, expect, test } from '@playwright/test';
import { chromiumSwitches, ensureChromium } from '../../build/chromium.ts';
import { servePage } from '../../build/page-server.ts';
import { addContact, contact } from './contacts.ts';
import { Device, goTo, onStage, signIn } from './desk.ts';
import { type Found, type Lane, lanes, settle } from './storage-lanes.ts';

/** Ends the process that shows the page, without a word. */
async function crash(context: BrowserContext, page: Page): Promise<void> {
  const session = await context.newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  session.send('Page.crash').catch(() => undefined);
  await crashed;
}

/** Who owns the storage: another worker has another id. */
const ownerOf = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const { held = [] } = await navigator.locks.query();
    return held.find(({ name }) => name?.startsWith('rxdb-engine-'))?.clientId ?? '';
  });

test('a worker that dies with its window takes no acknowledged write along, and the other window goes on', async () => {
  const profile = mkdtempSync(join(tmpdir(), 'drover-windows-'));
  const server = await servePage(fileURLToPath(new URL('./storage-page.ts', import.meta.url)));
  const context = await chromium.launchPersistentContext(profile, { executablePath: ensureChromium(), args: [...chromiumSwitches] });
  try {
    const model: Lane[] = lanes.map(() => ({ state: new Map(), number: 0, acknowledged: 0 }));
    const failures: unknown[] = [];
    server.on('/failed', (body) => failures.push(body));
    server.on('/acknowledged', (body) => {
      const { lane, number } = body as { lane: number; number: number };
      const own = model[lane];
      if (own) own.acknowledged = Math.max(own.acknowledged, number);
      return {};
    });
    const openWindow = async (lane: string): Promise<Page> => {
      const found = server.next('/found');
      const page = await context.newPage();
      await page.goto(`${server.url}?lanes=${lane}`);
      (await found).answer({ from: lanes.map(() => 0) });
      return page;
    };
    const first = await openWindow('0');
    const second = await openWindow('1');
    const acknowledged = (lane: number) => () => model[lane]?.acknowledged ?? 0;
    await expect.poll(acknowledged(0)).toBeGreaterThan(10);
    await expect.poll(acknowledged(1)).toBeGreaterThan(10);
    const owner = await ownerOf(second);
    await crash(context, first);
    const before = acknowledged(1)();
    await expect.poll(acknowledged(1), { timeout: 60_000 }).toBeGreaterThan(before + 20);
    expect(failures).toEqual([]);
    expect(await ownerOf(second)).not.toBe(owner);
    for (const page of context.pages()) await page.close();
    const looked = server.next('/found');
    const last = await context.newPage();
    await last.goto(`${server.url}?lanes=`);
    const { body } = await looked;
    for (const lane of [0, 1]) settle(model[lane] as Lane, lane, body as Found);
    expect((body as Found).damages).toEqual([]);
  } finally {
    await context.close();
    await server.close();
    rmSync(profile, { recursive: true, force: true });
  }
});

test.describe('the desk', () => {
  const device = new Device();
  const stage = onStage({ device });

  test('takes along what a device had in the Dexie storage, with what waits for the server', async () => {
    const first = await device.open(`${stage.server.url}/?storage=dexie`);
    await signIn(first, 'broker');
    await addContact(first, 'Synced Before');
    await expect(first.getByRole('status').filter({ hasText: /Online(?!.*waiting)/ })).toBeVisible({ timeout: 60_000 });
    await stage.server.stop();
    await addContact(first, 'Waiting Before');
    const names = () => first.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name ?? '').toSorted());
    expect((await names()).filter((name) => name.startsWith('rxdb-dexie-')).length).toBeGreaterThan(10);
    await device.close();

    const page = await device.open(stage.server.url);
    await goTo(page, 'Contacts');
    await expect(contact(page, 'Synced Before')).toBeVisible();
    await expect(contact(page, 'Waiting Before')).toBeVisible();
    const kept = await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name ?? '').toSorted());
    expect(kept).toEqual(['drover-local', 'packed-drover']);
    await stage.server.start();
    await expect(page.getByRole('status').filter({ hasText: /Online(?!.*waiting)/ })).toBeVisible({ timeout: 90_000 });
    const { documents } = await stage.server.ask<{ documents: { name?: string }[] }>('/sync/contacts/0/pull?lwt=0&id=&limit=1000');
    expect(new Set(documents.map(({ name }) => name))).toEqual(new Set(['Synced Before', 'Waiting Before']));
    expect(device.problems).toEqual([]);
  });

  test('shows in one window what another one saved, and goes on when that one dies', async () => {
    const one = await device.open(stage.server.url);
    const two = await one.context().newPage();
    await two.goto(stage.server.url);
    await goTo(two, 'Contacts');
    await addContact(one, 'Seen By Both');
    await expect(contact(two, 'Seen By Both')).toBeVisible();
    await crash(one.context(), one);
    await addContact(two, 'Saved After');
    await goTo(two, 'Contacts');
    await expect(contact(two, 'Saved After')).toBeVisible();
    await expect(contact(two, 'Seen By Both')).toBeVisible();
    const three = await two.context().newPage();
    await three.goto(stage.server.url);
    await goTo(three, 'Contacts');
    await expect(contact(three, 'Saved After')).toBeVisible();
    await expect(contact(three, 'Waiting Before')).toBeVisible();
  });
});
