import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Clean,
  cleanDate,
  cleanDecimal,
  cleanDegrees,
  cleanDuns,
  cleanFlag,
  cleanInstant,
  cleanList,
  cleanPadded,
  cleanPhone,
  cleanText,
  isoDate,
  scaled,
} from '../../../domain/import/clean-cell.ts';

/** Value and the codes of what was done; the sentence must name the column and the cell. */
function cleaned(clean: Clean, raw: string): readonly [unknown, ...string[]] {
  const { value, findings } = clean(raw, 'the column');
  for (const each of findings) {
    expect(each.column).toBe('the column');
    expect(each.message).toMatch(/^the column: /);
  }
  return [value, ...findings.map(({ level, code }) => `${level} ${code}`)];
}
type Row = readonly [raw: string, value: unknown, ...codes: string[]];
const table = (clean: Clean, rows: readonly Row[]): void => {
  test.each(rows.map((row) => [row[0], row] as const))('%j', (_, [raw, ...expected]) => expect(cleaned(clean, raw)).toEqual(expected));
};

describe('text', () => {
  table(cleanText, [
    ['Cargill Meat Solutions', 'Cargill Meat Solutions'],
    ['430 Railroad Avenue ', '430 Railroad Avenue', 'note trimmed'],
    ['Farmers  Pride', 'Farmers Pride', 'note blanks_collapsed'],
    ['\u00a0Cataño\ufeff', 'Cataño', 'note trimmed'],
    ['N / A', undefined, 'note not_applicable'],
    ['n/a', undefined, 'note not_applicable'],
    ['#N/A', undefined, 'note not_applicable'],
    ['N.A.', undefined, 'note not_applicable'],
    ['NA', 'NA'],
    ['Null', 'Null'],
    ['', undefined],
    ['   ', undefined, 'note trimmed'],
    ["'=HYPERLINK(1)", '=HYPERLINK(1)', 'note trimmed'],
    ["'t Hof", "'t Hof"],
  ]);
});

describe('lists', () => {
  table(cleanList(/;/u), [
    ['Meat Processing; Meat Slaughter', ['Meat Processing', 'Meat Slaughter']],
    ['Excel Corporation', ['Excel Corporation']],
    ['a;; A ;b; N/A', ['a', 'b']],
    ['N / A', undefined, 'note not_applicable'],
    ['', undefined],
  ]);
});

describe('dates', () => {
  table(cleanDate, [
    ['1/28/2026', '2026-01-28'],
    ['12/5/2019', '2019-12-05'],
    ['2026-09-04', '2026-09-04'],
    ['20-Feb-25', '2025-02-20'],
    ['1-Jun-74', '1974-06-01'],
    ['Feb 3, 2025', '2025-02-03'],
    ['9/4/26', '2026-09-04'],
    ['2024-02-29T00:00:00Z', '2024-02-29'],
    ['2024-03-01T05:00:00Z', '2024-03-01', 'warning date_from_instant'],
    ['2/30/2026', undefined, 'warning bad_date'],
    ['13/1/2026', undefined, 'warning bad_date'],
    ['46023', undefined, 'warning bad_date'],
    ['soon', undefined, 'warning bad_date'],
    ['', undefined],
  ]);
  test('every calendar day survives being written as m/d/yyyy', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('1900-01-01'), max: new Date('2199-12-31'), noInvalidDate: true }), (day) => {
        const us = `${day.getUTCMonth() + 1}/${day.getUTCDate()}/${day.getUTCFullYear()}`;
        expect(isoDate(us)).toBe(day.toISOString().slice(0, 10));
      }),
    );
  });
});

describe('instants', () => {
  table(cleanInstant, [
    ['2024-03-01T05:06:07Z', '2024-03-01T05:06:07.000Z'],
    ['3/1/2024 5:06 PM', '2024-03-01T17:06:00.000Z'],
    ['3/1/2024 12:06 AM', '2024-03-01T00:06:00.000Z'],
    ['2024-03-01', '2024-03-01T00:00:00.000Z'],
    ['2024-03-01T05:06:07+02:00', undefined, 'warning bad_instant'],
    ['yesterday', undefined, 'warning bad_instant'],
  ]);
});

describe('codes whose zeros a spreadsheet dropped', () => {
  describe('fips', () => {
    table(cleanPadded(5, /^\d{5}$/u), [
      ['27143', '27143'],
      ['7001', '07001', 'repair zeros_restored'],
      ['', undefined],
      ['271431', undefined, 'warning odd_code'],
      ['Ford', undefined, 'warning odd_code'],
    ]);
  });
  describe('circuit', () => {
    table(cleanPadded(4, /^\d{2}(\d{2}|[A-Z]{2})$/u), [
      ['2507', '2507'],
      ['509', '0509', 'repair zeros_restored'],
      ['85NC', '85NC'],
      ['8NC', undefined, 'warning odd_code'],
    ]);
  });
});

describe('DUNS', () => {
  table(cleanDuns, [
    ['118319209', '118319209'],
    ['18076351', '018076351', 'repair zeros_restored'],
    ['7266158', '007266158', 'repair zeros_restored'],
    ['01-807-6351', '018076351', 'note signs_removed'],
    ['18 0763510', '180763510', 'note signs_removed'],
    ['Bristol', undefined, 'warning odd_duns'],
    ['D5-840-6187', undefined, 'warning odd_duns'],
    ['42290', undefined, 'warning odd_duns'],
    ['96-77865-180000', undefined, 'warning odd_duns'],
    ['0', undefined, 'warning odd_duns'],
    ['000000000', undefined, 'warning odd_duns'],
    ['n/a', undefined, 'note not_applicable'],
    ['', undefined],
  ]);
});

describe('coordinates in millionths of a degree', () => {
  table(cleanDegrees(90), [
    ['44.55444101', 44_554_441],
    ['37.73617199', 37_736_172],
    ['40.657986', 40_657_986],
    ['-14.2', -14_200_000],
    ['90', 90_000_000],
    ['90.0000005', undefined, 'warning odd_coordinate'],
    ['91', undefined, 'warning odd_coordinate'],
    ['north', undefined, 'warning odd_coordinate'],
    ['', undefined],
  ]);
});

describe('decimals', () => {
  table(cleanDecimal(2), [
    ['$1,234.50', 123_450],
    ['1234.5', 123_450],
    ['(12.00)', -1200],
    ['-$5', -500],
    ['2.75 %', 275],
    ['41,280.00 lbs', 4_128_000],
    ['1.005', 101, 'warning rounded'],
    ['1.1000', 110],
    ['12,34', undefined, 'warning bad_number'],
    ['1e5', undefined, 'warning bad_number'],
    ['ten', undefined, 'warning bad_number'],
    ['', undefined],
  ]);
  test('no decimal that fits is changed by scaling', () => {
    fc.assert(
      fc.property(fc.integer({ min: -99_999_999_999, max: 99_999_999_999 }), fc.integer({ min: 0, max: 6 }), (value, digits) => {
        const negative = value < 0;
        const text = String(Math.abs(value)).padStart(digits + 1, '0');
        const decimal = `${negative ? '-' : ''}${digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`}`;
        expect(scaled(decimal, digits)).toBe(value);
      }),
    );
  });
});

describe('yes and no', () => {
  table(cleanFlag, [
    ['TRUE', true],
    ['No', false],
    ['1', true],
    ['0', false],
    ['maybe', undefined, 'warning bad_flag'],
    ['', undefined],
  ]);
});

describe('phones', () => {
  table(cleanPhone, [
    ['(620) 227-5831', { phone: '(620) 227-5831' }],
    ['315-339-6880 x3830', { phone: '(315) 339-6880', extension: '3830' }, 'repair extension_split'],
    ['801-286-6471 x0', { phone: '(801) 286-6471', extension: '0' }, 'repair extension_split'],
    ['209-274-4811 x 670', { phone: '(209) 274-4811', extension: '670' }, 'repair extension_split'],
    ['(209) 274-4811 ext. 12', { phone: '(209) 274-4811', extension: '12' }, 'repair extension_split'],
    ['425-4296448', { phone: '(425) 429-6448' }, 'repair phone_reformatted'],
    ['(425)429-6448', { phone: '(425) 429-6448' }, 'repair phone_reformatted'],
    ['1-425-429-6448', { phone: '(425) 429-6448' }, 'repair phone_reformatted'],
    ['+44 20 7946 0958', { phone: '+44 20 7946 0958' }],
    ['12', undefined, 'warning odd_phone'],
    ['N/A', undefined, 'note not_applicable'],
    ['', undefined],
  ]);
});
