import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineEntity } from '../../../domain/entity/entity.ts';
import {
  choice,
  date,
  flag,
  group,
  instant,
  integer,
  lines,
  money,
  percent,
  pounds,
  price,
  ref,
  refs,
  set,
  text,
  texts,
} from '../../../domain/entity/field.ts';
import { isCalendarDate, validate } from '../../../domain/entity/validate.ts';
import { nouns } from '../../../domain/registry.ts';
import { minimalDocument } from '../sample.ts';

const thing = defineEntity({
  noun: 'thing',
  collection: 'things',
  label: 'Thing',
  labels: 'Things',
  title: 'name',
  views: [],
  fields: {
    name: text('Name', { required: true, max: 5 }),
    email: text('E-mail', { format: 'email' }),
    phone: text('Phone', { format: 'phone' }),
    site: text('Site', { format: 'url' }),
    zone: text('Zone', { format: 'timezone' }),
    kind: choice('Kind', { one: 'One', two: 'Two' }, {}),
    listed: choice('Listed', { one: 'One' }, { index: true }),
    needed: choice('Needed', { one: 'One' }, { required: true }),
    tags: set('Tags', { a: 'A', b: 'B' }, {}),
    words: texts('Words', { max: 2, each: 3 }),
    yes: flag('Yes', {}),
    count: integer('Count', { least: 1, most: 10 }),
    signed: integer('Signed', { least: -5 }),
    amount: money('Amount', {}),
    price: price('Price', { least: 100 }),
    weight: pounds('Weight', {}),
    share: percent('Share', { most: 10_000 }),
    on: date('On', {}),
    at: instant('At', {}),
    to: ref('To', 'things', {}),
    many: refs('Many', 'things', { max: 2 }),
    place: group('Place', { city: text('City', { required: true }), zip: text('Zip', { max: 5 }) }, {}),
    rows: lines('Rows', { item: text('Item', { required: true }), qty: integer('Quantity', {}) }, { max: 2 }),
  },
});
const base = {
  id: 'thing-1',
  w: 'w',
  status: 'active',
  ownerId: 'o',
  deskId: 'd',
  createdAt: '2026-09-04T14:00:00.000Z',
  createdBy: 'o',
  modifiedAt: '2026-09-04T14:00:00.000Z',
  modifiedBy: 'o',
  name: 'Name',
  listed: '',
  needed: 'one',
};
const codes = (more: Record<string, unknown>): string[] =>
  validate(thing, { ...base, ...more }).map((problem) => `${problem.field} ${problem.code}`);

describe('validate', () => {
  it('accepts the smallest document', () => expect(codes({})).toEqual([]));

  it.each<[Record<string, unknown>, string[]]>([
    [{ name: undefined }, ['name required']],
    [{ name: '' }, ['name required']],
    [{ name: ' \t' }, ['name required']],
    [{ name: 'toolong' }, ['name too_long']],
    [{ name: 5 }, ['name wrong_type']],
    [{ name: null }, ['name wrong_type']],
    [{ email: 'a@b.co' }, []],
    [{ email: 'a@b' }, ['email bad_email']],
    [{ email: '' }, []],
    [{ phone: '(620) 227-5831 x12' }, []],
    [{ phone: '425-4296448' }, []],
    [{ phone: '+49 30 1234567' }, []],
    [{ phone: '12' }, ['phone bad_phone']],
    [{ site: 'https://drover.example/x' }, []],
    [{ site: 'javascript:alert(1)' }, ['site bad_url']],
    [{ zone: 'America/Argentina/Buenos_Aires' }, []],
    [{ zone: '-6' }, ['zone bad_timezone']],
    [{ kind: 'two' }, []],
    [{ kind: '' }, []],
    [{ kind: 'three' }, ['kind unknown_choice']],
    [{ kind: 'toString' }, ['kind unknown_choice']],
    [{ listed: undefined }, ['listed absent']],
    [{ needed: '' }, ['needed required']],
    [{ tags: ['a', 'b'] }, []],
    [{ tags: ['a', 'c'] }, ['tags.1 unknown_choice']],
    [{ tags: ['a', 'a'] }, ['tags doubled']],
    [{ tags: 'a' }, ['tags wrong_type']],
    [{ words: ['abc', 'abcd'] }, ['words.1 too_long']],
    [{ words: ['a', 'b', 'c'] }, ['words too_many']],
    [{ yes: 'yes' }, ['yes wrong_type']],
    [{ count: 0 }, ['count too_small']],
    [{ count: 11 }, ['count too_large']],
    [{ count: 1.5 }, ['count wrong_type']],
    [{ count: Number.NaN }, ['count wrong_type']],
    [{ count: 2 ** 53 }, ['count wrong_type']],
    [{ count: '3' }, ['count wrong_type']],
    [{ signed: -5 }, []],
    [{ amount: -1 }, ['amount too_small']],
    [{ amount: 0.1 }, ['amount wrong_type']],
    [{ price: 99 }, ['price too_small']],
    [{ weight: -1 }, ['weight too_small']],
    [{ share: 10_001 }, ['share too_large']],
    [{ on: '2028-02-29' }, []],
    [{ on: '2026-02-29' }, ['on bad_date']],
    [{ on: '9/4/2026' }, ['on bad_date']],
    [{ at: '2026-09-04T14:00:00.000Z' }, []],
    [{ at: '2026-09-04T14:00:00Z' }, ['at bad_instant']],
    [{ at: '2026-02-30T14:00:00.000Z' }, ['at bad_instant']],
    [{ to: 'thing-2' }, []],
    [{ to: 'no spaces' }, ['to bad_reference']],
    [{ to: 'a&b#c+d%e/é🥩🏳️\u200d🌈' }, []],
    [{ to: 'constructor' }, ['to bad_reference']],
    [{ to: 'a\u200db\u200d' }, ['to bad_reference']],
    [{ to: 'a\u202eb' }, ['to bad_reference']],
    [{ to: 7 }, ['to wrong_type']],
    [{ many: ['a', 'b'] }, []],
    [{ many: ['a', ''] }, ['many.1 bad_reference']],
    [{ many: ['a', 'b c'] }, ['many.1 bad_reference']],
    [{ many: ['a', 'b', 'c'] }, ['many too_many']],
    [{ place: { city: 'X' } }, []],
    [{ place: { zip: '123456' } }, ['place.city required', 'place.zip too_long']],
    [{ place: { city: 'X', land: 'Y' } }, ['place.land unknown_field']],
    [{ place: [] }, ['place wrong_type']],
    [{ rows: [{ lineId: 'a', item: 'X', qty: 1 }] }, []],
    [
      {
        rows: [
          { lineId: 'a', item: '' },
          { lineId: 'b', item: 'X', qty: -1 },
        ],
      },
      ['rows.0.item required', 'rows.1.qty too_small'],
    ],
    [{ rows: [{ item: 'X' }] }, ['rows bad_line_id']],
    [
      {
        rows: [
          { lineId: 'a', item: 'X' },
          { lineId: 'a', item: 'Y' },
        ],
      },
      ['rows bad_line_id'],
    ],
    [{ rows: [null] }, ['rows bad_line_id']],
    [{ rows: 'x' }, ['rows wrong_type']],
    [{ rows: [1, 2, 3].map((i) => ({ lineId: `${i}`, item: 'X' })) }, ['rows too_many']],
    [{ colour: 'red' }, ['colour unknown_field']],
    [{ _rev: '1' }, ['_rev unknown_field']],
    [{ id: '' }, ['id required']],
    [{ status: 'gone' }, ['status unknown_choice']],
  ])('%j gives %j', (more, expected) => {
    expect(codes(more)).toEqual(expected);
  });

  it('says the label and the way out', () => {
    const [problem] = validate(thing, { ...base, on: '2026-02-30' });
    expect(problem?.message).toBe('On must be a date that exists, such as 2026-09-04.');
    expect(validate(thing, { ...base, price: 99 })[0]?.message).toBe('Price is too small; the least is 0.0100.');
  });

  it('never throws, whatever a device sends, for any noun', () => {
    for (const { entity } of nouns) {
      const keys = Object.keys(entity.fields);
      fc.assert(
        fc.property(fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), fc.anything(), { maxKeys: 6 }), (wild) => {
          expect(Array.isArray(validate(entity, wild))).toBe(true);
        }),
        { numRuns: 60 },
      );
    }
  });
});

it('isCalendarDate knows real dates only', () => {
  expect(['2026-09-04', '2028-02-29'].map(isCalendarDate)).toEqual([true, true]);
  expect(['2026-02-29', '2026-13-01', '2026-9-4', '', '0000-00-00'].map(isCalendarDate)).toEqual([false, false, false, false, false]);
});

it('the smallest document of every noun is valid, and loses validity with any required field', () => {
  for (const noun of nouns) {
    const document = minimalDocument(noun);
    expect(validate(noun.entity, document), noun.entity.collection).toEqual([]);
    const required = Object.entries(noun.entity.fields).filter(([, f]) => f.required && !f.numbered);
    expect(required.length, noun.entity.collection).toBeGreaterThan(0);
    for (const [key] of required) {
      const { [key]: _, ...rest } = document;
      expect(
        validate(noun.entity, rest).map((problem) => `${problem.field} ${problem.code}`),
        noun.entity.collection,
      ).toContain(`${key} required`);
    }
  }
});
