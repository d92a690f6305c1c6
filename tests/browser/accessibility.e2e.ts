/** Every screen passes axe, light and dark, with the demo company in it. */
import { expect, test } from '@playwright/test';
import { allDestinations } from '../../renderer/app/destinations.ts';
import { expectCleanInBoth } from './accessible.ts';
import { Device, goTo, onStage, signIn } from './desk.ts';

const hubs: readonly (readonly [string, string])[] = [
  ['Suppliers', 'Prairie Crest Beef Co.'],
  ['Customers', 'Lakeshore Foodservice'],
  ['Carriers', 'High Plains Reefer Lines'],
  ['Plants', 'Twin Forks Schuyler'],
  ['Locations', 'Lakeshore Foodservice receiving'],
  ['Contacts', 'Marisol Vega'],
  ['Purchase orders', '226102'],
  ['Mappings', 'Prairie Crest Beef Co. to Lakeshore Foodservice'],
  ['Payment accounts', 'Prairie Crest Beef Co. payments'],
  ['Products', 'Brisket, deckle off, boneless'],
  ['Profiles', 'Blair Broker'],
];

test.describe('axe on every screen', () => {
  const device = new Device();
  const stage = onStage({ device }, { story: true });

  test('light and dark: sign-in, lists, record pages with their tabs, new forms, tools', async () => {
    test.setTimeout(600_000);
    const page = await device.open(stage.server.url);
    await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
    await expectCleanInBoth(page, 'sign-in');
    await signIn(page, 'broker');
    for (const { name, face } of allDestinations) {
      await goTo(page, name);
      await expectCleanInBoth(page, name);
      if (face === undefined) continue;
      await page
        .getByRole('link', { name: /^New / })
        .or(page.getByRole('button', { name: /^New / }))
        .first()
        .click();
      await expect(page.getByRole('button', { name: 'Save', exact: true })).toBeVisible();
      await expectCleanInBoth(page, `new in ${name}`);
    }
    for (const [list, title] of hubs) {
      await goTo(page, list);
      await page.getByRole('row').filter({ hasText: title }).first().click();
      await page.keyboard.press('Enter');
      await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
      const tabs = page.getByRole('tab');
      for (let i = 0; i < (await tabs.count()); i += 1) {
        await tabs.nth(i).click();
        await expectCleanInBoth(page, `${title}, tab ${i}`);
      }
    }
    await page.getByLabel('Search everything').fill('brisket');
    await expect(page.getByRole('option').first()).toBeVisible();
    await expectCleanInBoth(page, 'search results');
  });
});
