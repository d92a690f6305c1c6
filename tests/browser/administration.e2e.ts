/** Administration: somebody is invited, comes, gets another role, and loses a device; and what others see of it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Page, expect, test } from '@playwright/test';
import { type PostBox, linkIn, openPostBox } from '../sync-server/post-box.ts';
import { type Database, openDatabase } from '../../sync-server/db/database.ts';
import { DEMO_PASSWORD } from '../../sync-server/db/demo-accounts.ts';
import { nounOf } from '../../domain/registry.ts';
import { minimalDocument } from '../domain/sample.ts';
import { closeMonths } from '../sync-server/audit/made.ts';
import { expectAccessible } from './accessible.ts';
import { DeskServer, Device, goTo, signIn } from './desk.ts';

let box: PostBox;
let server: DeskServer;
const audit = mkdtempSync(join(tmpdir(), 'drover-administration-'));
const [office, laptop] = [new Device(), new Device()];
/** Fresh in each test. */
let other: Device;
let second: Device;
test.beforeAll(async () => {
  box = await openPostBox();
  server = await DeskServer.open({
    named: true,
    env: { DROVER_SMTP_URL: box.url, DROVER_MAIL_FROM: 'Drover <drover@example.com>', DROVER_AUDIT: audit },
  });
});
test.beforeEach(() => {
  other = new Device();
  second = new Device();
});
test.afterEach(async () => {
  await other.forget();
  await second.forget();
  if (test.info().status === test.info().expectedStatus) return;
  await office.picture('office');
  await laptop.picture('laptop');
});
test.afterAll(async () => {
  await office.forget();
  await laptop.forget();
  await server.close();
  await box.close();
  rmSync(audit, { recursive: true, force: true });
});

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true });
const link = (page: Page, name: string) => page.getByRole('navigation').getByRole('link', { name, exact: true });
async function openPart(page: Page, name: string): Promise<void> {
  await link(page, 'Administration').click();
  await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name, exact: true }).click();
  await expect(heading(page, name)).toBeVisible();
}
async function openPerson(page: Page, name: string): Promise<void> {
  await openPart(page, 'People');
  await page.getByRole('row').filter({ hasText: name }).getByRole('link', { name }).click();
  await expect(heading(page, name)).toBeVisible();
}
/** Sends a new record of somebody, as their device would; answers what the server says. */
async function push(who: 'admin' | 'field', collection: string, id: string, fields: Readonly<Record<string, unknown>>): Promise<unknown> {
  const noun = nounOf(collection);
  if (!noun) throw new Error(`there are no ${collection}`);
  const login = await fetch(`${server.url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: `${who}@drover.example`, password: DEMO_PASSWORD }),
  });
  const { accessToken } = (await login.json()) as { accessToken: string };
  const newDocumentState = { ...minimalDocument(noun, id), ...fields, deskId: 'desk-main', _deleted: false };
  const answer = await fetch(`${server.url}/sync/${collection}/${noun.entity.version}/push`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
    body: JSON.stringify([{ newDocumentState }]),
  });
  expect(answer.status).toBe(200);
  return answer.json();
}
/** A payment account of the desk that everybody starts at, made by somebody else. */
const addPaymentAccount = async (name: string, id: string): Promise<void> =>
  expect(
    await push('admin', 'receivables', id, { kind: 'payment_account', name, ownerId: 'somebody', termsText: 'Net 14, by hand' }),
  ).toEqual([]);

test('somebody is invited, comes, gets another role while signed in, and loses the device', async () => {
  test.setTimeout(300_000);
  const boss = await office.open(server.url);
  await signIn(boss, 'admin');
  await openPart(boss, 'People');
  await boss.getByRole('button', { name: 'Invite', exact: true }).click();
  await boss.getByLabel('Name', { exact: true }).fill('Nora Newcomer');
  await boss.getByLabel('E-mail', { exact: true }).fill('nora@drover.example');
  await boss.getByLabel('Role').selectOption('Broker');
  await expectAccessible(boss, 'inviting');
  await boss.getByRole('dialog').getByRole('button', { name: 'Invite', exact: true }).click();
  await expect(boss.getByText('A letter with a link was sent to nora@drover.example')).toBeVisible();
  await boss.getByRole('button', { name: 'Done' }).click();
  await expect(boss.getByRole('row').filter({ hasText: 'Nora Newcomer' })).toContainText('Invited');

  const letter = box.letters.at(-1);
  const away = await laptop.open(letter ? linkIn(letter) : '');
  await away.getByLabel('New password', { exact: true }).fill('seven stout steers');
  await away.getByLabel('New password again', { exact: true }).fill('seven stout steers');
  await away.getByRole('button', { name: 'Start' }).click();
  await expect(link(away, 'Suppliers')).toBeVisible();
  await expect(link(away, 'Administration')).toHaveCount(0);
  await addPaymentAccount('Prairie Beef, payables', 'ra-1');
  await goTo(away, 'Payment accounts');
  const row = away.getByRole('row').filter({ hasText: 'Prairie Beef, payables' });
  await expect(row).toBeVisible();

  // A field buyer sees claims, and no other paper of payments.
  await openPerson(boss, 'Nora Newcomer');
  await boss.getByLabel('Role').selectOption('Field buyer and quality');
  await expect(boss.getByText('Nora Newcomer has the role Field buyer and quality instead of Broker.')).toBeVisible();
  await boss.getByLabel('Reason, kept in the audit').fill('visits plants now');
  await expectAccessible(boss, 'one person');
  await boss.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(boss.getByText('Nora Newcomer was changed.')).toBeVisible();
  await boss.getByRole('button', { name: 'Change the e-mail address' }).click();
  await boss.getByLabel('New e-mail address').fill('nora.field@drover.example');
  await boss.getByLabel('Reason, kept in the audit').fill('another provider');
  await expectAccessible(boss, 'another address');
  await boss.getByRole('button', { name: 'Ask for it' }).click();
  await expect(boss.getByText('New address, not confirmed yet')).toBeVisible();
  await expect(row).toHaveCount(0);

  await boss.getByRole('button', { name: 'Remove Chrome on Linux' }).click();
  await expectAccessible(boss, 'removing a device');
  await boss.getByRole('button', { name: 'Remove it and delete its data' }).click();
  await expect(heading(away, 'This device was removed from Drover')).toBeVisible({ timeout: 60_000 });
  await boss.reload();
  await expect(boss.getByRole('row').filter({ hasText: 'Chrome on Linux' })).toContainText('Removed and emptied');
  expect([...office.problems, ...laptop.problems]).toEqual([]);
});

test('desks are made, and everything says what it needs the server for', async () => {
  const boss = await other.open(server.url);
  await signIn(boss, 'admin');
  await openPart(boss, 'Desks');
  await boss.getByRole('button', { name: 'New desk' }).click();
  await boss.getByLabel('Name', { exact: true }).fill('West coast');
  await boss.getByLabel('Short name in records').fill('desk-west');
  await boss.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(boss.getByRole('row').filter({ hasText: 'West coast' })).toContainText('Nobody');
  await expectAccessible(boss, 'desks');
  await boss.context().setOffline(true);
  await openPart(boss, 'People');
  await expect(boss.getByText('Administration happens on the server, which cannot be reached')).toBeVisible();
  await boss.context().setOffline(false);
});

test('a role is edited in its matrix, which says for whom it changes what, and a window of that role follows at once', async () => {
  test.setTimeout(300_000);
  await addPaymentAccount('High Plains, payables', 'ra-2');
  const buyer = await second.open(server.url);
  await signIn(buyer, 'broker');
  await goTo(buyer, 'Payment accounts');
  const row = buyer.getByRole('row').filter({ hasText: 'High Plains, payables' });
  await expect(row).toBeVisible();
  const boss = await other.open(server.url);
  await signIn(boss, 'admin');
  await openPart(boss, 'Roles');
  await expectAccessible(boss, 'roles');
  await boss.getByRole('row').getByRole('link', { name: 'Broker', exact: true }).click();
  await expect(heading(boss, 'Broker')).toBeVisible();
  await boss.getByLabel('May see receivables').selectOption('-');
  await expect(boss.getByText('They may no longer see receivables. What they may not see leaves their devices.')).toBeVisible();
  await expect(boss.getByText('This concerns Blair Broker, at once, wherever they are signed in.')).toBeVisible();
  await expectAccessible(boss, 'one role');
  await boss.getByLabel('Reason, kept in the audit').fill('accounting does this now');
  await boss.getByRole('button', { name: 'Save the role' }).click();
  await expect(boss.getByText('The role Broker was changed.')).toBeVisible();
  await expect(row).toHaveCount(0);
  await expect(boss.getByRole('button', { name: 'Save the role' })).toHaveCount(0);
  // By the keyboard alone, back to what it was.
  await boss.getByLabel('May see receivables').focus();
  await boss.keyboard.press('ArrowDown');
  await boss.keyboard.press('ArrowDown');
  await expect(boss.getByText('They may see receivables, of their desks and their own.')).toBeVisible();
  await boss.getByRole('button', { name: 'Save the role' }).press('Enter');
  await expect(row).toBeVisible();

  // One field of it: hidden, it leaves the device of whoever has the role.
  await expect(row).toContainText('Net 14, by hand');
  await boss.getByRole('button', { name: 'Fields of receivables: All' }).click();
  const dialog = boss.getByRole('dialog');
  await dialog.getByLabel('Find a field').fill('as written');
  await dialog.getByLabel('Terms as written: this role may').selectOption('Hidden');
  await expectAccessible(boss, 'fields of a role');
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(boss.getByRole('button', { name: 'Fields of receivables: 1 hidden' })).toBeFocused();
  await expect(boss.getByText('They may no longer see Terms as written of receivables, which leaves their devices.')).toBeVisible();
  await boss.getByRole('button', { name: 'Save the role' }).click();
  await expect(boss.getByText('The role Broker was changed.').first()).toBeVisible();
  await expect(row).not.toContainText('Net 14, by hand');
  await expect(row).toBeVisible();
});

test('refusals of all, settings, legal holds, number series and health', async () => {
  test.setTimeout(300_000);
  // The window of a field buyer does not offer it; a device that sends it all the same is refused.
  await push('field', 'parties', 'p-refused', { name: 'Not for me to make' });
  const boss = await other.open(server.url);
  await signIn(boss, 'admin');
  await openPart(boss, 'Refusals');
  const line = boss.getByRole('row').filter({ hasText: 'Not for me to make' });
  await expect(line).toBeVisible();
  await expectAccessible(boss, 'refusals');
  await line.getByRole('button', { name: /Not for me to make/ }).click();
  await expect(boss.getByRole('dialog').getByText('Your role does not allow you to create')).toBeVisible();
  await expectAccessible(boss, 'one refusal');
  await boss.keyboard.press('Escape');
  await line.getByRole('button', { name: /^Close number/ }).click();
  await boss.getByLabel('Reason, kept in the audit').fill('asked on the phone');
  await boss.getByRole('button', { name: 'Close it' }).click();
  await expect(line).toHaveCount(0);
  await openPart(boss, 'Settings');
  await boss.getByRole('button', { name: 'Change: A device works without the server for' }).click();
  await boss.getByRole('dialog').getByLabel('A device works without the server for').fill('5');
  await expectAccessible(boss, 'one setting');
  await boss.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(boss.getByRole('row').filter({ hasText: 'A device works without the server' })).toContainText('by Avery Admin');
  await expectAccessible(boss, 'settings');
  await openPart(boss, 'Imports');
  await expect(boss.getByText('Nothing was imported yet.')).toBeVisible();
  await push('admin', 'parties', 'p-imported', { name: 'From a wrong file', importId: 'batch-1' });
  await openPart(boss, 'Refusals');
  await openPart(boss, 'Imports');
  await boss.getByRole('button', { name: 'Take back import batch-1' }).click();
  await expect(boss.getByText('1 record that it made would go to the trash')).toBeVisible();
  await boss.getByLabel('Reason, kept in the audit').fill('wrong file');
  await expectAccessible(boss, 'taking an import back');
  await boss.getByRole('button', { name: 'Take it back' }).click();
  await expect(boss.getByText('1 record that it made went to the trash.')).toBeVisible();
  await boss.keyboard.press('Escape');
  await expect(boss.getByRole('row').filter({ hasText: 'batch-1' })).toContainText('Nothing any more');
  await openPart(boss, 'Retention');
  await boss.getByRole('button', { name: 'Place a hold' }).click();
  await boss.getByRole('dialog').getByLabel('Id of the record').fill('p-1');
  await boss.getByLabel('Reason', { exact: true }).fill('Smith against us');
  await expectAccessible(boss, 'placing a hold');
  await boss.getByRole('button', { name: 'Place the hold' }).click();
  await expect(boss.getByRole('row').filter({ hasText: 'Smith against us' })).toContainText('Stands');
  await expectAccessible(boss, 'retention');
  // What was deleted is kept until a day that the page of the trash says.
  await expect(boss.getByText('Nothing has been deleted long enough to go.')).toBeVisible();
  await expectAccessible(boss, 'retention with the trash');
  await goTo(boss, 'Trash');
  await expect(boss.getByRole('row').filter({ hasText: 'From a wrong file' })).toContainText(/\d\d\/\d\d\/20\d\d.*\d\d\/\d\d\/20\d\d/u);
  await expectAccessible(boss, 'the trash');
  await openPart(boss, 'Numbers');
  await expect(boss.getByRole('row').filter({ hasText: 'Purchase orders' })).toContainText('PO-');
  await expectAccessible(boss, 'numbers');
  await openPart(boss, 'Health');
  await expect(boss.getByText('Size of the database')).toBeVisible();
  await expectAccessible(boss, 'health');
});

test('a refused change is handed to somebody else, who finds it in the own inbox and sends it in the own name', async () => {
  test.setTimeout(300_000);
  await push('field', 'parties', 'p-handed', { name: 'For somebody else' });
  const boss = await other.open(server.url);
  await signIn(boss, 'admin');
  await openPart(boss, 'Refusals');
  const line = boss.getByRole('row').filter({ hasText: 'For somebody else' });
  await line.getByRole('button', { name: /^Hand over number/ }).click();
  await boss.getByLabel('To', { exact: true }).selectOption({ label: 'Blair Broker' });
  await boss.getByLabel('What is to be done').fill('Please make this party');
  await expectAccessible(boss, 'handing a refusal over');
  await boss.getByRole('button', { name: 'Hand it over' }).click();
  await expect(line).toContainText('Handed to Blair Broker');
  const broker = await second.open(server.url);
  await signIn(broker, 'broker');
  await goTo(broker, 'Inbox');
  await expect(broker.getByText('Avery Admin: Please make this party')).toBeVisible();
  await expect(broker.getByRole('heading', { name: 'What Frankie Field wrote' })).toBeVisible();
  await expectAccessible(broker, 'a change that was handed over');
  await broker.getByRole('link', { name: 'Mend and send again' }).click();
  await broker.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(heading(broker, 'For somebody else')).toBeVisible();
});

/** Beside the server, for what no screen can bring about: time that has passed. */
async function onDatabase(work: (db: Database) => Promise<unknown>): Promise<void> {
  const db = openDatabase({ url: server.databaseUrl, connections: 1 });
  try {
    await work(db);
  } finally {
    await db.close();
  }
}
const staleProofs = (): Promise<void> =>
  onDatabase(async (db) => db.rows({ text: `update sessions set proved_at = proved_at - interval '1 hour'` }));

test('somebody gets all that is kept about them, is forgotten once the account is disabled, and old months of the audit go', async () => {
  test.setTimeout(300_000);
  const boss = await other.open(server.url);
  await signIn(boss, 'admin');
  await openPerson(boss, 'Alex Accounting');
  await expect(boss.getByText('Disable the account before its person is forgotten.')).toBeVisible();
  await boss.getByRole('button', { name: 'Export everything' }).click();
  await boss.getByRole('dialog').getByLabel('Reason, kept in the audit').fill('a letter');
  await expectAccessible(boss, 'exporting a person');
  const [download] = await Promise.all([
    boss.waitForEvent('download'),
    boss.getByRole('dialog').getByRole('button', { name: 'Export', exact: true }).click(),
  ]);
  expect(JSON.parse(readFileSync(await download.path(), 'utf8'))).toMatchObject({ account: [{ name: 'Alex Accounting' }] });
  await expect(boss.getByRole('dialog')).toHaveCount(0);

  await boss.getByRole('button', { name: 'Disable', exact: true }).click();
  await boss.getByRole('dialog').getByLabel('Reason, kept in the audit').fill('left');
  await boss.getByRole('button', { name: 'Disable the account' }).click();
  await expect(boss.getByText('The account is disabled, so its person can be forgotten.')).toBeVisible();
  const forget = boss.getByRole('dialog').getByRole('button', { name: 'Forget for good' });
  await expect(async () => {
    // What was written a moment ago is sealed first.
    await boss.getByRole('button', { name: 'Forget this person' }).click();
    await expect(
      boss
        .getByRole('dialog')
        .getByText(/^Name, addresses and devices go for good/)
        .or(boss.getByText('not sealed yet')),
    ).toBeVisible();
    if (!(await forget.isVisible())) await boss.keyboard.press('Escape');
    await expect(forget).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await expect(forget).toBeDisabled();
  await boss.getByLabel('Type the e-mail address to confirm').fill('accounting@drover.example');
  await boss.getByRole('dialog').getByLabel('Reason, kept in the audit').fill('asked for it');
  await expectAccessible(boss, 'forgetting a person');
  // A window that was left open asks who sits there.
  await staleProofs();
  await forget.click();
  await expectAccessible(boss, 'forgetting a person, with a proof');
  await boss.getByLabel('Your password').fill(DEMO_PASSWORD);
  await boss.getByRole('button', { name: 'Go on' }).click();
  await expect(boss.getByText(/^Taken out of 0 changes and \d+ events? of the audit\.$/)).toBeVisible();
  await expect(heading(boss, 'Former user')).toBeVisible();
  await expect(boss.getByRole('button', { name: 'Forget this person' })).toHaveCount(0);
  await expectAccessible(boss, 'somebody who was forgotten');

  await onDatabase((db) => closeMonths(db, 'eight_years_ago', 96));
  await openPart(boss, 'Retention');
  await expect(boss.getByText(/^1 month \([A-Z][a-z]+ 20\d\d\) may go\./)).toBeVisible();
  await boss.getByLabel('Id of the record that tells of them').fill('c-1');
  await expectAccessible(boss, 'retention with old months');
  await boss.getByRole('region', { name: 'Audit' }).getByRole('button', { name: 'Remove them' }).click();
  await boss.getByRole('dialog').getByLabel('Reason, kept in the audit').fill('yearly');
  await expectAccessible(boss, 'purging the audit');
  await boss.getByRole('dialog').getByRole('button', { name: 'Remove them' }).click();
  await expect(boss.getByText('The months were removed from the audit.')).toBeVisible();
  await expect(boss.getByText('Nothing is more than 7 years old and free to go.')).toBeVisible();
  expect(other.problems).toEqual([]);
});

test('whoever administers nothing sees no entry and, by address, a page that says so', async () => {
  const page = await other.open(server.url);
  await signIn(page, 'broker');
  await expect(link(page, 'Administration')).toHaveCount(0);
  for (const path of ['/administration', '/administration/people']) {
    await page.goto(`${server.url}${path}`);
    await expect(page.getByText('This page is for administrators.')).toBeVisible();
  }
  await expectAccessible(page, 'not for you');
});
