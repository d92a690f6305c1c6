/** Signing in with more than a password: an authenticator app, recovery codes, a passkey. */
import { type Page, expect, test } from '@playwright/test';
import { generate } from 'otplib';
import { DEMO_PASSWORD } from '../../sync-server/db/demo-accounts.ts';
import { expectClean } from './accessible.ts';
import { Device, onStage, signIn } from './desk.ts';
import { addVirtualAuthenticator } from './virtual-authenticator.ts';

const device = new Device();
const stage = onStage({ device }, { named: true });

const openAccount = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: /account of/ }).click();
  await page.getByRole('menuitem', { name: 'Your account' }).click();
  await expect(page.getByRole('heading', { name: 'Second factor' })).toBeVisible();
};
const signOut = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: /account of/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in to Drover' })).toBeVisible();
};
const typePassword = async (page: Page): Promise<void> => {
  await page.getByLabel('E-mail').fill('broker@drover.example');
  await page.getByLabel('Password', { exact: true }).fill(DEMO_PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
};
const desk = (page: Page) => page.getByRole('navigation').getByRole('link', { name: 'Suppliers' });

test('an authenticator app is set up, asked for, and recovered from', async () => {
  const page = await device.open(stage.server.url);
  await signIn(page, 'broker');
  await openAccount(page);
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
  await expect(page.getByRole('img', { name: 'QR code for the authenticator app' })).toBeVisible();
  await expectClean(page, 'setting up');
  const secret = ((await page.locator('.secret-text').textContent()) ?? '').replaceAll(' ', '');
  await page.getByLabel('2. Enter the code that it shows').fill('000000');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByText('This code is not right')).toBeVisible();
  await page.getByLabel('2. Enter the code that it shows').fill(await generate({ secret }));
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.locator('.recovery-codes li')).toHaveCount(10);
  const codes = await page.locator('.recovery-codes li').allTextContents();
  await expectClean(page, 'recovery codes');
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await expect(page.getByText('10 of 10 recovery codes are left')).toBeVisible();

  await signOut(page);
  await typePassword(page);
  await expect(page.getByLabel('Code of your authenticator app')).toBeFocused();
  await expectClean(page, 'the second step');
  await page.getByLabel('Code of your authenticator app').fill('123456');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByText('This code is not right')).toBeVisible();
  // The code that confirmed the app was taken; the next one comes within half a minute and is taken already now.
  await page.getByLabel('Code of your authenticator app').fill(await generate({ secret, epoch: Math.floor(Date.now() / 1000) + 30 }));
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(desk(page)).toBeVisible();

  await signOut(page);
  await typePassword(page);
  await page.getByLabel('Code of your authenticator app').fill(codes[0] ?? '');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(desk(page)).toBeVisible();
  await openAccount(page);
  await expect(page.getByText('9 of 10 recovery codes are left')).toBeVisible();
  await page.getByRole('button', { name: 'Remove the authenticator app' }).click();
  await expect(page.getByRole('button', { name: 'Set up an authenticator app' })).toBeVisible();
  expect(device.problems).toEqual([]);
});

test('a passkey signs in without a password', async () => {
  const page = await device.open(stage.server.url);
  await addVirtualAuthenticator(page);
  await openAccount(page);
  await page.getByRole('button', { name: 'Make a passkey on this device' }).click();
  const row = page.getByRole('row').filter({ hasText: 'Not yet' });
  await expect(row).toContainText('Chrome on Linux');
  await expectClean(page, 'passkeys');
  await signOut(page);
  await expectClean(page, 'sign-in with a passkey');
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(desk(page)).toBeVisible();
  await openAccount(page);
  await expect(row).toHaveCount(0);
  await page.getByRole('button', { name: 'Remove the passkey of Chrome on Linux' }).click();
  await expect(page.getByRole('button', { name: 'Remove the passkey of Chrome on Linux' })).toHaveCount(0);
  await signOut(page);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  expect(device.problems).toEqual([]);
});
