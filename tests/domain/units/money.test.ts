import { describe, expect, it } from 'vitest';
import { formatMoney, formatPercent, parseMoney, parsePercent } from '../../../domain/units/money.ts';
import { basisPoints, cents, divideHalfUp } from '../../../domain/units/units.ts';

describe('money', () => {
  it.each([
    ['$1,234.50', 123450],
    ['1234.5', 123450],
    ['-$12', -1200],
    ['$-12', -1200],
    ['(12.00)', -1200],
    ['12 USD', 1200],
    ['1.005', undefined],
    ['twelve', undefined],
  ])('reads %s as %s cents', (text, value) => {
    const result = parseMoney(text);
    expect(result.ok ? result.value : undefined).toBe(value);
  });

  it('shows dollars with a sign in front and other currencies by name', () => {
    expect(formatMoney(cents(718938))).toBe('$7,189.38');
    expect(formatMoney(cents(-6824))).toBe('-$68.24');
    expect(formatMoney(cents(100), 'cad')).toBe('1.00 CAD');
  });

  it('reads and shows percent in basis points', () => {
    expect(parsePercent('2.75 %')).toEqual({ ok: true, value: 275 });
    expect(parsePercent('100')).toEqual({ ok: true, value: 10_000 });
    expect(parsePercent('2.755')).toMatchObject({ ok: false, code: 'too_precise' });
    expect(formatPercent(basisPoints(275))).toBe('2.75 %');
  });
});

describe('divideHalfUp', () => {
  it.each([
    [5n, 2n, 3],
    [-5n, 2n, -3],
    [4n, 3n, 1],
    [7n, 4n, 2],
    [0n, 7n, 0],
  ])('%s / %s is %i', (numerator, denominator, result) => {
    expect(divideHalfUp(numerator, denominator)).toBe(result);
  });

  it('throws for a denominator of zero and for a result outside the exact integers', () => {
    expect(() => divideHalfUp(1n, 0n)).toThrow('positive');
    expect(() => divideHalfUp(10n ** 20n, 1n)).toThrow('exact integer');
  });
});
