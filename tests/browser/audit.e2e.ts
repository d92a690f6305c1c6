/** Who did what: the history of one record with an old version brought back, and the audit of the company for those who may browse it. */
import { readFileSync } from 'node:fs';
import { type Page, expect, test } from '@playwright/test';
import { expectAccessible } from './accessible.ts';
import { Device, goTo, onStage, signIn } from './desk.ts';

const [desk, office] = [new Device(), new Device()];
// The second test looks for what the first one did.
test.describe.configure({ mode: 'serial' });
const stage = onStage({ desk, office });

const field = (page: Page, label: string) => page.getByRole('form').getByLabel(label, { exact: true }).first();
const chip = (page: Page) => page.getByRole('status').getByRole('link');
const sent = (page: Page): Promise<void> => expect(chip(page)).toHaveText(/^Online(?!.*waiting)/, { timeout: 60_000 });
async function save(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const anyway = page.getByRole('button', { name: 'Save anyway' });
  const saved = page.getByText('All changes saved on this device');
  await expect(anyway.or(saved)).toBeVisible();
  if (await anyway.isVisible()) await anyway.click();
  await expect(saved).toBeVisible();
  await sent(page);
}
const history = (page: Page) => page.getByRole('list', { name: 'History' });
const openTab = async (page: Page, name: string): Promise<void> => page.getByRole('tab', { name, exact: true }).click();

test('a record tells who changed what, and an old version comes back as a new change', async () => {
  test.setTimeout(180_000);
  const page = await desk.open(stage.server.url);
  await signIn(page, 'broker');
  await goTo(page, 'Contacts');
  await page.getByRole('button', { name: 'New contact' }).first().click();
  await field(page, 'Name').fill('Nora Fields');
  await field(page, 'Phone').fill('(308) 555-0100');
  await save(page);
  await field(page, 'Phone').fill('(308) 555-0199');
  await field(page, 'Job title').fill('Buyer');
  await save(page);

  await openTab(page, 'History');
  await expect(history(page).getByRole('listitem')).toHaveCount(2);
  const [newest, first] = [history(page).getByRole('listitem').nth(0), history(page).getByRole('listitem').nth(1)];
  await expect(newest).toContainText('Changed by Blair Broker');
  await expect(newest).toContainText('(308) 555-0100 → became (308) 555-0199');
  await expect(first).toContainText('Created by Blair Broker');
  await expectAccessible(page, 'history tab');

  await first.getByRole('button', { name: /^Restore this version of/ }).click();
  const dialog = page.getByRole('dialog', { name: /^Restore the version of/ });
  await expect(dialog).toContainText('(308) 555-0199 → became (308) 555-0100');
  await expectAccessible(page, 'question before restoring');
  await dialog.getByRole('button', { name: 'Restore this version' }).click();
  await expect(dialog).toBeHidden();
  await sent(page);
  await expect(history(page).getByRole('listitem')).toHaveCount(3);
  await openTab(page, 'Details');
  await expect(field(page, 'Phone')).toHaveValue('(308) 555-0100');
  await expect(field(page, 'Job title')).toHaveValue('');

  await stage.server.stop();
  await openTab(page, 'History');
  await page.reload();
  await expect(page.getByText('The history is kept on the server, which cannot be reached right now')).toBeVisible({ timeout: 60_000 });
  await stage.server.start();
  expect(desk.problems).toEqual([]);
});

test('whoever may browse the audit finds it there, narrows it down, and takes it along as a table', async () => {
  test.setTimeout(180_000);
  const page = await office.open(stage.server.url);
  await signIn(page, 'admin');
  await page.getByRole('navigation').getByRole('link', { name: 'Administration', exact: true }).click();
  await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: 'Audit', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Audit' })).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: 'Signed in' }).first()).toBeVisible();

  const filters = page.getByRole('form', { name: 'Filters' });
  await filters.getByLabel('Kind of record').selectOption('contacts');
  await filters.getByLabel('What').selectOption('change');
  await filters.getByLabel('Text').fill('555-0199');
  await filters.getByLabel('Text').press('Enter');
  const rows = page.getByRole('row').filter({ hasText: 'Nora Fields' });
  await expect(rows).toHaveCount(2);
  await rows.last().getByRole('button', { name: 'Changed' }).click();
  await expect(page.getByText('(308) 555-0100 → became (308) 555-0199')).toBeVisible();
  await expectAccessible(page, 'audit');
  await rows.last().getByRole('link', { name: 'Nora Fields' }).click();
  await expect(history(page).getByRole('listitem')).toHaveCount(3);

  await page.goBack();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export as CSV' }).click()]);
  expect(readFileSync(await download.path(), 'utf8')).toContain('Blair Broker');
  await page.reload();
  await expect(page.getByRole('row').filter({ hasText: 'Exported' })).toContainText('Avery Admin');
  expect(office.problems).toEqual([]);
});
