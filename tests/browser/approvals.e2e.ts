/** A sale beyond the credit of its customer: the broker sees why and whom to ask, the approver gives the reason, History has it. */
import { randomUUID } from 'node:crypto';
import { type Locator, type Page, expect, test } from '@playwright/test';
import { DEMO_DESK, DEMO_PASSWORD } from '../../sync-server/db/demo-accounts.ts';
import { minimalDocument } from '../domain/sample.ts';
import { nounOf } from '../../domain/registry.ts';
import { expectAccessible } from './accessible.ts';
import { Device, goTo, onStage, signIn } from './desk.ts';

const [desk, office] = [new Device(), new Device()];
const stage = onStage({ desk, office });

/** Puts a record on the server as the demo admin. */
async function put(collection: string, id: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
  const noun = nounOf(collection);
  if (!noun) throw new Error(`there is no ${collection}`);
  const json = { 'content-type': 'application/json' };
  const login = await fetch(`${stage.server.url}/auth/login`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ email: 'admin@drover.example', password: DEMO_PASSWORD }),
  });
  const { accessToken } = (await login.json()) as { accessToken: string };
  const now = new Date().toISOString();
  const document = {
    ...minimalDocument(noun, id),
    ownerId: 'somebody',
    deskId: DEMO_DESK,
    createdAt: now,
    modifiedAt: now,
    ...fields,
    w: randomUUID(),
  };
  const newDocumentState = { ...(noun.derive ? noun.derive(document) : document), _deleted: false };
  const answer = await fetch(`${stage.server.url}/sync/${collection}/${noun.entity.version}/push`, {
    method: 'POST',
    headers: { ...json, authorization: `Bearer ${accessToken}` },
    body: JSON.stringify([{ newDocumentState }]),
  });
  expect(await answer.json()).toEqual([]);
}

const formOf = (page: Page): Locator => page.getByRole('form', { name: 'Sales order details' });
const field = (scope: Locator, label: string): Locator => scope.getByLabel(label, { exact: true }).first();
async function choose(page: Page, box: Locator, option: RegExp): Promise<void> {
  await box.click();
  await page.getByRole('option', { name: option }).first().click();
}
async function find(page: Page, box: Locator, name: string): Promise<void> {
  await box.fill(name);
  await page
    .getByRole('option', { name: new RegExp(`^${name}`) })
    .first()
    .click();
}
const save = (page: Page): Promise<void> => page.getByRole('button', { name: 'Save', exact: true }).click();

test('[R10] [R15] a sale beyond the credit is closed to a broker with the numbers, and let through by who may, with a reason', async () => {
  const [customer, bought] = [randomUUID(), randomUUID()];
  await put('parties', customer, { name: 'Lone Star Foods', roles: ['customer'], creditLimit: 15_000_000 });
  await put('receivables', randomUUID(), { kind: 'invoice', name: 'I 7', partyId: customer, amount: 5_000_000, issuedOn: '2026-09-01' });
  await put('orders', bought, {
    kind: 'purchase',
    number: '226500',
    stage: 'confirmed',
    orderedOn: '2026-09-03',
    lines: [{ lineId: 'b', description: 'Beef trim 85s', netWeight: 4_128_000, price: 27_050, priceUnit: 'lb' }],
    charges: [{ lineId: 'f', kind: 'linehaul', amount: 535_924 }],
  });

  const page = await desk.open(stage.server.url);
  await signIn(page, 'broker');
  await goTo(page, 'Sales orders');
  await page.getByRole('button', { name: 'New sales order', exact: true }).first().click();
  const form = formOf(page);
  await field(form, 'Order number').fill('S 900');
  await find(page, field(form, 'Customer'), 'Lone Star Foods');
  const line = form.getByRole('row').nth(1);
  await line.getByLabel(/^Item/).fill('Beef trim 85s');
  await line.getByLabel(/^Net weight/).fill('41280');
  await line.getByLabel(/^Price(?! unit)/).fill('2.9150');
  await choose(page, line.getByLabel(/^Price unit/), /^per lb$/);
  const standing = page.getByRole('region', { name: 'Margin and credit' });
  await expect(standing).toContainText('line 1 is not yet covered by purchases');

  await form.getByRole('button', { name: 'Add allocation' }).click();
  await choose(page, field(form, 'Line of this order'), /Beef trim 85s/);
  await find(page, field(form, 'Purchase order'), '226500');
  await choose(page, field(form, 'Line of the purchase'), /41,280\.00 lb/);
  // R10: the load of the trade notes.
  await expect(standing).toContainText('$3,309.56 (2.75 % of sale)');
  await expect(standing).toContainText('2.83 % of cost');
  // R15: 50,000.00 are owed, and this sale comes to 120,331.20.
  await expect(standing).toContainText('$170,331.20');
  await expect(standing).toContainText('$20,331.20');
  await expect(standing).toContainText('Once it is agreed, this sale needs an approval');

  await choose(page, field(form, 'Stage'), /^Agreed$/);
  await expect(standing).toContainText('Your role may not approve that; save it as an offer and ask somebody with the role Administrator');
  await standing.scrollIntoViewIfNeeded();
  await expectAccessible(page, 'a sale that needs an approval');
  await save(page);
  await expect(page.getByRole('alert')).toContainText('Ask somebody with the role Administrator.');
  await choose(page, field(form, 'Stage'), /^Offer$/);
  await save(page);
  await expect(page.getByRole('heading', { level: 1, name: 'S 900' })).toBeVisible();

  const boss = await office.open(stage.server.url);
  await signIn(boss, 'admin');
  await goTo(boss, 'Sales orders');
  await boss.getByRole('row').filter({ hasText: 'S 900' }).click();
  await choose(boss, field(formOf(boss), 'Stage'), /^Agreed$/);
  await expect(boss.getByRole('region', { name: 'Margin and credit' })).toContainText('You may approve it: say why in "Reason".');
  await save(boss);
  await expect(boss.getByText('Say why, in "Reason"')).toBeVisible();
  await expect(field(formOf(boss), 'Reason')).toBeFocused();
  await field(formOf(boss), 'Reason').fill('Paid by wire this morning');
  await save(boss);
  await boss.getByRole('tab', { name: 'History' }).click();
  await expect(boss.getByRole('list', { name: 'History' })).toContainText('Paid by wire this morning');
  // The broker's window hears of it.
  await expect(field(formOf(page), 'Stage')).toHaveValue('Agreed');
  expect([...desk.problems, ...office.problems]).toEqual([]);
});
