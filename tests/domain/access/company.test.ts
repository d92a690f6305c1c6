import { describe, expect, it } from 'vitest';
import { companyFrom, usualCompany } from '../../../domain/access/company.ts';
import { settingProblem, settingRules, settingText, tradeSettingKeys } from '../../../domain/access/company-settings.ts';
import { orderNoun } from '../../../domain/order/order.rules.ts';
import { createRecord } from '../../../domain/record/record.commands.ts';

describe('what the company has set', () => {
  it('is as usual where nothing was told, and where what was told is not within the limits', () => {
    expect(usualCompany).toEqual({
      version: 0,
      settings: Object.fromEntries(tradeSettingKeys.map((key) => [key, settingRules[key].usual])),
      options: {},
      numbers: {},
    });
    for (const told of [undefined, null, 'x', [], { version: '1' }, { settings: null }, { settings: { price_warning_percent: 101 } }])
      expect(companyFrom(told), JSON.stringify(told)).toEqual(usualCompany);
  });

  it('leaves out what another version of the program knows and this one does not', () => {
    const told = { version: 7, settings: { case_weight_percent: 5, moon_phase_percent: 3, invitation_days: 1 }, more: 1 };
    expect(companyFrom(told)).toEqual({ ...usualCompany, version: 7, settings: { ...usualCompany.settings, case_weight_percent: 5 } });
  });

  it('is what a decision is judged by', () => {
    const lines = [
      { lineId: 'l', description: 'Chuck', netWeight: 100, price: 110, priceUnit: 'lb', referencePrice: 100, referencePriceUnit: 'lb' },
    ];
    const draft = { kind: 'purchase', number: 'X', orderedOn: '2026-11-20', lines };
    const moment = { actor: { userId: 'u', deskId: 'd' }, now: '2026-11-20T12:00:00.000Z', w: 'w' };
    const warned = (company = usualCompany): boolean => {
      const decision = createRecord(orderNoun, 'o', draft, { ...moment, company });
      if (!decision.ok) throw new Error(decision.rejection.message);
      return decision.warnings.some(({ code }) => code === 'far_from_reference');
    };
    expect(warned()).toBe(false);
    expect(warned(companyFrom({ settings: { price_warning_percent: 9 } }))).toBe(true);
  });
});

describe('a setting', () => {
  it('is a whole number within its limits, said in its unit', () => {
    expect(settingProblem('margin_floor_basis_points', 750)).toBe('');
    expect(settingProblem('margin_floor_basis_points', 7.5)).toBe('Give a value from 0.00 % to 50.00 %.');
    expect(settingText(settingRules.margin_floor_basis_points, 750)).toBe('7.50 %');
    expect(settingText(settingRules.idle_days, 30)).toBe('30 days');
  });
});
