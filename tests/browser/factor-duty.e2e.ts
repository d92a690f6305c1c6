/** A second factor that an administrator made a duty, in the window of somebody else. */
import { type Page, expect, test } from '@playwright/test';
import { generate } from 'otplib';
import { DEMO_PASSWORD } from '../../sync-server/db/demo-accounts.ts';
import { expectAccessible } from './accessible.ts';
import { DeskServer, Device, signIn } from './desk.ts';
import { addVirtualAuthenticator } from './virtual-authenticator.ts';

let server: DeskServer;
test.beforeAll(async () => {
  server = await DeskServer.open({ named: true });
});
test.afterAll(async () => {
  await server.close();
});

async function openPart(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: 'Administration', exact: true }).click();
  await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name, exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name, exact: true })).toBeVisible();
}
async function makeDuty(boss: Page, role: string): Promise<void> {
  await boss.getByRole('button', { name: `Change the duty of ${role}` }).click();
  await boss.getByLabel('A duty from').fill('2026-01-01');
  await boss.getByRole('dialog').getByLabel('Reason, kept in the audit').fill('the insurer asks');
  await expectAccessible(boss, `a duty of ${role}`);
  await boss.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(boss.getByRole('row').filter({ hasText: role }).filter({ hasText: 'From 01/01/2026' })).toBeVisible();
}
async function typePassword(page: Page, who: string): Promise<void> {
  await page.getByLabel('E-mail').fill(`${who}@drover.example`);
  await page.getByLabel('Password', { exact: true }).fill(DEMO_PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test('a second factor that became a duty is set up before anything opens', async () => {
  test.setTimeout(180_000);
  const [desktop, laptop, phone] = [new Device(), new Device(), new Device()];
  try {
    const boss = await desktop.open(server.url);
    await signIn(boss, 'admin');
    await openPart(boss, 'Roles');
    await makeDuty(boss, 'Broker');
    await makeDuty(boss, 'Field buyer and quality');
    await expectAccessible(boss, 'roles with a duty');
    const page = await laptop.open(server.url);
    await typePassword(page, 'broker');
    await expect(page.getByText('Your company asks for a second factor')).toBeVisible();
    await expectAccessible(page, 'a sign-in that asks for a second factor');
    await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
    const secret = ((await page.locator('.secret-text').textContent()) ?? '').replaceAll(' ', '');
    await page.getByLabel('2. Enter the code that it shows').fill(await generate({ secret }));
    await page.getByRole('button', { name: 'Confirm' }).click();
    await expect(page.locator('.recovery-codes li')).toHaveCount(10);
    await expectAccessible(page, 'recovery codes at a sign-in');
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await expect(page.getByRole('navigation').getByRole('link', { name: 'Suppliers' })).toBeVisible();

    const buyer = await phone.open(server.url);
    await addVirtualAuthenticator(buyer);
    await typePassword(buyer, 'field');
    await buyer.getByRole('button', { name: 'Make a passkey on this device' }).click();
    await expect(buyer.getByRole('navigation').getByRole('link', { name: 'Suppliers' })).toBeVisible();
    await buyer.getByRole('button', { name: /account of/ }).click();
    await buyer.getByRole('menuitem', { name: 'Sign out' }).click();
    await typePassword(buyer, 'field');
    await expect(buyer.getByRole('alert')).toContainText('you have a passkey: sign in with it');
    await expectAccessible(buyer, 'a sign-in that asks for the passkey');
    await buyer.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await expect(buyer.getByRole('navigation').getByRole('link', { name: 'Suppliers' })).toBeVisible();
  } finally {
    await phone.forget();
    await laptop.forget();
    await desktop.forget();
  }
});
