import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Company } from '../../../domain/access/company.ts';
import type { OptionListLine, OptionListsAnswer } from '../../../domain/protocol/admin.ts';
import { attachmentNoun } from '../../../domain/attachment/attachment.rules.ts';
import { productNoun } from '../../../domain/product/product.rules.ts';
import { blankDraft } from '../../../domain/record/record.commands.ts';
import type { WantedOption } from '../../../sync-server/admin/option-lists.ts';
import { runDrover } from '../../../sync-server/cli/drover.ts';
import type { Server } from '../../../sync-server/server.ts';
import { plainRoles } from '../access/rights-kit.ts';
import { type Client, change, cloneDatabase, document, insert, openTestServer, signIn } from '../test-server.ts';
import { entries, post, read } from './admin-kit.ts';

let url: string;
let server: Server;
let admin: Client;
beforeAll(async () => {
  url = await cloneDatabase();
  server = await openTestServer({ databaseUrl: url });
  await plainRoles(server);
  admin = await signIn(server, 'admin', 'office');
});
afterAll(() => server.close());

const lists = async (): Promise<readonly OptionListLine[]> => (await read<OptionListsAnswer>(admin, '/admin/options')).lists;
async function list(key: string): Promise<OptionListLine> {
  const found = (await lists()).find((one) => one.key === key);
  if (!found) throw new Error(`no list ${key}`);
  return found;
}
const save = (client: Client, { key, revision }: OptionListLine, options: readonly WantedOption[], reason = 'the trade says so') =>
  post(client, '/admin/options', { list: key, revision, options, reason });
async function drover(...args: string[]): Promise<readonly [number, string]> {
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const code = await runDrover(['options', ...args], { environment: { DATABASE_URL: url }, out: say, err: say });
  return [code, said.join('\n')];
}
const product = (id: string, fields: Record<string, unknown>) => document(id, { ...blankDraft(productNoun.entity), ...fields });
const sack = { key: 'sacks', label: 'Sacks', retired: false, due: null };

describe('option lists', () => {
  test('tell where they are used, and are as Drover comes with them', async () => {
    const packages = await list('packages');
    expect(packages).toMatchObject({ label: 'Package types', revision: 0, changedAt: null });
    expect(packages.fields).toContain('Product: Package type');
    expect(packages.options.every(({ retired }) => !retired)).toBe(true);
    expect((await lists()).length).toBeGreaterThan(15);
  });

  test('are changed as a whole, with an entry that tells the difference, and every device is told', async () => {
    const packages = await list('packages');
    const [first, ...rest] = packages.options;
    if (!first) throw new Error('an empty list');
    const wanted = [...rest, { ...first, retired: true }, sack];
    expect(await save(admin, packages, wanted)).toMatchObject({ status: 200 });
    expect(await list('packages')).toMatchObject({ revision: 1, changedBy: 'Avery Admin', options: wanted });
    const [entry] = (await entries(server, 'options_changed')).slice(-1);
    expect(entry?.details).toMatchObject({ list: 'packages', reason: 'the trade says so', by: { name: 'Avery Admin' } });
    expect(entry?.details['changes']).toEqual([
      { before: { key: first.key, label: first.label }, after: { key: first.key, label: first.label, retired: true } },
      { before: null, after: { key: 'sacks', label: 'Sacks' } },
    ]);
    expect((await read<Company>(admin, '/me/company')).options['packages']?.at(-1)).toEqual({ key: 'sacks', label: 'Sacks' });
    // Somebody else has read the list before.
    expect(await save(admin, packages, wanted)).toMatchObject({ status: 409, body: { code: 'list_changed' } });
  });

  test('refuse what would harm records or people, and whoever may not', async () => {
    const packages = await list('packages');
    const said = await save(admin, packages, packages.options.slice(1));
    expect(said).toMatchObject({ status: 422, body: { field: 'options' } });
    expect(String(said.body['detail'])).toContain('cannot leave the list');
    expect(await save(admin, { ...packages, key: 'nothing' }, packages.options)).toMatchObject({ status: 404 });
    const broker = await signIn(server, 'broker', 'b');
    expect([(await save(broker, packages, packages.options)).status, (await broker.get('/admin/options')).status]).toEqual([403, 403]);
    const before = (await entries(server, 'options_changed')).length;
    expect(await save(admin, packages, packages.options)).toMatchObject({ status: 200 });
    expect((await entries(server, 'options_changed')).length).toBe(before);
  });

  test('judge a push: new ones are taken, a retired one is not newly chosen and stays where it was', async () => {
    const chuck = product('p-1', { name: 'Chuck', package: 'sacks' });
    expect(await admin.push('products', [insert(chuck)])).toEqual([]);
    expect(await drover('retire', 'packages', 'sacks', '--reason', 'torn')).toEqual([0, '']);
    expect(await admin.push('products', [change(chuck, { name: 'Chuck roll' })])).toEqual([]);
    const refused = product('p-2', { name: 'Brisket', package: 'sacks' });
    const [answer] = await admin.push('products', [insert(refused)]);
    expect(answer).toMatchObject({ id: 'p-2', _deleted: true });
    const [inbox] = (await admin.pullAll('activities')).filter((one) => one['recordId'] === 'p-2');
    expect(JSON.stringify(inbox)).toContain('not chosen any more');
    const unknown = product('p-3', { name: 'Flank', package: 'nowhere' });
    expect(await admin.push('products', [insert(unknown)])).toMatchObject([{ id: 'p-3', _deleted: true }]);
  });

  test('have days where they are terms of payment, which stay with whoever does not speak of them', async () => {
    const terms = await list('terms');
    const days = async (key: string) => (await list('terms')).options.find((one) => one.key === key)?.due;
    expect([terms.dated, (await list('packages')).dated, await days('net_14'), await days('prepaid')]).toEqual([
      true,
      false,
      { days: 14 },
      null,
    ]);
    const moved = terms.options.map((one) => (one.key === 'net_14' ? { ...one, due: { days: 14, businessDay: true as const } } : one));
    expect(await save(admin, terms, moved)).toMatchObject({ status: 200 });
    expect((await entries(server, 'options_changed')).at(-1)?.details['changes']).toEqual([
      {
        before: { key: 'net_14', label: 'Net 14', due: { days: 14 } },
        after: { key: 'net_14', label: 'Net 14', due: { days: 14, businessDay: true } },
      },
    ]);
    const told = (await read<Company>(admin, '/me/company')).options['terms'];
    expect(told?.find(({ key }) => key === 'net_14')?.due).toEqual({ days: 14, businessDay: true });
    const silent = (await list('terms')).options.map(({ due: _, ...one }) => ({ ...one, label: one.label.replace('Net', 'NET') }));
    expect(await save(admin, await list('terms'), silent)).toMatchObject({ status: 200 });
    expect(await days('net_14')).toEqual({ days: 14, businessDay: true });
    const wrong = async (key: string, due: WantedOption['due']): Promise<unknown> => {
      const line = await list(key);
      return (
        await save(
          admin,
          line,
          line.options.map((one, at) => (at === 3 ? { ...one, due } : one)),
        )
      ).body['detail'];
    };
    expect(await wrong('terms', { days: 400 })).toContain('give whole days from -60');
    expect(await wrong('packages', { days: 7 })).toContain('which only terms of payment have.');
    expect(await drover('days', 'terms', 'net_21', '20', '--business-day')).toEqual([0, '']);
    expect(await drover('days', 'terms', 'net_60', 'none')).toEqual([0, '']);
    expect([await days('net_21'), await days('net_60')]).toEqual([{ days: 20, businessDay: true }, null]);
    expect((await drover('list', 'terms'))[1]).toContain('net_21\tNET 21\t\t20 days, on a business day');
    expect((await drover('days', 'terms', 'net_21', 'soon'))[1]).toContain('Give whole days, or none.');
    expect((await drover('days', 'grades', 'prime', '7'))[1]).toContain('which only terms of payment have.');
  });

  test('of files are closed: a kind that is retired is not taken any more, on the server too, and none is added', async () => {
    const kinds = await list('file_kinds');
    expect(kinds).toMatchObject({ closed: true, fields: ['Attachment: the file itself'] });
    expect((await save(admin, kinds, [...kinds.options, sack])).body['detail']).toContain('Drover knows no others');
    expect(await drover('retire', 'file_kinds', 'zip', '--reason', 'nobody looks inside')).toEqual([0, '']);
    const draft = { ...blankDraft(attachmentNoun.entity), kind: 'other', recordCollection: 'products', recordId: 'p-1', size: 10 };
    const file = (id: string, name: string, mime: string) => document(id, { ...draft, name, mime, sha256: 'a1'.repeat(32) });
    expect(await admin.push('attachments', [insert(file('f-1', 'a.pdf', 'application/pdf'))])).toEqual([]);
    expect(await admin.push('attachments', [insert(file('f-2', 'a.zip', 'application/zip'))])).toMatchObject([
      { id: 'f-2', _deleted: true },
    ]);
    const [inbox] = (await admin.pullAll('activities')).filter(
      (one) => one['recordId'] === 'f-2' || String(one['title']).includes('a.zip'),
    );
    expect(JSON.stringify(inbox)).toContain('are not taken. Use PDF');
  });

  test('are on the command line too', async () => {
    expect((await drover('list'))[1]).toContain('grades\tGrades\tProduct: Grade');
    expect(await drover('add', 'grades', 'Certified Angus')).toEqual([0, '']);
    expect(await drover('rename', 'grades', 'prime', 'USDA Prime')).toEqual([0, '']);
    expect(await drover('move', 'grades', 'certified_angus', '1')).toEqual([0, '']);
    const [, said] = await drover('list', 'grades');
    expect(said.split('\n').slice(0, 2)).toEqual(['certified_angus\tCertified Angus', 'prime\tUSDA Prime']);
    expect(await drover('bring-back', 'packages', 'sacks')).toEqual([0, '']);
    expect((await drover('retire', 'grades', 'no_such'))[1]).toContain('The list has no option "no_such"');
    expect((await drover('add', 'grades', 'usda prime'))[1]).toContain('stands in the list twice');
    expect((await drover('list', 'nothing'))[1]).toContain('There is no option list "nothing"');
  });
});
