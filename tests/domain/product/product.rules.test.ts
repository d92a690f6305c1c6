import { describe, expect, it } from 'vitest';
import { checkDigit, isGtin, productNoun } from '../../../domain/product/product.rules.ts';
import { problemCodes } from '../sample.ts';

const codes = (draft: Record<string, unknown>): string[] => problemCodes(productNoun, { name: '189A 4 tenderloin', ...draft });

describe('products', () => {
  it.each([
    ['629104150021', 3],
    ['9001234500001', 3],
    ['00123450000000012', 0],
  ])('[R20] the check digit of %s is %i', (digits, digit) => {
    expect(checkDigit(digits)).toBe(digit);
  });

  it('[R20] a GTIN with a wrong digit or length warns', () => {
    expect(isGtin('90012345000013')).toBe(true);
    expect(codes({ gtin: '90012345000013' })).toEqual([]);
    expect(codes({ gtin: '90012345000014' })).toEqual(['soft gtin bad_gtin']);
    expect(codes({ gtin: '900123450000' })).toEqual(['soft gtin bad_gtin']);
    expect(codes({ gtin: '9001234500001x' })).toEqual(['soft gtin bad_gtin']);
  });

  it.each([
    [{ poundsPerCaseMin: 5000, poundsPerCase: 6000, poundsPerCaseMax: 7500 }, []],
    [{ poundsPerCaseMin: 6000, poundsPerCase: 6000, poundsPerCaseMax: 6000 }, []],
    [{ poundsPerCaseMin: 7600, poundsPerCaseMax: 7500 }, ['hard poundsPerCaseMax bounds_crossed']],
    [{ poundsPerCaseMin: 5000, poundsPerCase: 4999 }, ['hard poundsPerCase average_out_of_bounds']],
    [{ poundsPerCase: 7501, poundsPerCaseMax: 7500 }, ['hard poundsPerCase average_out_of_bounds']],
  ])('[R6] case weights %j give %j', (draft, expected) => {
    expect(codes(draft)).toEqual(expected);
  });
});
