/** What a role may not do is shown closed, with the reason, with and without the server; and a changed role opens it. */
import { type Page, expect, test } from '@playwright/test';
import { seedRoles } from '../../domain/access/seeds.ts';
import { openDatabase } from '../../sync-server/db/database.ts';
import { putRole } from '../../sync-server/db/roles.ts';
import { expectAccessible } from './accessible.ts';
import { Device, goTo, onStage, signIn } from './desk.ts';

const [desk, dock] = [new Device(), new Device()];
const stage = onStage({ desk, dock });

const closed = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first();

test('[SYN-7] a field buyer finds buttons and fields closed with the reason, offline too, until the role allows more', async () => {
  const office = await desk.open(stage.server.url);
  await signIn(office, 'admin');
  await goTo(office, 'Suppliers');
  await closed(office, 'New supplier').click();
  await office.getByLabel('Name', { exact: true }).first().fill('Prairie Packing');
  await office.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(office.getByRole('heading', { level: 1, name: 'Prairie Packing' })).toBeVisible();

  const page = await dock.open(stage.server.url);
  await signIn(page, 'field');
  await goTo(page, 'Suppliers');
  await expect(closed(page, 'New supplier')).toHaveAttribute('aria-disabled', 'true');
  await expect(closed(page, 'New supplier')).toHaveAttribute('title', /does not allow you to create parties/);
  await page.getByRole('row').filter({ hasText: 'Prairie Packing' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Prairie Packing' })).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: 'does not allow you to change parties' })).toBeVisible();
  await expect(closed(page, 'Delete')).toHaveAttribute('title', /does not allow you to delete parties/);
  await expect(closed(page, 'Save')).toHaveAttribute('aria-disabled', 'true');
  await expect(page.getByLabel('Name', { exact: true }).first()).not.toBeEditable();
  await expectAccessible(page, 'a record that may not be changed');
  // The same without the server, and after a restart of the window.
  await page.context().setOffline(true);
  await goTo(page, 'Suppliers');
  await expect(closed(page, 'New supplier')).toHaveAttribute('aria-disabled', 'true');
  await page.context().setOffline(false);

  const field = seedRoles.find(({ name }) => name === 'field');
  if (!field) throw new Error('there is no role of field');
  const db = openDatabase({ url: stage.server.databaseUrl, connections: 1 });
  await putRole(db, { ...field, edited: true, grants: [...field.grants, { permission: 'parties:create', when: { is: 'all' } }] });
  await db.close();
  await page.reload();
  await goTo(page, 'Suppliers');
  await expect(closed(page, 'New supplier')).toBeEnabled();
  await expect(closed(page, 'New supplier')).not.toHaveAttribute('aria-disabled', 'true');
});
