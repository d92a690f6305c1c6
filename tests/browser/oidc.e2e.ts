/** Signing in through another system, in the web app: to the provider and back. */
import { expect, test } from '@playwright/test';
import { type IdentityProvider, openIdentityProvider } from '../sync-server/identity-provider.ts';
import { DeskServer, Device } from './desk.ts';

let provider: IdentityProvider;
let server: DeskServer;
const device = new Device();
test.beforeAll(async () => {
  server = await DeskServer.open({ named: true });
  provider = await openIdentityProvider(`${server.url}/auth/oidc/callback`);
  await server.stop();
  await server.start({
    DROVER_OIDC_ISSUER: provider.issuer,
    DROVER_OIDC_CLIENT_ID: provider.clientId,
    DROVER_OIDC_CLIENT_SECRET: provider.clientSecret,
    DROVER_OIDC_NAME: 'Example Co',
  });
});
test.afterEach(async () => {
  if (test.info().status !== test.info().expectedStatus) await device.picture('device');
});
test.afterAll(async () => {
  await device.forget();
  await server.close();
  await provider.close();
});

test('leads there and back to the desk, and says why when it does not', async () => {
  const page = await device.open(server.url);
  provider.person = { sub: 'stranger', email: 'stranger@drover.example', verified: true };
  await page.getByRole('button', { name: 'Sign in with Example Co' }).click();
  await expect(page.getByText('You have no account here yet.')).toBeVisible();
  expect(page.url()).toBe(`${server.url}/signed-in`);
  await page.getByRole('link', { name: 'Back to the sign-in' }).click();

  await page.context().clearCookies();
  provider.person = { sub: 'blair', email: 'broker@drover.example', verified: true };
  await page.getByRole('button', { name: 'Sign in with Example Co' }).click();
  await expect(page.getByRole('button', { name: 'BB, account of Blair Broker' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('status').filter({ hasText: 'Online' })).toBeVisible();
  expect(device.problems).toEqual([]);
});
