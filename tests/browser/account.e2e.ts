/** One's account: devices, password, and a device that is removed from elsewhere. */
import { type Page, expect, test } from '@playwright/test';
import { DEMO_PASSWORD } from '../../sync-server/db/demo-accounts.ts';
import { expectClean } from './accessible.ts';
import { Device, goTo, onStage, signIn } from './desk.ts';

const [office, laptop] = [new Device(), new Device()];
const stage = onStage({ office, laptop });

const openAccount = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: /account of/ }).click();
  await page.getByRole('menuitem', { name: 'Your account' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Your account' })).toBeVisible();
};
const makeSupplier = async (page: Page, name: string): Promise<void> => {
  await goTo(page, 'Suppliers');
  await page
    .getByRole('link', { name: 'New supplier' })
    .or(page.getByRole('button', { name: 'New supplier' }))
    .first()
    .click();
  await page.getByLabel('Name', { exact: true }).first().fill(name);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
};
/** What is left on the device, by a window that opens nothing. */
const leftOn = (page: Page): Promise<string[]> =>
  page.evaluate(async () => [
    ...(await indexedDB.databases()).map(({ name }) => name ?? ''),
    ...Object.keys(localStorage).filter((key) => key !== 'drover.removal'),
  ]);

test('a device is named, removed from another one while it is offline, and empties itself when it comes back', async () => {
  const own = await office.open(stage.server.url);
  await signIn(own, 'broker');
  const away = await laptop.open(stage.server.url);
  await signIn(away, 'broker');
  await makeSupplier(away, 'Sent before');
  await expect(away.getByRole('status').filter({ hasText: 'Online' })).toBeVisible();
  await goTo(own, 'Suppliers');
  await expect(own.getByRole('row').filter({ hasText: 'Sent before' })).toBeVisible();
  // Offline, with a second window open.
  const second = await away.context().newPage();
  await second.goto(stage.server.url);
  await expect(second.getByRole('navigation').getByRole('link', { name: 'Suppliers' })).toBeVisible();
  await away.context().setOffline(true);
  await makeSupplier(away, 'Never sent');

  await openAccount(own);
  const others = own.getByRole('row').filter({ hasText: 'Chrome on Linux' }).filter({ hasNotText: 'This device' });
  await others.getByRole('button', { name: 'Rename Chrome on Linux' }).click();
  await own.getByLabel('Name of the device').fill('Lost laptop');
  await own.getByLabel('Name of the device').press('Enter');
  await own.getByRole('button', { name: 'Remove Lost laptop' }).click();
  await expectClean(own);
  await own.getByRole('button', { name: 'Remove it and delete its data' }).click();
  const row = own.getByRole('row').filter({ hasText: 'Lost laptop' });
  await expect(row).toContainText('it will be emptied when it next comes online');
  // Nothing has reached the laptop yet.
  await expect(away.getByRole('heading', { level: 1, name: 'Never sent' })).toBeVisible();

  await away.context().setOffline(false);
  for (const window of [away, second]) {
    await expect(window.getByRole('heading', { level: 1, name: 'This device was removed from Drover' })).toBeVisible({ timeout: 60_000 });
    await expect(window.getByRole('button', { name: 'Sign in as on a new device' })).toBeVisible();
    expect(await leftOn(window)).toEqual([]);
  }
  await expectClean(away);
  // The list is not opened again: coming back to the window is enough.
  await expect(async () => {
    await own.evaluate(() => window.dispatchEvent(new Event('focus')));
    await expect(row).toContainText('Removed and emptied', { timeout: 1_000 });
  }).toPass();

  // It says so until somebody has read it, also without the server; then it is a new device.
  await second.close();
  await away.reload();
  await away.getByRole('button', { name: 'Sign in as on a new device' }).click();
  await signIn(away, 'broker');
  await goTo(away, 'Suppliers');
  await expect(away.getByRole('row').filter({ hasText: 'Sent before' })).toBeVisible();
  await expect(away.getByRole('row').filter({ hasText: 'Never sent' })).toHaveCount(0);
  expect([...office.problems, ...laptop.problems]).toEqual([]);
});

test('a new password is judged by the server, and the other device signs in again with it, its work kept', async () => {
  const own = await office.open(stage.server.url);
  await openAccount(own);
  const fill = async (current: string, next: string): Promise<void> => {
    await own.getByLabel('Current password', { exact: true }).fill(current);
    await own.getByLabel('New password', { exact: true }).fill(next);
    await own.getByLabel('New password again', { exact: true }).fill(next);
    await own.getByRole('button', { name: 'Change the password' }).click();
  };
  await fill('not this one', 'seven stout steers');
  await expect(own.getByText('The current password is wrong.')).toBeVisible();
  await fill(DEMO_PASSWORD, 'qwertyuiop123');
  await expect(own.getByText('one of the most used passwords')).toBeVisible();
  await expectClean(own);
  await fill(DEMO_PASSWORD, 'seven stout steers');
  await expect(own.getByText('Every other device has been signed out.')).toBeVisible();

  const away = await laptop.open(stage.server.url);
  await expect(away.getByText('Sign in to sync')).toBeVisible();
  await makeSupplier(away, 'Made meanwhile');
  await away.getByRole('button', { name: /account of/ }).click();
  await away.getByRole('menuitem', { name: 'Sign in again' }).click();
  await away.getByLabel('Password', { exact: true }).fill('seven stout steers');
  await away.getByRole('button', { name: 'Sign in', exact: true }).click();
  await goTo(own, 'Suppliers');
  await expect(own.getByRole('row').filter({ hasText: 'Made meanwhile' })).toBeVisible();
});
