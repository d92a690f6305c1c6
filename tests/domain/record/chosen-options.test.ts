import { describe, expect, it } from 'vitest';
import { type Company, companyFrom } from '../../../domain/access/company.ts';
import { type Option, optionList } from '../../../domain/access/option-lists.ts';
import { choice, group, lines, set, text } from '../../../domain/entity/field.ts';
import { defineEntity } from '../../../domain/entity/entity.ts';
import { changeRecord, createRecord, restoreRecord } from '../../../domain/record/record.commands.ts';

const breeds = optionList('breeds', 'Breeds', { angus: 'Angus', hereford: 'Hereford' });
const noun = {
  entity: defineEntity({
    noun: 'cow',
    collection: 'cows',
    label: 'Cow',
    labels: 'Cows',
    title: 'name',
    fields: {
      name: text('Name', { required: true }),
      breed: choice('Breed', breeds, { index: true }),
      also: set('Also', breeds, {}),
      sire: group('Sire', { breed: choice('Breed of the sire', breeds, {}) }, {}),
      calves: lines('Calves', { breed: choice('Breed of the calf', breeds, {}) }, {}),
    },
    views: [],
  }),
};
const moment = (company?: Company) => ({
  actor: { userId: 'u', deskId: 'd' },
  now: '2026-11-20T12:00:00.000Z',
  w: 'w',
  ...(company ? { company } : {}),
});
const company = (...options: readonly Option[]): Company => companyFrom({ options: { breeds: options } });
const retired = company({ key: 'angus', label: 'Angus', retired: true }, { key: 'charolais', label: 'Charolais' });

const made = (draft: Record<string, unknown>, by?: Company) => createRecord(noun, 'c', { name: 'Bess', ...draft }, moment(by));
const said = (decision: ReturnType<typeof made>): string =>
  decision.ok ? 'ok' : decision.rejection.problems.map(({ field, code }) => `${field} ${code}`).join(', ');
function stored(draft: Record<string, unknown>) {
  const decision = made(draft);
  if (!decision.ok) throw new Error(decision.rejection.message);
  return decision.change.after;
}

describe('an option that is chosen', () => {
  it('is in the list as the program has it, or as the company has it', () => {
    expect([said(made({ breed: 'angus' })), said(made({ breed: 'charolais' }))]).toEqual(['ok', 'breed unknown_choice']);
    expect([said(made({ breed: 'hereford' }, retired)), said(made({ breed: 'charolais' }, retired)), said(made({}, retired))]).toEqual([
      'ok',
      'ok',
      'ok',
    ]);
    expect(said(made({ breed: 'no key' }))).toBe('breed unknown_choice');
  });

  it('is not retired, wherever it stands', () => {
    expect(said(made({ breed: 'angus' }, retired))).toBe('breed retired_choice');
    expect(said(made({ also: ['hereford', 'angus'] }, retired))).toBe('also.1 retired_choice');
    expect(said(made({ sire: { breed: 'angus' } }, retired))).toBe('sire.breed retired_choice');
    expect(
      said(
        made(
          {
            calves: [
              { lineId: 'l', breed: 'hereford' },
              { lineId: 'm', breed: 'angus' },
            ],
          },
          retired,
        ),
      ),
    ).toBe('calves.1.breed retired_choice');
    const decision = made({ breed: 'angus' }, retired);
    expect(decision.ok ? '' : decision.rejection.message).toContain('"Angus" is not chosen any more; choose one of Charolais, Hereford.');
  });

  it('stays where the record held it before, also one of a list that this device was not told yet', () => {
    const before = stored({ breed: 'angus', also: ['angus'], sire: { breed: 'angus' }, calves: [{ lineId: 'l', breed: 'angus' }] });
    expect(said(changeRecord(noun, before, { name: 'Bessie' }, moment(retired)))).toBe('ok');
    // Lines move; the new one may not have it where none had it.
    const lines_ = [{ lineId: 'n', breed: 'hereford' }, ...(before['calves'] as object[])];
    expect(said(changeRecord(noun, before, { calves: lines_ }, moment(retired)))).toBe('ok');
    expect(said(restoreRecord(noun, before, moment(retired)))).toBe('ok');
    const later = { ...before, breed: 'from_a_newer_list' };
    expect(said(changeRecord(noun, later, { name: 'Bessie' }, moment()))).toBe('ok');
    expect(said(changeRecord(noun, later, { breed: 'from_another' }, moment()))).toBe('breed unknown_choice');
    const free = stored({ breed: 'hereford' });
    expect(said(changeRecord(noun, free, { breed: 'angus' }, moment(retired)))).toBe('breed retired_choice');
  });
});
