import { existsSync, readFileSync } from 'node:fs';
import Papa from 'papaparse';
import { afterEach, describe, expect, it } from 'vitest';
import { contactNoun } from '../../../domain/contact/contact.rules.ts';
import { locationNoun } from '../../../domain/location/location.rules.ts';
import { orderNoun } from '../../../domain/order/order.rules.ts';
import { partyNoun } from '../../../domain/party/party.rules.ts';
import type { Noun } from '../../../domain/record/noun.ts';
import { type Change, createRecord } from '../../../domain/record/record.commands.ts';
import { commitMany } from '../../../renderer/data/commit.ts';
import type { Desk } from '../../../renderer/data/desk.ts';
import { newId } from '../../../renderer/data/ids.ts';
import { submit } from '../../../renderer/data/submit.ts';
import { readQuery } from '../../../renderer/search/search-index.ts';
import { type Hit, type Search, startSearch } from '../../../renderer/search/search.ts';
import { actor, freshDesk, until } from '../data/desk-kit.ts';

const ends: (() => Promise<unknown> | undefined)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
const open = async (): Promise<Desk> => {
  const desk = await freshDesk({ memory: true, nouns: [partyNoun, locationNoun, contactNoun, orderNoun] });
  ends.push(() => desk.close());
  return desk;
};
const searching = async (desk: Desk): Promise<Search> => {
  const search = startSearch(desk);
  ends.push(() => {
    search.close();
    return undefined;
  });
  search.status.subscribe(() => undefined);
  await until('the index is ready', () => search.status.get().ready);
  return search;
};
const creation = (noun: Noun, draft: Record<string, unknown>): Change => {
  const decision = createRecord(noun, newId(), draft, { actor, now: '2026-01-05T10:00:00.000Z', w: newId() });
  if (!decision.ok) throw new Error(decision.rejection.message);
  return decision.change;
};
const plant = (name: string, establishment: string, city: string, state: string, more: Record<string, unknown> = {}): Change =>
  creation(locationNoun, { kind: 'plant', name, establishment, city, state, ...more });
const titles = (hits: readonly Hit[]): string[] => hits.map((hit) => hit.title);

const seed = async (desk: Desk): Promise<void> => {
  await commitMany(desk, [
    plant('Cargill Meat Solutions', 'M86K', 'Dodge City', 'KS', { dbas: ['Excel Corporation'] }),
    plant('Cargill Meat Solutions', 'M86R+P86R', 'Schuyler', 'NE'),
    plant('86 Kitchen Foods', 'P17340', 'Kansas City', 'KS'),
    plant('National Beef', 'M262', 'Dodge City', 'KS'),
    plant('Café Río Meats', 'M9999', 'Ponce', 'PR'),
    creation(partyNoun, { name: 'Dodge Trucking', roles: ['carrier'], mcNumber: '123456', dotNumber: '0086123' }),
    creation(partyNoun, { name: 'Cargill', roles: ['supplier'], email: 'desk@cargill.example', phone: '(620) 227-5831' }),
    creation(contactNoun, { name: 'Ana Díaz', email: 'ana.diaz@prairie.example', company: 'Prairie Packing' }),
    creation(orderNoun, {
      kind: 'purchase',
      number: 'PO-2026-0012',
      supplierConfirmationNumber: 'CONF-88 71',
      carrierReleaseNumber: 'R5512',
      orderedOn: '2026-01-05',
      lines: [{ lineId: 'l1', description: 'Boneless chuck roll', cases: 10 }],
    }),
  ]);
};

describe('search', () => {
  it.each([
    '86K',
    '86k',
    'EST. 86K',
    'est 86K',
    'M86K',
    'M-86K',
    'Establishment No. 86K',
    'cargill dodge',
    'dodge city carg',
    'excel corp',
  ])('[R22] %s finds Cargill, Dodge City first', async (typed) => {
    const desk = await open();
    await seed(desk);
    const search = await searching(desk);
    const [first] = await search.search(typed);
    expect(first).toMatchObject({ collection: 'locations', title: 'Cargill Meat Solutions', subtitle: 'Plant · M86K · Dodge City, KS' });
  });

  it('finds by every number that people have at hand, and by words in any order', async () => {
    const desk = await open();
    await seed(desk);
    const search = await searching(desk);
    const first = async (typed: string): Promise<string | undefined> => titles(await search.search(typed))[0];
    expect(await first('PO-2026-0012')).toBe('PO-2026-0012');
    expect(await first('po 12')).toBe('PO-2026-0012');
    expect(await first('CONF-8871')).toBe('PO-2026-0012');
    expect(await first('release R5512')).toBe('PO-2026-0012');
    expect(await first('MC 123456')).toBe('Dodge Trucking');
    expect(await first('86123')).toBe('Dodge Trucking');
    expect(await first('2275831')).toBeUndefined();
    expect(await first('6202275831')).toBe('Cargill');
    expect(await first('ana.diaz@prairie.example')).toBe('Ana Díaz');
    expect(await first('chuck roll')).toBe('PO-2026-0012');
    expect(await first('cafe rio')).toBe('Café Río Meats');
    expect(await first('cargil')).toBe('Cargill');
    expect(await first('schuyler')).toBe('Cargill Meat Solutions');
    expect(await search.search('   ')).toEqual([]);
    expect(await search.search('zzzzqqqq')).toEqual([]);
  });

  it('puts a company before its plants, its payment account and its people', async () => {
    const desk = await open();
    await commitMany(desk, [
      plant('Prairie', 'M1', 'Omaha', 'NE'),
      plant('Prairie Crest Beef Co.', 'M2', 'Omaha', 'NE'),
      creation(contactNoun, { name: 'Prairie Jones', company: 'Prairie Crest Beef Co.', email: 'jones@prairie.example' }),
      creation(partyNoun, { name: 'Prairie Crest Beef Co.', roles: ['supplier'] }),
      creation(partyNoun, { name: 'Old Prairie Foods', roles: ['customer'] }),
      creation(orderNoun, {
        kind: 'purchase',
        number: 'PRAIRIE-1',
        orderedOn: '2026-01-05',
        lines: [{ lineId: 'l1', description: 'Prairie', cases: 1 }],
      }),
    ]);
    const search = await searching(desk);
    for (const typed of ['prairie cr', 'prair', 'Prairie Crest Beef Co.']) {
      const [first, second] = await search.search(typed);
      expect([typed, first?.collection, first?.title]).toEqual([typed, 'parties', 'Prairie Crest Beef Co.']);
      expect([typed, second?.collection]).not.toEqual([typed, 'parties']);
    }
    // A name that is typed whole is what was meant, whatever bears it.
    expect((await search.search('prairie'))[0]).toMatchObject({ collection: 'locations', title: 'Prairie' });
    expect((await search.search('prairie'))[1]).toMatchObject({ collection: 'parties', title: 'Prairie Crest Beef Co.' });
  });

  it('narrows by collection and by the fields that references ask for', async () => {
    const desk = await open();
    await seed(desk);
    const search = await searching(desk);
    expect(titles(await search.search('dodge', { collections: ['parties'] }))).toEqual(['Dodge Trucking']);
    expect(titles(await search.search('dodge', { collections: ['parties'], where: { roles: 'supplier' } }))).toEqual([]);
    expect(titles(await search.search('cargill', { where: { roles: 'supplier' } }))).toEqual(['Cargill']);
    expect(await search.search('c', { limit: 2 })).toHaveLength(2);
  });

  it('follows creation, change, deletion and restoring', async () => {
    const desk = await open();
    const search = await searching(desk);
    const made = await submit(
      desk,
      { collection: 'parties', command: 'create', draft: { name: 'Prairie Packing', roles: ['supplier'] } },
      actor,
    );
    if (!made.ok) throw new Error(made.rejection.message);
    const { id } = made.document;
    expect(titles(await search.search('prairie'))).toEqual(['Prairie Packing']);
    await submit(desk, { collection: 'parties', command: 'change', id, draft: { name: 'Plains Packing' } }, actor);
    expect(titles(await search.search('prairie'))).toEqual([]);
    expect(titles(await search.search('plains'))).toEqual(['Plains Packing']);
    const { revision } = search.status.get();
    await submit(desk, { collection: 'parties', command: 'delete', id }, actor);
    expect(titles(await search.search('plains'))).toEqual([]);
    await until('the revision grew', () => search.status.get().revision > revision);
    await submit(desk, { collection: 'parties', command: 'restore', id }, actor);
    expect(await search.search('plains')).toMatchObject([{ id, subtitle: 'Supplier' }]);
  });

  it('reads what people type as words and as one number', () => {
    expect(readQuery('EST. 86K')).toEqual({ words: ['86k'], whole: '86k' });
    expect(readQuery('PO-2026-0012')).toEqual({ words: ['2026', '0012'], whole: 'po20260012' });
    expect(readQuery('po')).toEqual({ words: ['po'], whole: 'po' });
    expect(readQuery('Esther Foods')).toEqual({ words: ['esther', 'foods'], whole: 'estherfoods' });
  });
});

const FILE = new URL('../../../../shared/data/fsis_mpi_directory_by_establishment_number_2026-05.csv', import.meta.url);
const present = existsSync(FILE);
if (!present) process.stderr.write('SKIPPED: search over the FSIS directory, because ../shared/data is not here\n');

describe.skipIf(!present)('search over the real FSIS directory', () => {
  it('[R22] finds 86K, EST. 86K, M86K and cargill dodge first among 7,185 plants', async () => {
    const desk = await open();
    const { data } = Papa.parse<Record<string, string>>(readFileSync(FILE, 'utf8'), { header: true, skipEmptyLines: true });
    const list = (text: string | undefined): string[] => [
      ...new Set(
        (text ?? '')
          .split(';')
          .map((part) => part.trim())
          .filter((part) => part !== ''),
      ),
    ];
    const changes = data.map((row) =>
      plant(row['establishment_name'] ?? '', row['establishment_number'] ?? '', row['city'] ?? '', row['state'] ?? '', {
        externalIds: [`fsis:${row['establishment_id']}`],
        dbas: list(row['dbas']).map((dba) => dba.slice(0, 300)),
        activities: list(row['activities']),
        county: row['county'] ?? '',
        street: row['street'] ?? '',
      }),
    );
    expect((await commitMany(desk, changes)).written).toHaveLength(7185);
    const search = await searching(desk);
    expect(search.status.get().indexed).toBe(7185);
    for (const typed of ['86K', 'EST. 86K', 'M86K', 'cargill dodge', 'fsis:3548']) {
      expect((await search.search(typed))[0], typed).toMatchObject({
        title: 'Cargill Meat Solutions',
        subtitle: 'Plant · M86K · Dodge City, KS',
      });
    }
    const queries = ['c', 'ca', 'car', 'cargill', 'meat', 'dodge city', 'tyson foods', 'M2', 'poultry processing', 'san antonio tx'];
    for (const typed of queries) expect((await search.search(typed)).length).toBeGreaterThan(0);
  });
});
