import { describe, expect, it } from 'vitest';
import type { Receivable } from '../../../domain/receivable/receivable.entity.ts';
import { receivableNoun, sameNumber } from '../../../domain/receivable/receivable.rules.ts';
import { made, problemCodes } from '../sample.ts';

const codes = (draft: Record<string, unknown>): string[] => problemCodes(receivableNoun, draft);
const payment = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  kind: 'payment',
  name: 'Wire 4471',
  partyId: 'party-1',
  issuedOn: '2026-09-04',
  amount: 100_000,
  ...more,
});
const applied = (...amounts: number[]): Record<string, unknown> => ({
  applications: amounts.map((amount, i) => ({ lineId: `a${i}`, receivableId: `invoice-${i}`, amount })),
});

describe('payment accounts', () => {
  it('[D1] need only a name, as in the replaced system; [D5] a way to reach them is asked for', () => {
    expect(codes({ kind: 'payment_account', name: ' ' })).toContain('hard name required');
    expect(codes({ kind: 'payment_account', name: 'Cargill AR' })).toEqual(['soft email unreachable']);
    expect(codes({ kind: 'payment_account', name: 'Cargill AR', email: 'ar@cargill.example', termsText: 'Net 30' })).toEqual([]);
  });

  it('[D5] without a way to be reached warn', () => {
    expect(codes({ kind: 'payment_account', name: 'Cargill AR', phone: '+1 620 555 0100' })).toEqual([]);
  });
});

describe('[R3] an invoice', () => {
  const invoice = (more: Record<string, unknown>): Record<string, unknown> =>
    payment({ kind: 'invoice', agreedTerms: 'net_14', termsAnchor: 'ship', shippedOn: '2026-09-10', ...more });

  it.each([
    ['the date of its terms', { dueOn: '2026-09-24' }, []],
    ['another one', { dueOn: '2026-09-30' }, ['soft dueOn other_due_date']],
    ['none yet', {}, ['soft dueOn other_due_date']],
    ['one that nothing can be said of, because the ship date is not known', { shippedOn: undefined, dueOn: '2026-12-24' }, []],
  ])('[R3] has %s', (_, more, expected) => {
    expect(codes(invoice(more))).toEqual(expected);
  });
});

describe('[D11] the ledger', () => {
  it.each([
    ['nothing applied', {}, 0, 100_000],
    ['part', applied(30_000, 20_000), 50_000, 50_000],
    ['all', applied(100_000), 100_000, 0],
  ])('[D11] a payment knows what is left: %s', (_, more, appliedAmount, openAmount) => {
    expect(made(receivableNoun, payment(more))).toMatchObject({ appliedAmount, openAmount });
  });

  it.each([
    [payment(applied(60_000, 50_000)), ['hard applications over_applied']],
    [payment({ applications: [{ lineId: 'a', receivableId: 'receivable-1', amount: 1 }] }), ['hard applications own_application']],
    [payment({ kind: 'invoice', ...applied(1) }), ['hard applications not_applicable']],
    [payment({ amount: undefined }), ['hard amount required']],
    [payment({ issuedOn: '' }), ['hard issuedOn required']],
    [payment({ partyId: '' }), ['soft partyId missing_side']],
    [payment({ kind: 'invoice', dueOn: '2026-09-01' }), ['soft dueOn due_before_issue']],
    [payment({ kind: 'claim', amount: undefined, claimedAmount: 100, approvedAmount: 101 }), ['soft approvedAmount approved_over_claimed']],
    [payment({ amount: -1 }), ['hard amount too_small']],
  ])('[D11] %j', (draft, expected) => {
    expect(codes(draft)).toEqual(expected);
  });

  it('[D11] deriving bears any shape', () => {
    for (const applications of [
      null,
      'x',
      [null],
      [{ amount: 'x' }],
      [{ amount: Number.MAX_SAFE_INTEGER }, { amount: Number.MAX_SAFE_INTEGER }],
      Array(501).fill({ amount: 1 }),
    ]) {
      expect(() => receivableNoun.derive?.({ kind: 'payment', amount: 1, applications } as never)).not.toThrow();
    }
  });
});

it('[R30] the same invoice number of the same party is a likely double', () => {
  const first = made(receivableNoun, payment({ kind: 'invoice', name: 'INV-1001' })) as Receivable;
  const again = { ...first, id: 'receivable-2', name: 'inv 1001' };
  expect(sameNumber(first, [first, again, { ...again, partyId: 'party-2' }, { ...again, kind: 'claim' }])).toEqual([again]);
});
