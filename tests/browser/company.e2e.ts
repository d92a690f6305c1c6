/** What an administrator sets for the company, in the window of somebody else: at once, and after a restart without the server. */
import { type Page, expect, test } from '@playwright/test';
import { expectAccessible } from './accessible.ts';
import { Device, goTo, onStage, signIn } from './desk.ts';

const [office, phone] = [new Device(), new Device()];
const stage = onStage({ office, phone });

async function openPart(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: 'Administration', exact: true }).click();
  await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name, exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name, exact: true })).toBeVisible();
}
async function startNew(page: Page, list: string, record: string): Promise<void> {
  await goTo(page, list);
  const name = `New ${record}`;
  await page.getByRole('button', { name }).or(page.getByRole('link', { name })).first().click();
}
/** The package types that the form of a product offers. */
async function expectOffered(page: Page, name: string): Promise<void> {
  await startNew(page, 'Products', 'product');
  await page.getByRole('form').first().getByLabel('Package type', { exact: true }).click();
  await expect(page.getByRole('option', { name, exact: true })).toBeVisible();
  await expect(page.getByRole('option', { name: /Nude/ })).toHaveCount(0);
  await page.keyboard.press('Tab');
}
/** In the form that is open: two weeks after a Saturday are a Saturday before a holiday. */
async function expectDue(page: Page): Promise<void> {
  const form = page.getByRole('form').first();
  const choose = async (label: string, option: string): Promise<void> => {
    await form.getByRole('combobox', { name: label, exact: true }).click();
    await page.getByRole('option', { name: option, exact: true }).click();
  };
  await choose('Terms', 'Net 30');
  await choose('Terms run from', 'Ship date');
  for (const [label, day] of [
    ['Order date', '9/25/2026'],
    ['Pickup date', '9/26/2026'],
  ] as const) {
    await form.getByLabel(label, { exact: true }).fill(day);
    await form.getByLabel(label, { exact: true }).press('Tab');
  }
  await expect(page.getByText('10/13/2026')).toBeVisible();
}
/** The cases weigh 50, 55 and 45 lb: 10 % from their average. What a rule warns of is said before the save. */
async function expectWeightsAsked(page: Page): Promise<void> {
  await startNew(page, 'Purchase orders', 'purchase order');
  const form = page.getByRole('form').first();
  await form.getByLabel(/^Item/).first().fill('Chuck roll');
  await form
    .getByLabel(/^Case weights/)
    .first()
    .fill('50+55+45');
  await expectDue(page);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('More than 9 % from the average').first()).toBeVisible();
}

/** A number of the series "Purchase orders" as the company writes it now, in the form that is open. */
async function expectNumberRefused(page: Page): Promise<void> {
  await page
    .getByRole('form')
    .first()
    .getByLabel(/^Order number/)
    .fill('P26-0500');
  await page.getByRole('button', { name: 'Save anyway', exact: true }).click();
  await expect(page.getByText('P26-0500 is a number of the series "Purchase orders"').first()).toBeVisible();
}
async function changeSeries(boss: Page): Promise<void> {
  await openPart(boss, 'Numbers');
  await boss.getByRole('button', { name: 'Change: Purchase orders' }).click();
  const dialog = boss.getByRole('dialog');
  await dialog.getByLabel('Prefix').fill('SO-');
  await dialog.getByLabel('Reason, kept in the audit').fill('a new year');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(dialog.getByText('Numbers of "sales-orders" begin with SO-')).toBeVisible();
  await dialog.getByLabel('Prefix').fill('P26-');
  await dialog.getByLabel('Digits at least').fill('4');
  await expect(dialog.getByText('New numbers look like P26-0012.')).toBeVisible();
  await expectAccessible(boss, 'the form of a number series');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(dialog).toHaveCount(0);
  await expect(boss.getByRole('row').filter({ hasText: 'Purchase orders' })).toContainText('P26-');
}

test('a new option, a changed tolerance and another form of numbers reach the window of a broker, and stay there without the server', async () => {
  test.setTimeout(240_000);
  const boss = await office.open(stage.server.url);
  await signIn(boss, 'admin');
  const page = await phone.open(stage.server.url);
  await signIn(page, 'broker');

  await openPart(boss, 'Option lists');
  await boss.getByLabel('List', { exact: true }).selectOption('Package types');
  await boss.getByLabel('New option').fill('Vacuum bags');
  await boss.getByRole('button', { name: 'Add to the list' }).click();
  const own = boss.getByLabel('Label of vacuum_bags');
  await own.focus();
  await boss.keyboard.press('Alt+ArrowUp');
  await expect(own).toBeFocused();
  await expect(boss.getByRole('row').last()).not.toContainText('vacuum_bags');
  await boss.getByRole('button', { name: 'Retire Nude', exact: true }).click();
  await expectAccessible(boss, 'an option list');
  await boss.getByRole('button', { name: 'Save the list' }).click();
  await boss.getByRole('dialog').getByLabel('Reason, kept in the audit').fill('the plant packs so');
  await boss.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(boss.getByText('by Avery Admin')).toBeVisible();

  await boss.getByLabel('List', { exact: true }).selectOption('Terms of payment');
  await boss.getByLabel('Days of Net 30').fill('14');
  await boss.getByLabel('Net 30 is due on a business day').check();
  await expectAccessible(boss, 'terms of payment');
  await boss.getByRole('button', { name: 'Save the list' }).click();
  await boss.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
  await expect(boss.getByText('by Avery Admin')).toBeVisible();

  await openPart(boss, 'Settings');
  const setting = 'A catch weight is asked about when a case is further from the average than';
  await boss.getByRole('button', { name: `Change: ${setting}` }).click();
  await boss.getByRole('dialog').getByLabel(setting).fill('9');
  await boss.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(boss.getByRole('row').filter({ hasText: setting })).toContainText('9 %');

  await changeSeries(boss);

  await expectOffered(page, 'Vacuum bags');
  await expectWeightsAsked(page);
  await expectNumberRefused(page);
  await page.evaluate(async () => navigator.serviceWorker.ready);

  await stage.server.stop();
  const again = await phone.open(stage.server.url);
  await expectOffered(again, 'Vacuum bags');
  await expectWeightsAsked(again);
  await phone.close();
  await stage.server.start();
});
