import { describe, expect, test } from 'vitest';
import { guessHeader } from '../../../domain/import/header.ts';
import { KEY, LEAVE_OUT, proposeColumns, targetAliases } from '../../../domain/import/profile.ts';
import { profileOf, profiles } from '../../../domain/import/profiles.ts';
import { reportCsv } from '../../../domain/import/report.ts';
import { sheetOf } from './import-kit.ts';

const guess = (text: string): readonly [number, string | undefined] => {
  const { row, profile } = guessHeader(sheetOf(text).rows, profiles);
  return [row, profile?.id];
};

describe('finds the header row and the kind of record', () => {
  test.each<[string, string, number, string | undefined]>([
    ['FSIS', 'establishment_id,establishment_number,establishment_name,zip\n1,M1,A,67801\n', 0, 'plants'],
    ['FSIS as published', 'EstNumber,Company,Street,City,State,Zip,Phone,Grant Date,Activities,DBAs\nM1,A,S,C,KS,67801,,,,\n', 0, 'plants'],
    [
      'titles and blank lines above',
      'MPI Directory\n\nas of,May 2026\n\nestablishment_id,establishment_number,establishment_name\n1,M1,A\n',
      2,
      'plants',
    ],
    ['FMCSA', 'dot_number,legal_name,phy_city\n1,A,X\n', 0, 'carriers'],
    [
      'Dataverse suppliers',
      '(Do Not Modify) Supplier,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Name of Supplier,DeliveryType\na,b,c,A,Delivers\n',
      0,
      'suppliers',
    ],
    ['Dataverse customers', 'CustomerName,DocumentsNeeded\nA,BRC\n', 0, 'customers'],
    [
      'Dataverse orders by logical name',
      'pro_po_number,pro_item,pro_quantity,pro_priceperunit,pro_purchasedate\n1,Beef,2,3,2024-01-01\n',
      0,
      'purchase-orders',
    ],
    ['nothing known', 'foo,bar\n1,2\n', 0, undefined],
  ])('%s', (_, text, row, profile) => expect(guess(text)).toEqual([row, profile]));
});

describe('proposes columns', () => {
  const fsis = profileOf('plants');
  const suppliers = profileOf('suppliers');
  if (!fsis || !suppliers) throw new Error('profiles are gone');

  test('every column of the FSIS file has its place', () => {
    const headers =
      'establishment_id,establishment_number,establishment_name,duns_number,street,city,state,zip,phone,grant_date,activities,dbas,district,circuit,size,latitude,longitude,county,fips_code'.split(
        ',',
      );
    const targets = proposeColumns(fsis, headers);
    expect(targets).not.toContain(undefined);
    expect(new Set(targets).size).toBe(headers.length);
  });
  test("Dataverse's own columns: the GUID is the key, checksum and date are left out", () => {
    const headers = [
      '(Do Not Modify) Supplier',
      '(Do Not Modify) Row Checksum',
      '(Do Not Modify) Modified On',
      'Name of Supplier',
      'DeliveryType',
    ];
    expect(proposeColumns(suppliers, headers)).toEqual([KEY, LEAVE_OUT, LEAVE_OUT, 'name', 'deliveryType']);
  });
  test('one field is proposed once; spelling of the header does not matter', () => {
    expect(proposeColumns(fsis, ['Establishment Name', 'ESTABLISHMENTNAME', 'foo'])).toEqual(['name', undefined, undefined]);
  });
  test('a report of ours can be mended and imported again', () => {
    const sheet = sheetOf(
      reportCsv(['establishment_id', 'establishment_name'], [{ line: 7, cells: ['1', 'A'], outcome: 'bad', findings: [] }]),
    );
    const { row, profile } = guessHeader(sheet.rows, profiles);
    expect([row, profile?.id]).toEqual([0, 'plants']);
    expect(proposeColumns(fsis, sheet.rows[0]?.cells ?? [])).toEqual([LEAVE_OUT, LEAVE_OUT, LEAVE_OUT, KEY, 'name']);
  });
  test('paths are unique in every profile, and every alias leads to one of them', () => {
    for (const profile of profiles) {
      const paths = profile.targets.map((target) => target.path);
      expect(new Set(paths).size, profile.id).toBe(paths.length);
      for (const path of targetAliases(profile).values()) expect(paths).toContain(path);
    }
  });
});
