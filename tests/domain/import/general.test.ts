/** Exports of the replaced systems: Dataverse by display name and by logical name, Django by column. */
import { describe, expect, test } from 'vitest';
import { type Company, usualCompany } from '../../../domain/access/company.ts';
import { countOutcomes } from '../../../domain/import/batch.ts';
import type { PlannedRow } from '../../../domain/import/plan-row.ts';
import { afterWriting, batchOf, planAll } from './import-kit.ts';

async function plan(text: string, profileId: string, names: Record<string, string> = {}): Promise<PlannedRow[]> {
  return planAll(await batchOf(text, profileId, names));
}
const first = async (text: string, profileId: string, names: Record<string, string> = {}): Promise<PlannedRow> => {
  const [row] = await plan(text, profileId, names);
  if (!row) throw new Error('no row');
  return row;
};
const GUID = '1f0e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';

describe('suppliers', () => {
  const header =
    '(Do Not Modify) Supplier,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Name of Supplier,DeliveryType,Date when Credit application was sent,Plant Color,Status';
  test('labels, dates, states; a column without a field is kept beside the record', async () => {
    const row = await first(`${header}\n${GUID},abc=,2024-01-02,Rancho Verde,Does Not Deliver,3/1/2024,green,Inactive`, 'suppliers');
    expect(row.outcome).toBe('imported');
    expect(row.change?.after).toMatchObject({
      name: 'Rancho Verde',
      roles: ['supplier'],
      deliveryType: 'does_not_deliver',
      creditApplicationSentOn: '2024-03-01',
      status: 'inactive',
      externalIds: [`file:${GUID}`],
    });
    expect(JSON.parse(row.change?.after.importedRaw ?? '')).toMatchObject({ file: { extras: { 'Plant Color': 'green' } } });
  });
  test.each([
    ['0', 'delivers'],
    ['1', 'does_not_deliver'],
    ['Delivers', 'delivers'],
    ['does not deliver', 'does_not_deliver'],
  ])('delivery type %s by logical name', async (code, key) => {
    const row = await first(`cr7c4_supplierid,cr7c4_nameofsupplier,cr7c4_profileofsupplierdeliverytype\n${GUID},A,${code}`, 'suppliers');
    expect(row.change?.after['deliveryType']).toBe(key);
  });
  test('a choice that nobody knows is left out, named, and kept as it was', async () => {
    const row = await first('id,name,DeliveryType\n1,A,Sometimes', 'suppliers');
    expect(row.findings).toMatchObject([{ code: 'unknown_choice', column: 'DeliveryType' }]);
    expect(row.change?.after['deliveryType']).toBeUndefined();
    expect(row.change?.after.importedRaw).toContain('Sometimes');
  });
});

describe('an option list that the company has changed', () => {
  const company: Company = {
    ...usualCompany,
    options: {
      packages: [
        { key: 'vacuum_bags', label: 'Vacuum bags' },
        { key: 'boxed', label: 'Cartons, sealed' },
        { key: 'nude', label: 'Nude', retired: true },
      ],
    },
  };
  test.each([
    ['Vacuum bags', 'vacuum_bags'],
    ['VACUUM_BAGS', 'vacuum_bags'],
    ['Cartons, sealed', 'boxed'],
  ])('is read by its own words: %s', async (cell, key) => {
    const batch = await batchOf(`id,Product,Protein,Package type\n1,Chuck roll,beef,"${cell}"`, 'products', {}, company);
    expect(planAll(batch, new Map(), { company })[0]?.change?.after['package']).toBe(key);
  });
  test('what is on no list is left out, and the words of the company are offered, but for retired ones', async () => {
    const [row] = planAll(await batchOf('id,Product,Protein,Package type\n1,Chuck roll,beef,Sacks', 'products', {}, company), new Map(), {
      company,
    });
    expect(row?.change?.after['package']).toBeUndefined();
    expect(row?.findings.map(({ message }) => message).join()).toContain('"Sacks" is none of Vacuum bags, Cartons, sealed, ');
    expect(row?.findings.map(({ message }) => message).join()).not.toContain('Nude');
  });
});

describe('sets', () => {
  test.each([['Letter of Guarantee; BRC'], ['895010000,895010002'], ['letter_of_guarantee,brc']])('%s', async (cell) => {
    const row = await first(`id,CustomerName,DocumentsNeeded\n1,A,"${cell}"`, 'customers');
    expect(row.change?.after['documentsNeeded']).toEqual(['letter_of_guarantee', 'brc']);
  });
  test('labels of Dataverse with a full stop', async () => {
    const row = await first('id,Plant Name,Load Pick Up Requirements\n1,A,Forklift required.; Handle with care.', 'plant-list');
    expect(row.change?.after['loadRequirements']).toEqual(['forklift_required', 'handle_with_care']);
  });
});

describe('lookups hold a name', () => {
  const file = 'id,Location Name,Supplier_LookUp\n1,North dock,Rancho Verde';
  test('one record of that name is linked', async () => {
    expect((await first(file, 'supplier-locations', { 'parties Rancho Verde': 'party-1' })).change?.after['partyId']).toBe('party-1');
  });
  test('none or several are reported, never guessed', async () => {
    const row = await first(file, 'supplier-locations');
    expect(row.outcome).toBe('imported');
    expect(row.change?.after['partyId']).toBe('');
    expect(row.findings.map((each) => each.code)).toContain('lookup_unmatched');
    expect(row.change?.after.importedRaw).toContain('Rancho Verde');
  });
});

describe('purchase orders', () => {
  test('the one item of the replaced systems becomes the first line', async () => {
    const row = await first(
      'id,PO_Number,Item,Quantity,PricePerUnit,Purchase Date\n7,PO-12,Beef trim 90s,120,2.705,3/1/2024',
      'purchase-orders',
    );
    expect(row.findings.filter((each) => each.level === 'error')).toEqual([]);
    expect(row.change?.after).toMatchObject({
      kind: 'purchase',
      number: 'PO-12',
      lines: [{ lineId: 'imported-1', description: 'Beef trim 90s', cases: 120, price: 27_050, priceUnit: 'case', amount: 32_460 }],
    });
    expect(row.findings.map((each) => each.code)).toContain('price_per_case');
  });
});

describe('without a column for the key', () => {
  const file = 'Name,City\nA,Dodge City\nB,Wright\n';
  test('the same file again writes nothing', async () => {
    const stored = afterWriting(await plan(file, 'suppliers'));
    expect(stored.size).toBe(2);
    expect(countOutcomes(planAll(await batchOf(file, 'suppliers'), stored))).toMatchObject({ unchanged: 2 });
  });
  test('equal rows are one record, the second is skipped', async () => {
    const planned = await plan(`${file}A,Dodge City\n`, 'suppliers');
    expect(countOutcomes(planned)).toMatchObject({ imported: 2, skipped: 1 });
  });
  test('a plant is told by its number', async () => {
    const rows = await plan('EstNumber,Company,City,State\nM86K,Cargill,Dodge City,KS\n', 'plants');
    expect(rows[0]?.change?.after.externalIds).toEqual(['fsis:M86K']);
  });
});
