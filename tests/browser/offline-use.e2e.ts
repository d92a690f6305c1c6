/** Without the server: the desk opens by its grant, refuses when that has run out or the clock was set back, and locks itself. */
import { type Page, expect, test } from '@playwright/test';
import { DEMO_PASSWORD } from '../../sync-server/db/demo-accounts.ts';
import { expectClean } from './accessible.ts';
import { Device, goTo, onStage, signIn } from './desk.ts';

const DAY = 86_400_000;
const device = new Device();
const stage = onStage({ device });

const desk = (page: Page) => page.getByRole('navigation').getByRole('link', { name: 'Suppliers' });
const online = (page: Page) => page.getByRole('status').filter({ hasText: 'Online' });
/** Opens the window with this clock. */
async function at(page: Page, time: number): Promise<void> {
  await page.clock.setSystemTime(time);
  await page.reload();
}

test('the grant opens the desk after a restart without the server, until its day and not after it', async () => {
  let page = await device.open(stage.server.url);
  await signIn(page, 'broker');
  await expect(online(page)).toBeVisible();
  await page.evaluate(async () => navigator.serviceWorker.ready);
  await stage.server.stop();

  page = await device.open(stage.server.url);
  await expect(desk(page)).toBeVisible();
  const now = Date.now();
  await at(page, now + 13 * DAY);
  await expect(
    desk(page)
      .or(page.getByRole('heading', { name: 'Locked' }))
      .first(),
  ).toBeVisible();
  await at(page, now + 15 * DAY);
  await expect(page.getByRole('heading', { name: 'Connect to go on' })).toBeVisible();
  await expect(desk(page)).toHaveCount(0);
  await expectClean(page, 'a grant that has run out');
  // Back to a day at which it was good.
  await at(page, now + DAY);
  await expect(page.getByText('The clock of this device was set back.')).toBeVisible();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByText('The clock of this device was set back.')).toBeVisible();

  await stage.server.start();
  await at(page, now + 60_000);
  await expect(
    desk(page)
      .or(page.getByRole('heading', { name: 'Locked' }))
      .first(),
  ).toBeVisible();
  expect(device.problems).toEqual([]);
});

test('a locked window keeps what was being typed, shows nothing of it, and opens by the password without the server', async () => {
  let page = await device.open(stage.server.url);
  await page.evaluate(() => localStorage.removeItem('drover.locked'));
  await page.reload();
  await expect(online(page)).toBeVisible();
  await stage.server.stop();
  await goTo(page, 'Suppliers');
  await page
    .getByRole('link', { name: 'New supplier' })
    .or(page.getByRole('button', { name: 'New supplier' }))
    .first()
    .click();
  const name = page.getByLabel('Name', { exact: true }).first();
  await name.fill('Half typed');

  await page.getByRole('button', { name: /account of/ }).click();
  await page.getByRole('menuitem', { name: 'Lock' }).click();
  await expect(page.getByRole('heading', { name: 'Locked' })).toBeVisible();
  await expect(name).toBeHidden();
  await expectClean(page, 'locked');
  const password = page.getByLabel('Password', { exact: true });
  await expect(password).toBeFocused();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('heading', { name: 'Locked' })).toBeVisible();
  await password.fill('not this one');
  await page.getByRole('button', { name: 'Unlock' }).click();
  await expect(page.getByText('The password is wrong.')).toBeVisible();
  await password.fill(DEMO_PASSWORD);
  await page.getByRole('button', { name: 'Unlock' }).click();
  await expect(page.getByRole('heading', { name: 'Locked' })).toHaveCount(0);
  await expect(name).toHaveValue('Half typed');

  // Locked stays locked over a restart, and nobody guesses without end.
  await page.getByRole('button', { name: /account of/ }).click();
  await page.getByRole('menuitem', { name: 'Lock' }).click();
  page = await device.open(stage.server.url);
  await expect(page.getByRole('heading', { name: 'Locked' })).toBeVisible();
  const again = page.getByLabel('Password', { exact: true });
  for (let i = 0; i < 5; i += 1) {
    await again.fill(`guess ${i}`);
    await page.getByRole('button', { name: 'Unlock' }).click();
    await expect(again).toHaveValue('');
  }
  await again.fill(DEMO_PASSWORD);
  await page.getByRole('button', { name: 'Unlock' }).click();
  await expect(page.getByText('Too many wrong passwords. Try again in')).toBeVisible();
  await page.clock.setSystemTime(Date.now() + 31_000);
  await again.fill(DEMO_PASSWORD);
  await page.getByRole('button', { name: 'Unlock' }).click();
  await expect(desk(page)).toBeVisible();
  expect(device.problems).toEqual([]);
});

test('a window that nobody uses locks itself', async () => {
  await stage.server.start();
  const page = await device.open(stage.server.url);
  await expect(desk(page)).toBeVisible();
  await page.getByRole('button', { name: /account of/ }).click();
  await page.getByRole('menuitem', { name: 'Your account' }).click();
  await expect(page.getByRole('combobox', { name: 'Lock this device when nobody uses it' })).toHaveValue('After 15 minutes');
  await page.clock.setSystemTime(Date.now() + 16 * 60_000);
  await expect(page.getByRole('heading', { name: 'Locked' })).toBeVisible({ timeout: 20_000 });
});
