/** The real public files, whole. Counts: broker facts 5.2, counted there by other means. */
import { describe, expect, test } from 'vitest';
import { countOutcomes } from '../../../domain/import/batch.ts';
import type { PlannedRow } from '../../../domain/import/plan-row.ts';
import { hasEstablishment } from '../../../domain/location/location.rules.ts';
import type { Location } from '../../../domain/location/location.entity.ts';
import { planUndo } from '../../../domain/import/undo.ts';
import { afterWriting, batchOf, moment, planAll, realFile } from './import-kit.ts';

const fsis = realFile('fsis_mpi_directory_by_establishment_number_2026-05.csv');
const fmcsa = realFile('fmcsa_carriers_trimmed_2025.csv');
// vitest collects a skipped suite too; without the files it reads one row and runs no test over it.
const standIn = new TextEncoder().encode('establishment_id,establishment_number,establishment_name\n1,M1,A\n');
const tally = (rows: readonly PlannedRow[], code: string, column: string): number =>
  rows.filter((row) => row.findings.some((each) => each.code === code && each.column === column)).length;
const places = (rows: readonly PlannedRow[]): Location[] => rows.flatMap((row) => (row.change ? [row.change.after as Location] : []));

describe.skipIf(fsis === undefined)('the FSIS directory of May 2026', async () => {
  const batch = await batchOf(fsis ?? standIn);
  const rows = planAll(batch);
  const plants = places(rows);

  test('is recognised, and every row is read', () => {
    expect(batch.profile.id).toBe('plants');
    expect(batch.rows).toHaveLength(7185);
    expect(new Set(batch.ids).size).toBe(7185);
    expect(countOutcomes(rows)).toMatchObject({ bad: 2, skipped: 0, unchanged: 0 });
    expect(plants).toHaveLength(7183);
  });
  test('[R23] 641 short zips: 639 repaired, 2 kept out because their state is another', () => {
    expect(tally(rows, 'zip_padded', 'zip')).toBe(639);
    const bad = rows.filter((row) => row.outcome === 'bad');
    expect(bad.map((row) => row.cells[1])).toEqual(['M47309', 'P3442']);
    expect(bad.map((row) => row.findings.find((each) => each.level === 'error')?.message)).toEqual([
      expect.stringMatching(/"6877".*"06877" would be in CT, but state says "MD"/),
      expect.stringMatching(/"1457".*"01457" would be in MA, but state says "NY"/),
    ]);
    expect(plants.every((plant) => /^\d{5}(-\d{4})?$/.test(plant.postalCode ?? ''))).toBe(true);
    expect(plants.filter((plant) => plant.postalCode?.includes('-'))).toHaveLength(113);
  });
  test('[R22] 13,181 components, one odd one warned about and kept', () => {
    const kept = plants.reduce((sum, plant) => sum + (plant.establishments?.length ?? 0), 0);
    const out = rows.filter((row) => row.outcome === 'bad').length;
    expect(kept + out).toBe(13_181);
    expect(tally(rows, 'odd_establishment', 'establishment_number')).toBe(1);
    expect(tally(rows, 'est_upper', 'establishment_number')).toBe(1);
    expect(plants.find((plant) => plant.establishment.includes('M19603ERR'))).toBeDefined();
  });
  test('the rest of the dirt', () => {
    expect(tally(rows, 'extension_split', 'phone')).toBe(14);
    expect(tally(rows, 'phone_reformatted', 'phone')).toBe(2);
    expect(tally(rows, 'zeros_restored', 'fips_code')).toBe(1115);
    expect(tally(rows, 'zeros_restored', 'district')).toBe(905);
    expect(tally(rows, 'zeros_restored', 'circuit')).toBe(905);
    expect(tally(rows, 'not_applicable', 'size')).toBe(732);
    expect(tally(rows, 'blanks_collapsed', 'establishment_name')).toBe(15);
    expect(plants.filter((plant) => plant.size === undefined)).toHaveLength(732 + 96);
    expect(plants.filter((plant) => plant.county === undefined)).toHaveLength(27);
    expect(plants.filter((plant) => plant.activities === undefined)).toHaveLength(6);
    expect(plants.filter((plant) => plant.phone === undefined)).toHaveLength(271);
    expect(plants.every((plant) => plant.grantedOn !== undefined && plant.latitude !== undefined && plant.longitude !== undefined)).toBe(
      true,
    );
    expect(plants.map((plant) => plant.name)).toEqual(expect.arrayContaining(['Doña Tina', 'Café Rio Inc.']));
    expect(plants.every((plant) => plant.name === plant.name.trim() && plant.street === plant.street?.trim())).toBe(true);
  });
  test('86K is Cargill in Dodge City, and nothing else', () => {
    for (const typed of ['86K', 'EST. 86K', 'M86K', 'est 86k']) {
      expect(plants.filter((plant) => hasEstablishment(plant, typed)).map((plant) => [plant.name, plant.city])).toEqual([
        ['Cargill Meat Solutions', 'Dodge City'],
      ]);
    }
    expect(plants.find((plant) => plant.establishment === 'M86K')).toMatchObject({
      externalIds: ['fsis:3548'],
      street: '3201 East Trail Street',
      postalCode: '67801',
      phone: '(620) 227-5831',
      grantedOn: '2020-10-15',
      activities: ['Meat Processing', 'Meat Slaughter'],
      dbas: ['Excel Corporation'],
      fsisDistrict: '35',
      fsisCircuit: '3503',
      size: 'large',
      latitude: 37_736_172,
      longitude: -99_956_114,
      dunsNumber: '071374854',
    });
  });
  test('a second import writes nothing, and undoing the first leaves no live record', () => {
    const stored = afterWriting(rows);
    const again = planAll(batch, stored, { importId: 'import-2', w: 'w-2' });
    expect(countOutcomes(again)).toEqual({ imported: 0, repaired: 0, unchanged: 7183, skipped: 0, bad: 2 });
    const steps = [...stored].map(([id, state]) =>
      planUndo({ collection: 'locations', id, w: state.document.w }, state, '', '', { ...moment, w: 'w-3' }),
    );
    expect(steps.every((step) => step.kind === 'write' && step.change.deleted)).toBe(true);
  });
});

describe.skipIf(fmcsa === undefined)('the FMCSA carriers', async () => {
  const rows = planAll(await batchOf(fmcsa ?? standIn));
  const carriers = rows.flatMap((row) => (row.change ? [row.change.after] : []));
  test('all become parties with the role of a carrier, by USDOT number as text', () => {
    expect(carriers).toHaveLength(380);
    expect(carriers[0]).toMatchObject({
      name: 'THE KIESEL CO',
      roles: ['carrier'],
      dotNumber: '77512',
      externalIds: ['fmcsa:77512'],
      registeredOn: '1974-06-01',
      powerUnits: 47,
      forHire: true,
    });
  });
  test('both separators of the cargo list are read, and values with commas stay whole', () => {
    const cargo = (dot: string) => carriers.find((carrier) => carrier['dotNumber'] === dot)?.['cargoCarried'];
    expect(cargo('77512')).toEqual(['Garbage/Refuse', 'General Freight', 'Liquids/Gases', 'Machinery, Large Objects']);
    expect(cargo('240476')).toEqual(['Machinery, Large Objects', 'U.S. Mail', 'Farm Supplies']);
    expect(cargo('836764')).toEqual(['General Freight', 'Livestock', 'Grain, Feed, Hay']);
  });
});
