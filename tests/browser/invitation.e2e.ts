/** Coming to Drover: an invitation by mail, a forgotten password, links that do not work any more. */
import { type Page, expect, test } from '@playwright/test';
import { DEMO_PASSWORD } from '../../sync-server/db/demo-accounts.ts';
import { type PostBox, linkIn, openPostBox } from '../sync-server/post-box.ts';
import { expectAccessible, expectClean } from './accessible.ts';
import { DeskServer, Device } from './desk.ts';

let box: PostBox;
let server: DeskServer;
const device = new Device();
test.beforeAll(async () => {
  box = await openPostBox();
  server = await DeskServer.open({ named: true, env: { DROVER_SMTP_URL: box.url, DROVER_MAIL_FROM: 'Drover <drover@example.com>' } });
});
test.afterEach(async () => {
  if (test.info().status !== test.info().expectedStatus) await device.picture('device');
});
test.afterAll(async () => {
  await device.forget();
  await server.close();
  await box.close();
});

async function inviteNora(): Promise<string> {
  const login = await fetch(`${server.url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'admin@drover.example', password: DEMO_PASSWORD }),
  });
  const { accessToken } = (await login.json()) as { accessToken: string };
  const answer = await fetch(`${server.url}/auth/invitations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
    body: JSON.stringify({ email: 'nora@drover.example', name: 'Nora Newcomer', role: 'broker', deskId: 'desk-main' }),
  });
  expect(answer.status).toBe(200);
  const letter = box.letters.at(-1);
  return letter ? linkIn(letter) : '';
}
async function fillIn(page: Page, password: string, button: string): Promise<void> {
  await page.getByLabel('New password', { exact: true }).fill(password);
  await page.getByLabel('New password again', { exact: true }).fill(password);
  await page.getByRole('button', { name: button }).click();
}

test('an invitation leads from the letter to the desk', async () => {
  const link = await inviteNora();
  const page = await device.open(link);
  await expect(page.getByRole('heading', { name: 'Welcome, Nora Newcomer' })).toBeVisible();
  expect(page.url()).not.toContain('#');
  await expectClean(page);
  await fillIn(page, 'password1234', 'Start');
  await expect(page.getByText('one of the most used passwords')).toBeVisible();
  await fillIn(page, 'seven stout steers', 'Start');
  await expect(page.getByRole('navigation').getByRole('link', { name: 'Suppliers' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'NN, account of Nora Newcomer' })).toBeVisible();

  // The same letter once more.
  await page.goto(link);
  await expect(page.getByText('This link was used, has expired')).toBeVisible();
  await expectClean(page);
  await page.getByRole('link', { name: 'Go to Drover' }).click();
  await expect(page.getByRole('navigation').getByRole('link', { name: 'Suppliers' })).toBeVisible();
});

test('a forgotten password is chosen anew by a letter', async () => {
  const page = await device.open(server.url);
  await page.getByRole('button', { name: /account of Nora/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in to Drover' })).toBeVisible();
  await page.getByRole('button', { name: 'Forgot your password?' }).click();
  await expect(page.getByText('Fill in your e-mail address above first.')).toBeVisible();
  const before = box.letters.length;
  await page.getByLabel('E-mail').fill('nora@drover.example');
  await page.getByRole('button', { name: 'Forgot your password?' }).click();
  await expect(page.getByText('If this address has an account')).toBeVisible();
  await expectClean(page);
  await expect.poll(() => box.letters.length).toBe(before + 1);
  const letter = box.letters.at(-1);
  await page.goto(letter ? linkIn(letter) : '');
  await fillIn(page, 'eight brown heifers', 'Use this password');
  await expect(page.getByRole('button', { name: 'NN, account of Nora Newcomer' })).toBeVisible();
  expect(device.problems).toEqual([]);
});

/** The link in the letter to this address with these words in it, once it has come. */
async function linkOf(to: string, words: string): Promise<string> {
  const found = () => box.letters.find((letter) => letter.to.includes(to) && letter.text.includes(words));
  await expect.poll(found).toBeDefined();
  const letter = found();
  return letter ? linkIn(letter) : '';
}

test('another e-mail address counts once its letter was followed, and the letter to the one of before stops it', async () => {
  const page = await device.open(server.url);
  const ask = async (email: string): Promise<void> => {
    await page.getByRole('button', { name: /account of Nora/ }).click();
    await page.getByRole('menuitem', { name: 'Your account' }).click();
    await page.getByLabel('New e-mail address', { exact: true }).fill(email);
    await page.getByLabel('New e-mail address again', { exact: true }).fill(email);
    await page.getByRole('button', { name: 'Change the address' }).click();
    await expect(page.getByText(`Open the letter that was sent to ${email}`)).toBeVisible();
  };
  await ask('nora.new@drover.example');
  await expectAccessible(page, 'account');
  await page.goto(await linkOf('nora.new@drover.example', 'Confirm it here'));
  await expect(page.getByRole('heading', { name: 'Confirm your e-mail address' })).toBeVisible();
  expect(page.url()).not.toContain('#');
  await expectAccessible(page, 'confirm');
  await page.getByRole('button', { name: 'Use this address' }).click();
  await expect(page.getByText('Your address is nora.new@drover.example from now on.')).toBeVisible();
  await page.getByRole('link', { name: 'Go to Drover' }).click();
  await ask('nora.third@drover.example');
  await expect(page.getByText('You sign in with nora.new@drover.example')).toBeVisible();
  await page.goto(await linkOf('nora.new@drover.example', 'nora.third@drover.example'));
  await page.getByRole('button', { name: 'Keep the address of before' }).click();
  await expect(page.getByText('The address stays as it was')).toBeVisible();
  expect(device.problems).toEqual([]);
});
