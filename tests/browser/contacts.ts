/** The smallest record that a test of the device's disk can make, and its row in the list. */
import { type Page, expect } from '@playwright/test';
import { goTo } from './desk.ts';

export async function addContact(page: Page, name: string): Promise<void> {
  await goTo(page, 'Contacts');
  await page
    .getByRole('button', { name: /^New contact/ })
    .first()
    .click();
  await page.getByRole('form').getByLabel('Name', { exact: true }).first().fill(name);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('button', { name: 'Save anyway' }).click();
  await expect(page.getByText('All changes saved on this device')).toBeVisible();
}
export const contact = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name }).first();
