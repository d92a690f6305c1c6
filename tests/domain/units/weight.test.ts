import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { weight } from '../../../domain/units/units.ts';
import { formatKilograms, formatWeight, gramsToWeight, parseWeight, parseWeightList, weightToGrams } from '../../../domain/units/weight.ts';

describe('weights', () => {
  it.each([
    ['41,280', 'lb', 4128000, 'lb'],
    ['41280.5 lbs', 'lb', 4128050, 'lb'],
    ['60 #', 'kg', 6000, 'lb'],
    ['1000 kg', 'lb', 220462, 'kg'],
    ['27.835', 'kg', 6137, 'kg'],
    ['453.59237 kg', 'lb', undefined, undefined],
    ['-5', 'lb', undefined, undefined],
    ['61.355', 'lb', undefined, undefined],
    ['heavy', 'lb', undefined, undefined],
    ['99,999,999', 'lb', undefined, undefined],
  ] as const)('reads "%s" in %s', (text, unit, value, entered) => {
    const result = parseWeight(text, unit);
    expect(result.ok ? [result.value.weight, result.value.unit] : [undefined, undefined]).toEqual([value, entered]);
  });

  it('converts by the exact pound: 1,000 kg is 2,204.62 lb', () => {
    expect(gramsToWeight(1_000_000)).toBe(220462);
    expect(weightToGrams(weight(100))).toBe(454);
    expect(weightToGrams(weight(10_000_000))).toBe(45_359_237);
    expect(formatKilograms(weight(220462))).toBe('999.999 kg');
    expect(formatWeight(weight(4128000))).toBe('41,280.00 lb');
  });

  it('comes back from kilograms to the same hundredth of a pound', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000_000 }), (value) => {
        expect(gramsToWeight(weightToGrams(weight(value)))).toBe(value);
      }),
    );
  });
});

describe('packing lists', () => {
  it.each([
    ['61.35+58.90+63.20', [6135, 5890, 6320]],
    ['61.35\n58.9\n\n63.2\n', [6135, 5890, 6320]],
    ['61.35; 58.9; 63.2 lb', [6135, 5890, 6320]],
    ['61.35, 58.9, 1,063.2', [6135, 5890, 106320]],
    ['61.35\t58.9', [6135, 5890]],
    ['60', [6000]],
    ['61.35 lb\n58.9 lbs', [6135, 5890]],
  ])('reads %j', (text, weights) => {
    const result = parseWeightList(text);
    expect(result.ok && result.value.weights).toEqual(weights);
    expect(result.ok && result.value.total).toBe(weights.reduce((sum, value) => sum + value, 0));
  });

  it('[R5] converts a list in kilograms once, after the sum, not case by case', () => {
    const result = parseWeightList('27.83+27.83+27.83 kg');
    if (!result.ok) throw new Error(result.message);
    expect(result.value.unit).toBe('kg');
    expect(result.value.total).toBe(18406);
    expect(result.value.weights.reduce((sum, value) => sum + value, 0)).toBe(18405);
  });

  it.each([
    ['', 'empty'],
    ['61.35+abc', 'bad_number'],
    ['61.35+58.9kg+60', 'mixed_units'],
    ['61.35+-2', 'negative'],
  ])('refuses %j as %s and names the entry', (text, code) => {
    const result = parseWeightList(text);
    expect(result).toMatchObject({ ok: false, code });
  });
});
