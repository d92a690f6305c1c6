import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editableDecimal, formatDecimal, parseDecimal } from '../../../domain/units/decimal.ts';

describe('parseDecimal', () => {
  it.each([
    ['1234.5', 2, 123450],
    ['1,234.50', 2, 123450],
    ['1,234,567', 0, 1234567],
    ['.5', 2, 50],
    ['5.', 2, 500],
    ['-3.25', 2, -325],
    ['+3', 2, 300],
    ['0', 4, 0],
    ['-0.00', 2, 0],
    ['2.70500000', 4, 27050],
    [' 007 ', 0, 7],
  ])('reads %s with %i digits as %i', (text, digits, value) => {
    expect(parseDecimal(text, digits)).toEqual({ ok: true, value });
  });

  it.each([
    ['', 2, 'bad_number'],
    ['.', 2, 'bad_number'],
    ['12a', 2, 'bad_number'],
    ['1.234,50', 2, 'bad_number'],
    ['1,23', 2, 'bad_number'],
    ['1e5', 2, 'bad_number'],
    ['NaN', 2, 'bad_number'],
    ['1.005', 2, 'too_precise'],
    ['1.5', 0, 'too_precise'],
    ['12345678901234.00', 2, 'too_large'],
  ])('refuses %s with %i digits as %s', (text, digits, code) => {
    expect(parseDecimal(text, digits)).toMatchObject({ ok: false, code });
  });

  it('reads back everything that it shows, with and without separators', () => {
    const value = fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 });
    fc.assert(
      fc.property(value, fc.constantFrom(0, 2, 3, 4), (amount, digits) => {
        expect(parseDecimal(formatDecimal(amount, digits), digits)).toEqual({ ok: true, value: amount });
        expect(parseDecimal(editableDecimal(amount, digits, 0), digits)).toEqual({ ok: true, value: amount });
      }),
    );
  });
});

it('formatDecimal drops zeros only down to the least number of decimals', () => {
  expect(formatDecimal(27050, 4, 2)).toBe('2.705');
  expect(formatDecimal(27000, 4, 2)).toBe('2.70');
  expect(formatDecimal(4128000, 2)).toBe('41,280.00');
  expect(formatDecimal(-5, 2)).toBe('-0.05');
});
