/**
 * The inbox with the whole product: two people change one field while the server is gone, and its author decides; a row that
 * the server refuses comes back to its author, to mend or to discard; on all devices of the author, over a restart.
 */
import { type Locator, type Page, expect, test } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { nounOf } from '../../domain/registry.ts';
import type { AuditEntry, LoginAnswer, PullAnswer } from '../../domain/protocol/protocol.ts';
import { DEMO_PASSWORD } from '../../sync-server/db/demo-accounts.ts';
import { expectAccessible } from './accessible.ts';
import { Device, goTo, onStage, signIn } from './desk.ts';

const field = (page: Page, label: string): Locator => page.getByRole('form').getByLabel(label, { exact: true }).first();
const version = nounOf('contacts')?.entity.version ?? 0;

/** A contact that belongs to nobody is saved after a warning. */
async function save(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('button', { name: 'Save anyway' }).click();
  await expect(page.getByText('All changes saved on this device')).toBeVisible();
}
async function openContact(page: Page, name: string): Promise<void> {
  await goTo(page, 'Contacts');
  await page.getByRole('row').filter({ hasText: name }).first().click();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}
const chip = (page: Page): Locator => page.getByRole('status').getByRole('link');
const online = (page: Page): Promise<void> => expect(chip(page)).toHaveText(/^Online(?!.*waiting)/, { timeout: 60_000 });
const openEntries = (page: Page): Locator => page.getByRole('list', { name: 'Open entries' }).getByRole('listitem');

/** Pushes one row as the broker, past the window, as a client does that knows no rules. */
async function pushRaw(url: string, document: Record<string, unknown>): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ email: 'broker@drover.example', password: DEMO_PASSWORD });
  const login = (await (await fetch(`${url}/auth/login`, { method: 'POST', headers, body })).json()) as LoginAnswer;
  const at = new Date().toISOString();
  const { id, deskId } = login.user;
  const envelope = { status: 'active', ownerId: id, deskId, createdBy: id, modifiedBy: id, createdAt: at, modifiedAt: at };
  const newDocumentState = { ...envelope, w: randomUUID(), supplierId: '', customerId: '', contactType: '', _deleted: false, ...document };
  const answer = await fetch(`${url}/sync/contacts/${version}/push`, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${login.accessToken}`, 'x-drover-device': randomUUID() },
    body: JSON.stringify([{ newDocumentState }]),
  });
  expect(answer.status).toBe(200);
}

test.describe
  .serial('the inbox', () => {
    const [mine, other, second] = [new Device(), new Device(), new Device()];
    const devices = [mine, other, second];
    const stage = onStage(devices);
    const contacts = async () => (await stage.server.ask<PullAnswer>(`/sync/contacts/${version}/pull?lwt=0&id=&limit=100`)).documents;
    const contactNamed = async (name: string) => (await contacts()).find((document) => document['name'] === name);

    test('[SYN-6] two people change one field offline: its author chooses, and devices and audit agree', async () => {
      test.setTimeout(300_000);
      await pushRaw(stage.server.url, { id: randomUUID(), name: 'Nora Fields', phone: '(308) 555-0100' });
      let page = await mine.open(stage.server.url);
      await signIn(page, 'broker');
      await openContact(page, 'Nora Fields');
      await online(page);
      const theirs = await other.open(stage.server.url);
      await signIn(theirs, 'admin');
      await openContact(theirs, 'Nora Fields');

      await stage.server.stop();
      await field(page, 'Phone').fill('(308) 555-0111');
      await field(page, 'Job title').fill('Buyer');
      await save(page);
      await field(theirs, 'Phone').fill('(308) 555-0122');
      await field(theirs, 'Company as written').fill('Fields and Sons');
      await save(theirs);
      await mine.close();
      await stage.server.start();
      await online(theirs);
      await expect.poll(async () => (await contactNamed('Nora Fields'))?.['phone']).toBe('(308) 555-0122');

      page = await mine.open(stage.server.url);
      await expect(chip(page)).toHaveText('Online, 1 in the inbox', { timeout: 60_000 });
      const link = page.getByRole('navigation').getByRole('link', { name: 'Inbox', exact: true });
      await expect(link).toHaveAccessibleDescription('1');
      await page.keyboard.press('g');
      await page.keyboard.press('x');
      await expect(page.getByRole('heading', { level: 1, name: 'Inbox' })).toBeVisible();
      await expect(openEntries(page)).toHaveCount(1);
      const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'Phone' }) });
      await expect(row.getByRole('cell')).toHaveText(['(308) 555-0100', '(308) 555-0111', '(308) 555-0122']);
      await expectAccessible(page, 'clash');
      // What did not clash was merged: mine and theirs are both stored.
      await expect.poll(() => contactNamed('Nora Fields')).toMatchObject({ jobTitle: 'Buyer', company: 'Fields and Sons' });

      const elsewhere = await second.open(stage.server.url);
      await signIn(elsewhere, 'broker');
      await goTo(elsewhere, 'Inbox');
      await expect(openEntries(elsewhere)).toHaveCount(1);
      await goTo(theirs, 'Inbox');
      await expect(theirs.getByText('Nothing to decide.')).toBeVisible();

      await page.getByRole('radio', { name: 'Phone: yours' }).check();
      await page.getByRole('button', { name: 'Save the choice' }).click();
      await expect(page.getByText('Nothing to decide.')).toBeVisible();
      await expect(elsewhere.getByText('Nothing to decide.')).toBeVisible();
      await online(page);
      await openContact(theirs, 'Nora Fields');
      await expect(field(theirs, 'Phone')).toHaveValue('(308) 555-0111');
      await expect(field(theirs, 'Company as written')).toHaveValue('Fields and Sons');
      const stored = await contactNamed('Nora Fields');
      expect(stored).toMatchObject({ phone: '(308) 555-0111', jobTitle: 'Buyer', company: 'Fields and Sons' });
      const audit = await stage.server.ask<AuditEntry[]>(`/audit?collection=contacts&id=${stored?.id ?? ''}`);
      const phones = audit.toSorted((a, b) => a.seq - b.seq).map(({ after }) => after['phone']);
      expect(phones).toEqual(['(308) 555-0100', '(308) 555-0122', '(308) 555-0122', '(308) 555-0111']);
      await second.close();

      page = await mine.open(stage.server.url);
      await goTo(page, 'Inbox');
      await page.getByText('Resolved', { exact: true }).click();
      await expect(page.getByText('Your choice was saved')).toBeVisible();
      expect(devices.flatMap(({ problems }) => problems)).toEqual([]);
    });

    test('[SYN-2] what the server refuses comes back to its author, who mends or discards it', async () => {
      test.setTimeout(300_000);
      const page = await mine.open(stage.server.url);
      await online(page);
      const id = randomUUID();
      await pushRaw(stage.server.url, { id, name: 'Wrong Address', email: 'no address', jobTitle: 'Plant manager' });
      await expect(chip(page)).toHaveText('Online, 1 in the inbox');
      await goTo(page, 'Inbox');
      await expect(page.getByRole('region', { name: 'Entry' }).getByText('Plant manager')).toBeVisible();
      await expectAccessible(page, 'refusal');
      await page.getByRole('link', { name: 'Mend and send again' }).click();
      await expect(page.getByRole('heading', { level: 1, name: 'Mend Wrong Address' })).toBeVisible();
      await expect(field(page, 'Job title')).toHaveValue('Plant manager');
      await expect(field(page, 'E-mail')).toBeFocused();
      await expectAccessible(page, 'mend');
      await field(page, 'E-mail').fill('right@address.example');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByRole('button', { name: 'Save anyway' }).click();
      await expect(page.getByRole('heading', { level: 1, name: 'Wrong Address' })).toBeVisible();
      await expect
        .poll(() => contactNamed('Wrong Address'))
        .toMatchObject({ id, email: 'right@address.example', jobTitle: 'Plant manager' });

      await pushRaw(stage.server.url, {
        id: randomUUID(),
        name: 'Never Mind',
        email: 'no address',
        positions: 'odd',
        notes: 7,
        spare: { any: 'thing' },
      });
      await goTo(page, 'Inbox');
      await expect(openEntries(page)).toHaveCount(1);
      await expect(page.getByRole('region', { name: 'Entry' }).getByText('{"any":"thing"}')).toBeVisible();
      await page.getByRole('link', { name: 'Mend and send again' }).click();
      await expect(page.getByRole('heading', { level: 1, name: 'Mend Never Mind' })).toBeVisible();
      await expect(field(page, 'E-mail')).toHaveValue('no address');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('button', { name: 'Discard' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
      await expect(page.getByText('Nothing to decide.')).toBeVisible();
      await expect(chip(page)).toHaveText('Online');
      expect(await contactNamed('Never Mind')).toBeUndefined();
      await page.getByText('Resolved', { exact: true }).click();
      await expect(page.getByRole('list', { name: 'Resolved entries' }).getByRole('listitem')).toHaveCount(3);
      await expectAccessible(page, 'resolved');
      expect(mine.problems).toEqual([]);
    });
  });
