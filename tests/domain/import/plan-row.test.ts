import { describe, expect, test } from 'vitest';
import type { StoredState } from '../../../domain/import/plan-row.ts';
import { countOutcomes } from '../../../domain/import/batch.ts';
import type { PlannedRow } from '../../../domain/import/plan-row.ts';
import { changeRecord } from '../../../domain/record/record.commands.ts';
import { locationNoun } from '../../../domain/location/location.rules.ts';
import { afterWriting, batchOf, moment, planAll } from './import-kit.ts';

const HEADER = 'establishment_id,establishment_number,establishment_name,city,state,zip,phone';
const table = (...rows: string[]): string => [HEADER, ...rows].join('\n');
const CARGILL = '3548,M86K,Cargill Meat Solutions,Dodge City,KS,67801,(620) 227-5831';
const imported = async (): Promise<Map<string, StoredState>> => afterWriting(planAll(await batchOf(table(CARGILL))));

async function single(
  row: string,
  stored: ReadonlyMap<string, StoredState>,
  more: { bringBackDeleted?: boolean } = {},
): Promise<PlannedRow> {
  const [planned] = planAll(await batchOf(table(row)), stored, more);
  if (!planned) throw new Error('no row');
  return planned;
}
function edit(states: ReadonlyMap<string, StoredState>, draft: Record<string, unknown>): Map<string, StoredState> {
  const edited = new Map<string, StoredState>();
  for (const [id, { document }] of states) {
    const decision = changeRecord(locationNoun, document, draft, { ...moment, w: 'w-edit' });
    if (!decision.ok) throw new Error(decision.rejection.message);
    edited.set(id, { document: decision.change.after, deleted: false });
  }
  return edited;
}
const codes = (row: PlannedRow): string[] => row.findings.map((each) => each.code);

describe('a first import', () => {
  test('makes records with their source, their batch and what the source said', async () => {
    const [state] = (await imported()).values();
    expect(state?.document).toMatchObject({
      kind: 'plant',
      name: 'Cargill Meat Solutions',
      externalIds: ['fsis:3548'],
      importId: 'import-1',
      establishmentKeys: 'M86K 86K',
    });
    expect(JSON.parse(state?.document.importedRaw ?? '')).toMatchObject({ fsis: { seen: expect.stringContaining('city=') } });
  });
  test('the id follows from source and key alone', async () => {
    const [first] = (await imported()).keys();
    const [second] = afterWriting(planAll(await batchOf(table('3548,M1,Other,X,KS,67801,')))).keys();
    expect(second).toBe(first);
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('a second import', () => {
  test('of the same row writes nothing', async () => {
    const row = await single(CARGILL, await imported());
    expect(row).toMatchObject({ outcome: 'unchanged' });
    expect(row.change).toBeUndefined();
  });
  test('of the same row leaves what a person entered, also in an imported field', async () => {
    const edited = edit(await imported(), { phone: '(620) 555-0100', notes: 'gate 4', establishment: 'M86K+P86K' });
    expect(await single(CARGILL, edited)).toMatchObject({ outcome: 'unchanged' });
  });
  test('of a changed row writes only what changed in the source', async () => {
    const edited = edit(await imported(), { phone: '(620) 555-0100', notes: 'gate 4' });
    const row = await single(CARGILL.replace('Dodge City', 'Wright'), edited);
    expect(row).toMatchObject({ outcome: 'imported', made: 'changed' });
    expect(row.change?.after).toMatchObject({ city: 'Wright', phone: '(620) 555-0100', notes: 'gate 4', status: 'active' });
  });
  test('says so when the source and a person changed the same field; the file wins', async () => {
    const edited = edit(await imported(), { city: 'Dodge' });
    const row = await single(CARGILL.replace('Dodge City', 'Wright'), edited);
    expect(row.change?.after['city']).toBe('Wright');
    expect(row.findings.map((each) => each.message).join()).toMatch(/"Dodge" was entered here, the file changed to "Wright"/);
  });
  test('empties what the source emptied, but not what a person put in its place', async () => {
    const without = CARGILL.replace('(620) 227-5831', '');
    const emptied = await single(without, await imported());
    expect(emptied.change?.after['phone']).toBeUndefined();
    const edited = edit(await imported(), { phone: '(620) 555-0100' });
    expect((await single(without, edited)).change).toBeUndefined();
  });
  test('fills a field that a person left empty', async () => {
    const without = CARGILL.replace('(620) 227-5831', '');
    const states = afterWriting(planAll(await batchOf(table(without))));
    expect((await single(CARGILL, states)).change?.after['phone']).toBe('(620) 227-5831');
  });
  test('remembers a change, so that the third import writes nothing', async () => {
    const moved = CARGILL.replace('Dodge City', 'Wright');
    const states = afterWriting([await single(moved, await imported())], await imported());
    expect(await single(moved, states)).toMatchObject({ outcome: 'unchanged' });
  });
});

describe('records that were deleted', () => {
  const deleted = async (importId: string | undefined): Promise<Map<string, StoredState>> => {
    const states = new Map<string, StoredState>();
    for (const [id, { document }] of await imported()) {
      const { importId: _, ...rest } = document;
      states.set(id, { document: importId === undefined ? rest : { ...rest, importId }, deleted: true });
    }
    return states;
  };
  test('by a person stay deleted', async () => {
    const row = await single(CARGILL, await deleted('import-1'));
    expect(row).toMatchObject({ outcome: 'skipped' });
    expect(codes(row)).toContain('deleted_here');
  });
  test('come back when that is asked for', async () => {
    expect(await single(CARGILL, await deleted('import-1'), { bringBackDeleted: true })).toMatchObject({
      outcome: 'imported',
      made: 'brought_back',
    });
  });
  test('by an undo come back by themselves', async () => {
    expect(await single(CARGILL, await deleted(undefined))).toMatchObject({ outcome: 'imported', made: 'brought_back' });
  });
});

describe('rows that stay out', () => {
  test.each<[string, string[], Partial<Record<string, number>>, string]>([
    ['no key', [',M1,A,X,KS,67801,'], { bad: 1 }, 'no_key'],
    ['no name', ['1,M1,,X,KS,67801,'], { bad: 1 }, 'required'],
    ['no EST number', ['1,,A,X,KS,67801,'], { bad: 1 }, 'no_est'],
    ['the same row twice', [CARGILL, CARGILL], { imported: 1, skipped: 1 }, 'repeated_row'],
    ['two rows of one key', [CARGILL, CARGILL.replace('Cargill', 'Other')], { imported: 1, bad: 1 }, 'same_key'],
    ['too many cells', [`${CARGILL},extra`], { bad: 1 }, 'too_many_cells'],
  ])('%s', async (_, rows, counts, code) => {
    const planned = planAll(await batchOf(table(...rows)));
    expect(countOutcomes(planned)).toMatchObject(counts);
    expect(planned.flatMap(codes)).toContain(code);
  });
  test('a row that is too short is read as far as it goes', async () => {
    expect(await single('1,M1,A', new Map())).toMatchObject({ outcome: 'imported' });
  });
  test('a rule of the noun is told by column', async () => {
    const long = await single(`1,M1,${'x'.repeat(900)},X,KS,67801,`, new Map());
    expect(long).toMatchObject({ outcome: 'bad', findings: [{ code: 'too_long', column: 'establishment_name' }] });
  });
});

describe('[R23] short zips', () => {
  test.each([
    ['7206', 'NJ', 'repaired', '07206'],
    ['907', 'PR', 'repaired', '00907'],
    ['67801', 'KS', 'imported', '67801'],
    ['67801-1234', 'KS', 'imported', '67801-1234'],
    ['6877', 'MD', 'bad', undefined],
    ['1457', 'NY', 'bad', undefined],
    ['7206', '', 'bad', undefined],
  ])('%s in %s', async (zip, state, outcome, stored) => {
    const row = await single(`1,M1,A,X,${state},${zip},`, new Map());
    expect(row.outcome).toBe(outcome);
    expect(row.change?.after['postalCode']).toBe(stored);
    if (outcome !== 'imported') expect(row.findings.some((each) => each.column === 'zip' && each.message.includes(`"${zip}"`))).toBe(true);
  });
});

describe('[R22] EST numbers', () => {
  test.each([
    ['V104i', 'repaired', ['V104I'], 'est_upper'],
    ['G1126A+V1126A', 'imported', ['G1126A', 'V1126A'], undefined],
    ['M19603ERR', 'imported', ['M19603ERR'], 'odd_establishment'],
  ])('%s', async (est, outcome, components, code) => {
    const row = await single(`1,${est},A,X,KS,67801,`, new Map());
    expect(row.outcome).toBe(outcome);
    expect(row.change?.after['establishments']).toEqual(components);
    if (code !== undefined) expect(codes(row)).toContain(code);
  });
});
