import { describe, expect, it } from 'vitest';
import { companyFrom } from '../../../domain/access/company.ts';
import type { OrderLine } from '../../../domain/order/order.entity.ts';
import {
  averageCase,
  checkLine,
  deriveLine,
  isEstimated,
  lineAmount,
  priceWarning,
  weightWarnings,
} from '../../../domain/order/order-line.rules.ts';
import { extendCount, extendWeight } from '../../../domain/units/price.ts';
import { unitPrice, weight } from '../../../domain/units/units.ts';

/** The eight cases of the worked example, 484.60 lb. */
const packingList = '61.35+58.90+63.20+60.05+59.75+62.40+57.80+61.15';
const line = (more: Partial<OrderLine> = {}): OrderLine => ({ lineId: 'line-1', description: '189A 4 tenderloin', ...more });
const codes = (problems: readonly { code: string; severity: string }[]): string[] =>
  problems.map((problem) => `${problem.severity} ${problem.code}`);

describe('[R5] catch weights', () => {
  it('[R5] extends the sum of the cases once: 484.60 lb x 14.8357 is 7,189.38', () => {
    const weighed = deriveLine(line({ caseWeights: packingList, price: unitPrice(148357), priceUnit: 'lb' }));
    expect(weighed).toMatchObject({ netWeight: 48460, cases: 8, amount: 718938 });
    expect(averageCase(weight(48460), 8)).toBe(6058);
  });

  it('[R5] does not produce the wrong variants: cents per case, nominal weight, price cut to two decimals', () => {
    const right = 718938;
    const cases = packingList.split('+').map((text) => weight(Math.round(Number(text) * 100)));
    const perCase = cases.reduce((sum, one) => sum + extendWeight(one, unitPrice(148357), 'lb'), 0);
    const nominal = extendWeight(weight(8 * 6000), unitPrice(148357), 'lb');
    const cut = extendWeight(weight(48460), unitPrice(148400), 'lb');
    expect([perCase, nominal, cut]).toEqual([718937, 712114, 719146]);
    expect([perCase - right, nominal - right, cut - right]).toEqual([-1, -6824, 208]);
    expect(
      deriveLine(line({ caseWeights: packingList, orderedWeight: weight(48000), price: unitPrice(148357), priceUnit: 'lb' })).amount,
    ).toBe(right);
  });

  it('[R5] a typed number of cases stays, and a stale amount goes', () => {
    expect(deriveLine(line({ caseWeights: packingList, cases: 9 }))).toMatchObject({ cases: 9, netWeight: 48460 });
    expect(deriveLine(line({ amount: 5 as never }))).not.toHaveProperty('amount');
  });

  it('[R5] weights that cannot be read are refused with the position of the first', () => {
    const problems = checkLine(line({ cases: 2, price: unitPrice(27050), priceUnit: 'lb', caseWeights: '61.35+5x.90' }), 'lines.0.', false);
    const refused = problems.find((problem) => problem.field === 'lines.0.caseWeights');
    expect(refused).toMatchObject({ severity: 'hard', rule: 'R5' });
    expect(refused?.message).toContain('Weight 2 of 2');
  });

  it('[R5] a sum above what a line holds is refused and never extended', () => {
    const huge = line({ caseWeights: '600000+600000', cases: 2, price: unitPrice(1_000_000_000), priceUnit: 'kg' });
    expect(deriveLine(huge)).not.toHaveProperty('netWeight');
    expect(codes(checkLine(deriveLine(huge), '', false))).toContain('hard too_large');
  });
});

describe('[R4] price units of a line', () => {
  it.each([
    ['by weight', { netWeight: weight(4128000), price: unitPrice(27050), priceUnit: 'lb' }, 11166240],
    ['per cwt', { netWeight: weight(48460), price: unitPrice(14835700), priceUnit: 'cwt' }, 718938],
    ['by the estimate while no weights are in', { orderedWeight: weight(4200000), price: unitPrice(27050), priceUnit: 'lb' }, 11361000],
    ['per case', { cases: 960, price: unitPrice(1505000), priceUnit: 'case' }, 14448000],
    ['per load', { loads: 2, price: unitPrice(1_000_000), priceUnit: 'load' }, 20000],
    ['per load without loads', { cases: 960, price: unitPrice(1_000_000), priceUnit: 'load' }, undefined],
    ['without a unit', { cases: 960, price: unitPrice(1_000_000) }, undefined],
    ['without a price', { cases: 960, priceUnit: 'case' }, undefined],
  ] as const)('[R4] %s', (_, given, amount) => {
    expect(lineAmount(given)).toBe(amount);
  });

  it('[R4] a price without a unit is refused, and an amount that cannot be had says what it needs', () => {
    expect(codes(checkLine(line({ cases: 5, price: unitPrice(27050) }), '', false))).toEqual(['hard no_price_unit']);
    const waiting = checkLine(line({ cases: 5, price: unitPrice(27050), priceUnit: 'lb' }), '', false);
    expect(codes(waiting)).toEqual(['soft no_amount']);
    expect(waiting[0]?.message).toContain('its weight');
  });

  it.each([
    [148357, 'lb', false],
    [14835700, 'lb', true],
    [185446, 'lb', false],
    [185482, 'lb', true],
    [111268, 'lb', false],
    [111200, 'lb', true],
    [14600000, 'cwt', false],
    [327071, 'kg', false],
    [327071, 'lb', true],
  ] as const)('[R4] %i per %s against 1483.57 per cwt warns: %s', (price, unit, warns) => {
    const problems = priceWarning({ price: unitPrice(price), unit }, { price: unitPrice(14835700), unit: 'cwt' });
    expect(codes(problems)).toEqual(warns ? ['soft far_from_reference'] : []);
  });

  it('[R4] a reference on the line is compared when the line is saved', () => {
    const given = line({
      netWeight: weight(4128000),
      price: unitPrice(2705000),
      priceUnit: 'lb',
      referencePrice: unitPrice(2650000),
      referencePriceUnit: 'cwt',
    });
    expect(checkLine(deriveLine(given), 'lines.3.', true)).toMatchObject([
      { field: 'lines.3.price', code: 'far_from_reference', severity: 'soft', rule: 'R4' },
    ]);
  });

  it("[R4] how far is far is the company's to set", () => {
    const [entered, reference] = [{ price: unitPrice(110), unit: 'lb' } as const, { price: unitPrice(100), unit: 'lb' } as const];
    const asked = (percent: number) => priceWarning(entered, reference, '', companyFrom({ settings: { price_warning_percent: percent } }));
    expect([asked(10), asked(9)].map(codes)).toEqual([[], ['soft far_from_reference']]);
  });

  it('an estimated line says so', () => {
    expect(isEstimated({ orderedWeight: weight(1) })).toBe(true);
    expect(isEstimated({ orderedWeight: weight(1), netWeight: weight(2) })).toBe(false);
    expect(isEstimated({})).toBe(false);
  });

  it('extends counts exactly', () => {
    expect(extendCount(7, unitPrice(33333))).toBe(2333);
  });
});

describe('[R6] plausible weights', () => {
  const bounds = { poundsPerCaseMin: weight(5000), poundsPerCase: weight(6000), poundsPerCaseMax: weight(7500) };

  it.each([
    ['within the bounds', { caseWeights: packingList }, []],
    ['an average below', { cases: 10, netWeight: weight(48460) }, ['implausible_average']],
    ['an average above', { cases: 6, netWeight: weight(48460) }, ['implausible_average']],
    ['exactly at a bound', { cases: 10, netWeight: weight(50000) }, []],
    ['another number of cases', { cases: 9, caseWeights: packingList }, ['case_count']],
    ['a slipped decimal point', { caseWeights: '61.35+589.0+63.20' }, ['implausible_average', 'implausible_case']],
    ['one case in kilograms', { caseWeights: '61.35+58.90+63.20+60.05+27.10' }, ['implausible_case']],
    ['exactly 25 % away', { caseWeights: '70+42.00+56+56' }, []],
    ['loads are no cases', { cases: 1, container: 'load', netWeight: weight(4128000) }, []],
    ['nothing known', {}, []],
  ] as const)('[R6] %s', (_, given, expected) => {
    expect(weightWarnings(deriveLine(line(given)), bounds).map((problem) => problem.code)).toEqual(expected);
  });

  it('[R6] names at most three odd cases and says how many more', () => {
    const [problem] = weightWarnings(line({ caseWeights: `${'60+'.repeat(45)}10+10+10+10+10` }));
    expect(problem?.message).toContain('case 46 with 10.00 lb, case 47 with 10.00 lb, case 48 with 10.00 lb and 2 more');
  });

  it("[R6] how far is odd is the company's to set, also when the order is saved", () => {
    const given = line({ caseWeights: '50+55+45', price: unitPrice(27050), priceUnit: 'lb' });
    const asked = (percent: number) =>
      checkLine(deriveLine(given), '', false, companyFrom({ settings: { case_weight_percent: percent } })).map(({ message }) => message);
    expect(asked(10)).toEqual([]);
    expect(asked(9)).toEqual(['More than 9 % from the average: case 2 with 55.00 lb, case 3 with 45.00 lb. Check them.']);
  });

  it('[R6] one bound alone is said as such', () => {
    const [problem] = weightWarnings(line({ cases: 1, netWeight: weight(100) }), { poundsPerCaseMin: weight(5000) });
    expect(problem?.message).toContain('at least 50.00 lb');
  });
});

describe('quantity and price of a line', () => {
  it('[D2] a draft warns of a missing quantity, an agreed order refuses', () => {
    const given = line({ price: unitPrice(27050), priceUnit: 'case' });
    expect(codes(checkLine(given, '', false))).toEqual(['soft no_quantity']);
    expect(codes(checkLine(given, '', true))).toEqual(['hard no_quantity']);
    expect(codes(checkLine({ ...given, orderedWeight: weight(0) }, '', true))).toContain('hard no_quantity');
  });

  it('[D3] a draft warns of a missing price, an agreed order refuses', () => {
    expect(codes(checkLine(line({ cases: 1 }), '', false))).toEqual(['soft no_price']);
    expect(codes(checkLine(line({ cases: 1 }), '', true))).toEqual(['hard no_price']);
  });
});
