import { describe, expect, it } from 'vitest';
import { type Rights, rightsOf } from '../../../domain/access/rights.ts';
import { seedRoles } from '../../../domain/access/seeds.ts';
import { creditOf } from '../../../domain/order/credit.rules.ts';
import { marginOfSale } from '../../../domain/order/margin.rules.ts';
import type { Need } from '../../../domain/record/noun.ts';
import { cents } from '../../../domain/units/units.ts';
import { askedFor, creditFigures, marginFigures } from '../../../renderer/order/standing-words.ts';
import { paperOf, purchase, sale } from '../../domain/order/deals.ts';

const rights = (role: string): Rights =>
  rightsOf(
    seedRoles.find(({ name }) => name === role)?.grants ?? [],
    { accountId: 'me', desks: ['desk-main'] },
    { 'orders:approve_credit': ['Manager'] },
  );
const sold = { ...sale(), deskId: 'desk-main' };
const said = (figures: readonly { readonly label: string; readonly value: string }[]) =>
  figures.map(({ label, value }) => `${label}: ${value}`);

describe('margin in words', () => {
  it('[R10] names margin of the sale and markup of the cost', () => {
    const view = marginOfSale(sold, new Map([['po-1', purchase()]]));
    expect(said(marginFigures(view, 500).figures)).toEqual([
      'Sale: $120,331.20',
      'Cost: $117,021.64',
      'Margin: $3,309.56 (2.75 % of sale)',
      'Markup: 2.83 % of cost',
      'Per lb: $0.0802',
      'Floor: 5.00 % of sale',
    ]);
  });

  it('[R10] says why there is none', () => {
    expect(marginFigures(marginOfSale({ ...sold, allocations: [] }, new Map()), 0)).toEqual({
      figures: [],
      note: 'Not known: line 1 is not yet covered by purchases.',
    });
  });
});

describe('credit in words', () => {
  const view = creditOf(
    { creditLimit: cents(1_000), creditHold: true },
    { receivables: [paperOf('i', { kind: 'invoice', amount: 1_500 })], orders: [], products: new Map() },
  );

  it('[R15] counts up to the exposure and names what is over the limit', () => {
    const { figures, note } = creditFigures(view, sold, rights('manager'), 'As of now.');
    expect(said(figures)).toEqual([
      'Open receivables: $15.00',
      'Shipped, not billed: $0.00',
      'Open orders with this one: $0.00',
      'Less cash not applied: $0.00',
      'Exposure: $15.00',
      'Limit: $10.00',
      'Over the limit by: $5.00',
      'Credit: On hold',
    ]);
    expect(note).toBe('As of now.');
  });

  it('[R15] says that somebody who sees one desk counts only what that desk is owed', () => {
    expect(creditFigures(view, sold, rights('broker'), 'As of now.').note).toBe(
      'As of now. It counts what you may see; the server counts everything.',
    );
  });

  it('[R15] tells nothing to somebody who may not see what customers owe', () => {
    const told = creditFigures(view, sold, rights('field'), 'As of now.');
    expect(told.figures).toEqual([]);
    expect(told.note).not.toMatch(/\d/u);
  });
});

describe('what an approval is asked for with', () => {
  const needs: readonly Need[] = [{ permission: 'orders:approve_credit', isNew: true }];

  it('names who may approve, or where the reason goes', () => {
    expect(askedFor(needs, sold, rights('broker'), true)).toBe(
      'This sale needs an approval: the customer is over the credit limit with it, or on hold. Your role may not approve that; save it as an offer and ask somebody with the role Manager.',
    );
    expect(askedFor(needs, sold, rights('manager'), false)).toBe(
      'Once it is agreed, this sale needs an approval: the customer is over the credit limit with it, or on hold. You may approve it: say why in "Reason".',
    );
    expect(askedFor([{ permission: 'orders:approve_credit', isNew: false }], sold, rights('broker'), true)).toBeUndefined();
  });
});
