import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type WeightPriceUnit,
  convertPrice,
  extendCount,
  extendWeight,
  formatPrice,
  parsePrice,
  priceDeviation,
} from '../../../domain/units/price.ts';
import { unitPrice, weight } from '../../../domain/units/units.ts';

describe('[R4] price units', () => {
  it.each([
    [14835700, 'cwt', 'lb', 148357],
    [14835700, 'cwt', 'kg', 327071],
    [148357, 'lb', 'kg', 327071],
    [148357, 'lb', 'cwt', 14835700],
    [327071, 'kg', 'lb', 148357],
    [27050, 'lb', 'cwt', 2705000],
    [27050, 'lb', 'lb', 27050],
  ] as const)('%i per %s is the same as per %s: %i', (value, from, to, result) => {
    expect(convertPrice(unitPrice(value), from, to)).toBe(result);
  });

  it('[R4] the same weight costs the same in every unit, to the cent', () => {
    const net = weight(48460);
    expect(extendWeight(net, unitPrice(148357), 'lb')).toBe(718938);
    expect(extendWeight(net, unitPrice(14835700), 'cwt')).toBe(718938);
    expect(extendWeight(weight(4128000), unitPrice(27050), 'lb')).toBe(11166240);
    expect(extendCount(3, unitPrice(1505000))).toBe(45150);
    expect(extendWeight(weight(220462), unitPrice(59600), 'kg')).toBe(595999);
  });

  it('[R4] going up to the larger unit and back loses nothing', () => {
    const pairs = fc.constantFrom<[WeightPriceUnit, WeightPriceUnit]>(['lb', 'cwt'], ['lb', 'kg'], ['kg', 'cwt'], ['lb', 'lb']);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), pairs, (value, [small, large]) => {
        expect(convertPrice(convertPrice(unitPrice(value), small, large), large, small)).toBe(value);
      }),
    );
  });

  it.each([
    [14835700, 'lb', 14835700, 'cwt', 990_000],
    [148357, 'lb', 14835700, 'cwt', 0],
    [146000, 'lb', 148357, 'lb', -159],
    [146000, 'lb', 0, 'lb', undefined],
    [146000, 'case', 148357, 'lb', undefined],
    [200, 'case', 100, 'case', 10_000],
  ] as const)('%i per %s against %i per %s deviates by %s basis points', (value, unit, reference, referenceUnit, result) => {
    expect(priceDeviation(unitPrice(value), unit, unitPrice(reference), referenceUnit)).toBe(result);
  });
});

describe('typed prices', () => {
  it.each([
    ['2.705', 'lb', 27050, 'lb'],
    ['2.705', 'cwt', 27050, 'cwt'],
    ['$2.705/lb', 'cwt', 27050, 'lb'],
    ['270.50/cwt', 'lb', 2705000, 'cwt'],
    ['270.5c', 'lb', 27050, 'lb'],
    ['270.5c', 'case', 27050, 'lb'],
    ['270.5 cents per lb', 'case', 27050, 'lb'],
    ['5.96 kg', 'lb', 59600, 'kg'],
    ['150/cs', 'lb', 1500000, 'case'],
    ['$1,250 a load', 'lb', 12500000, 'load'],
  ] as const)('"%s" with %s as the usual unit is %i per %s', (text, unit, price, named) => {
    expect(parsePrice(text, unit)).toEqual({ ok: true, value: { price, unit: named } });
  });

  it.each([
    ['2.70501', 'too_precise'],
    ['270.555c', 'too_precise'],
    ['2.70/stone', 'unknown_unit'],
    ['2.70/constructor', 'unknown_unit'],
    ['about 3', 'bad_price'],
    ['', 'bad_price'],
  ])('refuses "%s" as %s', (text, code) => {
    expect(parsePrice(text, 'lb')).toMatchObject({ ok: false, code });
  });

  it('shows four decimals per pound and kilogram, two where they are enough otherwise', () => {
    expect(formatPrice(unitPrice(27050), 'lb')).toBe('$2.7050/lb');
    expect(formatPrice(unitPrice(2705000), 'cwt')).toBe('$270.50/cwt');
    expect(formatPrice(unitPrice(2705050), 'cwt')).toBe('$270.505/cwt');
    expect(formatPrice(unitPrice(27050))).toBe('$2.7050');
  });
});
