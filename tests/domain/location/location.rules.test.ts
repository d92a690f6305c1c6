import { existsSync, readFileSync } from 'node:fs';
import Papa from 'papaparse';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '../../../domain/entity/problem.ts';
import type { Location } from '../../../domain/location/location.entity.ts';
import {
  addressKey,
  establishmentKeys,
  establishmentQuery,
  hasEstablishment,
  locationNoun,
  repairZip,
  sameAddress,
  splitEstablishment,
} from '../../../domain/location/location.rules.ts';
import { stateCode, statesOfZip } from '../../../domain/location/zip-state.ts';
import { createRecord } from '../../../domain/record/record.commands.ts';
import { moment } from '../sample.ts';

const dodgeCity = {
  kind: 'plant',
  name: 'Cargill Meat Solutions',
  establishment: 'm86k + P86K',
  city: 'Dodge City',
  state: 'KS',
  postalCode: '67801',
};
function decide(draft: Record<string, unknown>): { document: Location; problems: readonly Problem[] } {
  const decision = createRecord(locationNoun, 'location-1', draft, moment());
  if (!decision.ok) return { document: {} as Location, problems: decision.rejection.problems };
  return { document: decision.change.after as Location, problems: decision.warnings };
}
const codes = (problems: readonly Problem[]): string[] => problems.map((problem) => `${problem.severity} ${problem.code}`);

describe('[R22] EST numbers', () => {
  it.each([
    ['M86K', ['M86K'], []],
    ['m86k+P86K', ['M86K', 'P86K'], []],
    ['V104i', ['V104I'], []],
    [' M969 + V969 ', ['M969', 'V969'], []],
    ['M3S+V3S+M3S', ['M3S', 'V3S'], []],
    ['M51315C+P51315C', ['M51315C', 'P51315C'], []],
    ['G1016', ['G1016'], []],
    ['I151', ['I151'], []],
    ['M19603ERR', ['M19603ERR'], ['M19603ERR']],
    ['86K', ['86K'], ['86K']],
    ['', [], []],
  ])('[R22] "%s" splits into %j, odd %j', (text, components, odd) => {
    expect(splitEstablishment(text)).toEqual({ components, odd });
  });

  it.each(['86K', '86k', 'EST. 86K', 'est 86k', 'Est.86K', 'EST#86K', 'Establishment No. 86K', 'M86K', 'm-86k', 'P86K', 'EST. P86K'])(
    '[R22] "%s" finds Dodge City',
    (typed) => {
      expect(hasEstablishment(decide(dodgeCity).document, typed)).toBe(true);
    },
  );

  it.each(['86', '86E', 'M86', '6K', '', 'EST.', 'V86K', 'K'])('[R22] "%s" does not', (typed) => {
    expect(hasEstablishment(decide(dodgeCity).document, typed)).toBe(false);
  });

  it('[R22] a saved plant carries its components and search keys, whatever was typed into them', () => {
    const { document, problems } = decide({ ...dodgeCity, establishments: ['X1'], establishmentKeys: 'X1' });
    expect(document).toMatchObject({ establishments: ['M86K', 'P86K'], establishmentKeys: 'M86K 86K P86K' });
    expect(problems).toEqual([]);
  });

  it('[R22] odd numbers warn and are kept; a plant without one warns', () => {
    const odd = decide({ ...dodgeCity, establishment: 'M19603ERR' });
    expect(codes(odd.problems)).toEqual(['soft odd_establishment']);
    expect(odd.document.establishmentKeys).toBe('M19603ERR');
    const none = decide({ ...dodgeCity, establishment: '' });
    expect(codes(none.problems)).toEqual(['soft no_establishment']);
    expect(none.document).not.toHaveProperty('establishmentKeys');
  });

  it('[R22] deriving bears any shape', () => {
    for (const establishment of [7, null, ['M1'], {}, '+', '  ']) {
      expect(locationNoun.derive?.({ establishment } as never)).not.toHaveProperty('establishmentKeys');
    }
  });

  it('the query leaves words that only begin like EST alone', () => {
    expect(establishmentQuery('Estes Park')).toBe('ESTESPARK');
  });
});

describe('[R23] ZIP and state', () => {
  it.each([
    ['67801', 'KS', { postalCode: '67801', repaired: false }],
    ['7206', 'NJ', { postalCode: '07206', repaired: true }],
    ['976', 'PR', { postalCode: '00976', repaired: true }],
    ['67801-1234', 'KS', { postalCode: '67801-1234', repaired: false }],
    ['678011234', 'Kansas', { postalCode: '67801-1234', repaired: false }],
    ['7206-1234', 'NJ', { postalCode: '07206-1234', repaired: true }],
    ['6877', 'MD', { postalCode: '06877', repaired: true, problem: 'zip_not_in_state' }],
    ['1457', 'NY', { postalCode: '01457', repaired: true, problem: 'zip_not_in_state' }],
    ['67801', '', { postalCode: '67801', repaired: false }],
    ['06390', 'NY', { postalCode: '06390', repaired: false }],
    ['99950', 'ak ', { postalCode: '99950', repaired: false }],
    ['T2P 1J9', 'AB', { postalCode: 'T2P 1J9', repaired: false, problem: 'not_a_zip' }],
    ['12', 'NY', { postalCode: '12', repaired: false, problem: 'not_a_zip' }],
    ['12345678', 'NY', { postalCode: '12345678', repaired: false, problem: 'not_a_zip' }],
    ['', 'NY', { postalCode: '', repaired: false, problem: 'not_a_zip' }],
  ])('[R23] "%s" in %s', (text, state, result) => {
    expect(repairZip(text, state)).toEqual(result);
  });

  it('[R23] warns in a form and never changes what a person typed', () => {
    const { document, problems } = decide({ ...dodgeCity, postalCode: '6877', state: 'MD' });
    expect(codes(problems)).toEqual(['soft zip_not_in_state', 'soft short_zip']);
    expect(document.postalCode).toBe('6877');
    expect(codes(decide({ ...dodgeCity, postalCode: 'T2P 1J9', state: 'AB', country: 'Canada' }).problems)).toEqual([]);
  });

  it('[R23] knows states by name, and no ZIP of the table lacks a state', () => {
    expect([
      stateCode('new york'),
      stateCode('District of Columbia'),
      stateCode('KS '),
      stateCode('Bavaria'),
      stateCode('constructor'),
    ]).toEqual(['NY', 'DC', 'KS', undefined, undefined]);
    expect(statesOfZip('00000')).toEqual([]);
    for (let prefix = 0; prefix < 1000; prefix++) {
      for (const state of statesOfZip(`${String(prefix).padStart(3, '0')}01`)) expect(stateCode(state)).toBe(state);
    }
  });
});

describe('other rules of places', () => {
  it('[D5] a supplier location without a supplier warns', () => {
    expect(codes(decide({ kind: 'supplier_location', name: 'Dock 4' }).problems)).toEqual(['soft no_party']);
    expect(codes(decide({ kind: 'supplier_location', name: 'Dock 4', partyId: 'party-1' }).problems)).toEqual([]);
  });

  it('[D6] the second supplier is another one, and a position is whole', () => {
    expect(codes(decide({ kind: 'supplier_location', name: 'Dock 4', partyId: 'p', secondPartyId: 'p' }).problems)).toEqual([
      'hard same_party',
    ]);
    expect(codes(decide({ kind: 'office', name: 'Desk', latitude: 37_750_000 }).problems)).toEqual(['soft half_position']);
  });

  it('[R30] the same address in another spelling is a likely double', () => {
    const here = { id: 'a', street: '3201 E. Hwy 400', city: 'Dodge City', state: 'KS' };
    const there = { id: 'b', street: '3201 e hwy 400 ', city: 'DODGE CITY', state: 'Kansas' };
    expect(sameAddress(here, [here, there, { id: 'c', street: '', city: 'Dodge City' }, { ...there, id: 'd', state: 'OK' }])).toEqual([
      there,
    ]);
    expect(addressKey({ city: 'Dodge City' })).toBe('');
    expect(sameAddress({ id: 'e' }, [{ id: 'f' }])).toEqual([]);
  });
});

const directory = new URL('../../../../shared/data/fsis_mpi_directory_by_establishment_number_2026-05.csv', import.meta.url);
const present = existsSync(directory);
if (!present) console.warn('Skipped: the plant directory is not in ../shared/data, so R22 and R23 are not checked against it.');

describe.skipIf(!present)('against the real plant directory', () => {
  interface Row {
    readonly establishment_number: string;
    readonly establishment_name: string;
    readonly zip: string;
    readonly state: string;
  }
  let rows: Row[] = [];
  beforeAll(() => {
    rows = Papa.parse<Row>(readFileSync(directory, 'utf8'), { header: true, skipEmptyLines: true }).data;
  });

  it('[R22] one of 13,181 components is odd', () => {
    const odd = rows.flatMap((row) => splitEstablishment(row.establishment_number).odd);
    expect(rows).toHaveLength(7185);
    expect(rows.reduce((sum, row) => sum + row.establishment_number.split('+').length, 0)).toBe(13_181);
    expect(odd).toEqual(['M19603ERR']);
  });

  it('[R22] "86K" finds exactly Cargill, Dodge City', () => {
    const found = rows.filter((row) =>
      hasEstablishment({ establishmentKeys: establishmentKeys(splitEstablishment(row.establishment_number).components) }, '86K'),
    );
    expect(found.map((row) => row.establishment_name)).toEqual([expect.stringContaining('Cargill')]);
  });

  it('[R23] 641 short ZIPs are repaired; two of them contradict their state, and five whole ones do', () => {
    const zips = rows.map((row) => ({ row, result: repairZip(row.zip, row.state) }));
    const wrong = (repaired: boolean): string[] =>
      zips
        .filter(({ result }) => result.problem === 'zip_not_in_state' && result.repaired === repaired)
        .map(({ row }) => row.establishment_number.split('+')[0] ?? '');
    expect(zips.filter(({ result }) => result.repaired)).toHaveLength(641);
    expect(wrong(true)).toEqual(['M47309', 'P3442']);
    expect(wrong(false)).toEqual(['I151', 'M1875', 'M24601', 'M50802', 'M51315C']);
    expect(zips.filter(({ result }) => result.problem === 'not_a_zip')).toEqual([]);
  });
});
