import { describe, expect, it } from 'vitest';
import { companyFrom } from '../../../domain/access/company.ts';
import { type Role, rightsOf } from '../../../domain/access/rights.ts';
import { seedRoles } from '../../../domain/access/seeds.ts';
import type { AnyDocument } from '../../../domain/entity/entity.ts';
import { looksOfChange } from '../../../domain/order/order-approval.rules.ts';
import type { Order } from '../../../domain/order/order.entity.ts';
import { orderNoun } from '../../../domain/order/order.rules.ts';
import { partyNoun } from '../../../domain/party/party.rules.ts';
import { type Judging, approve } from '../../../domain/record/approval.ts';
import { type Around, NOTHING_AROUND, isFoundBy, knownUntil, lookAround } from '../../../domain/record/around.ts';
import { minimalDocument } from '../sample.ts';
import { orderOf, paperOf, purchase, sale } from './deals.ts';

const viewer = { accountId: 'me', desks: ['east'] };
const grantsOf = (name: string): Role['grants'] => seedRoles.find((role) => role.name === name)?.grants ?? [];
const approvers = { 'orders:approve_credit': ['Administrator', 'Manager'] };
const broker = rightsOf(grantsOf('broker'), viewer, approvers);
const manager = rightsOf(grantsOf('manager'), viewer);

type Kept = Readonly<Record<string, readonly AnyDocument[]>>;
const customer = (fields: Record<string, unknown> = {}): AnyDocument => ({
  ...minimalDocument(partyNoun, 'lone-star'),
  roles: ['customer'],
  ...fields,
});
/** What both sides do: look, and look again at what was found. */
const around = (kept: Kept, after: Order, before?: Order): Promise<Around> =>
  lookAround(
    (known) => looksOfChange(after, before, known),
    async (looks) => looks.map((look) => (kept[look.collection] ?? []).filter((one) => isFoundBy(look, one))),
  );
async function judged(kept: Kept, after: Order, before?: Order, more: Partial<Judging> = {}) {
  const found = await around(kept, after, before);
  return approve(orderNoun, before, after, {
    rights: broker,
    around: more.at === undefined ? { ...found, asOf: '2026-09-10' } : found,
    ...more,
  });
}
const outcome = async (...args: Parameters<typeof judged>): Promise<string> => {
  const approved = await judged(...args);
  return approved.ok ? 'ok' : `${approved.problem.code} ${approved.problem.field}`.trim();
};
const agreed = (more: Record<string, unknown> = {}): Order => sale({ stage: 'agreed', ...more });
const floor = (points: number) => ({ company: companyFrom({ settings: { margin_floor_basis_points: points } }) });

describe('[R10] a sale below the margin floor', () => {
  const kept: Kept = { orders: [purchase()] };

  it('needs an approval and a reason once it is agreed, and names no number', async () => {
    const refused = await judged(kept, agreed(), undefined, floor(276));
    expect(refused).toMatchObject({ ok: false, problem: { code: 'approval_needed' } });
    expect(refused.ok ? '' : refused.problem.message).toBe(
      'Your role does not allow this: Let an order through although its margin is below the floor. Ask somebody who may approve it.',
    );
    expect(await outcome(kept, agreed(), undefined, { ...floor(276), rights: manager })).toBe('reason_needed stageReason');
    expect(await outcome(kept, agreed({ stageReason: 'to keep the account' }), undefined, { ...floor(276), rights: manager })).toBe('ok');
    expect(await outcome(kept, agreed(), undefined, floor(275))).toBe('ok');
    expect(await outcome(kept, sale(), undefined, floor(5_000))).toBe('ok');
  });

  it('is a sale at a loss where the company has set no floor', async () => {
    const lines = [{ lineId: 's', description: 'Trim', netWeight: 4_128_000, price: 28_000, priceUnit: 'lb' }];
    expect(await outcome(kept, agreed({ lines }))).toBe('approval_needed');
  });

  it('is not asked for again unless it becomes worse, and never for weights that come in', async () => {
    const before = agreed();
    const cheaper = [{ lineId: 's', description: 'Trim', netWeight: 4_128_000, price: 29_100, priceUnit: 'lb' }];
    const dearer = [{ lineId: 's', description: 'Trim', netWeight: 4_128_000, price: 29_160, priceUnit: 'lb' }];
    const lighter = [{ lineId: 's', description: 'Trim', netWeight: 4_000_000, price: 29_150, priceUnit: 'lb' }];
    expect(await outcome(kept, agreed({ notes: 'call on Friday' }), before, floor(300))).toBe('ok');
    expect(await outcome(kept, agreed({ lines: dearer }), before, floor(300))).toBe('ok');
    expect(await outcome(kept, agreed({ lines: cheaper }), before, floor(300))).toBe('approval_needed');
    expect(await outcome(kept, agreed({ lines: lighter, stage: 'weights_in' }), before, floor(300))).toBe('ok');
  });

  it('is judged when its purchases are named later, and never guessed before', async () => {
    const open = agreed({ allocations: [] });
    expect(await outcome(kept, open, undefined, floor(5_000))).toBe('ok');
    expect(await outcome(kept, agreed(), open, floor(5_000))).toBe('approval_needed');
    expect(await outcome({}, agreed(), undefined, floor(5_000))).toBe('ok');
    expect(await outcome(kept, agreed({ agency: true }), undefined, floor(5_000))).toBe('ok');
  });
});

describe('[R15] a sale beyond the credit of its customer', () => {
  const limit = customer({ creditLimit: 12_033_120 + 1_000_00 });
  const owed = paperOf('i-1', { kind: 'invoice', amount: 1_000_01, modifiedAt: '2026-09-09' });
  const kept: Kept = { orders: [purchase()], parties: [limit], receivables: [owed] };

  it('needs an approval and a reason, and names who may give it', async () => {
    const refused = await judged(kept, agreed());
    expect(refused.ok ? '' : refused.problem.message).toBe(
      'Your role does not allow this: Let an order through although the customer is over the credit limit. Ask somebody with the role Administrator or Manager.',
    );
    expect(await outcome(kept, agreed(), undefined, { rights: manager })).toBe('reason_needed stageReason');
    expect(await outcome(kept, agreed({ stageReason: 'paid by wire today' }), undefined, { rights: manager })).toBe('ok');
    expect(await outcome({ ...kept, receivables: [] }, agreed())).toBe('ok');
    expect(await outcome({ ...kept, receivables: [] }, agreed({ customerId: '' }))).toBe('ok');
    expect(await outcome({ parties: [customer({ creditHold: true })] }, agreed())).toBe('approval_needed');
  });

  it('counts the other sales of the customer at their largest weight, but not itself twice', async () => {
    const product = { ...minimalDocument(partyNoun, 'trim'), poundsPerCaseMax: 6_560 };
    const line = {
      lineId: 'l',
      description: 'Trim',
      productId: 'trim',
      cases: 960,
      orderedWeight: 6_000_000,
      price: 16_100,
      priceUnit: 'lb',
    };
    const other = orderOf('so-2', { kind: 'sale', stage: 'confirmed', customerId: 'lone-star', lines: [line] });
    const up = (creditLimit: number): Kept => ({
      orders: [purchase(), other, agreed()],
      products: [product],
      parties: [customer({ creditLimit })],
    });
    expect(await outcome(up(12_033_120 + 10_139_136), agreed())).toBe('ok');
    expect(await outcome(up(12_033_120 + 10_139_135), agreed())).toBe('approval_needed');
  });

  it('is asked anew when it becomes larger or goes to another customer, and not for what happens on the road', async () => {
    const before = agreed();
    const heavier = {
      lines: [{ lineId: 's', description: 'Trim', netWeight: 4_128_100, price: 29_150, priceUnit: 'lb' }],
      allocations: [],
    };
    const lighter = { ...heavier, lines: [{ lineId: 's', description: 'Trim', netWeight: 4_127_000, price: 29_150, priceUnit: 'lb' }] };
    expect(await outcome(kept, agreed({ sealNumber: '7' }), before)).toBe('ok');
    expect(await outcome(kept, agreed(lighter), before)).toBe('ok');
    expect(await outcome(kept, agreed(heavier), before)).toBe('approval_needed');
    expect(await outcome(kept, agreed({ ...heavier, stage: 'weights_in' }), agreed({ stage: 'loaded' }))).toBe('ok');
    expect(await outcome(kept, agreed(), agreed({ customerId: 'another' }))).toBe('approval_needed');
    expect(await outcome(kept, agreed(), agreed({ stage: 'offer' }))).toBe('approval_needed');
  });

  it('says until when the device that looked knew everything, and only then', async () => {
    const looked = await judged({ ...kept, receivables: [] }, agreed());
    expect(looked.ok && looked.after['creditAsOf']).toBe('2026-09-10');
    const untouched = await judged(kept, agreed({ sealNumber: '7' }), agreed());
    expect(untouched.ok && untouched.after['creditAsOf']).toBeUndefined();
  });
});

describe('[R15] what others did meanwhile', () => {
  const at = '2026-09-12';
  const limit = customer({ creditLimit: 12_033_120, modifiedAt: '2026-09-01' });
  const owed = paperOf('i-1', { kind: 'invoice', amount: 1, modifiedAt: '2026-09-11' });
  const kept: Kept = { parties: [limit], receivables: [owed] };
  const knownBy = (asOf: string) => agreed({ creditAsOf: asOf, allocations: [] });

  it('flags the order instead of undoing it, where the device could not know', async () => {
    const flagged = await judged(kept, knownBy('2026-09-10'), undefined, { at });
    expect(flagged.ok && flagged.after['creditFlaggedAt']).toBe(at);
    expect(await outcome(kept, knownBy('2026-09-11'), undefined, { at })).toBe('approval_needed');
    expect(await outcome(kept, agreed({ allocations: [] }), undefined, { at })).toBe('approval_needed');
    const fine = await judged({ ...kept, receivables: [] }, knownBy('2026-09-10'), undefined, { at });
    expect(fine.ok && fine.after).not.toHaveProperty('creditFlaggedAt');
  });

  it('stays flagged until it is approved, paid, or within the limit again; nobody else takes the flag away or sets it', async () => {
    const before = agreed({ allocations: [], creditFlaggedAt: '2026-09-11' });
    const flagAfter = async (now: Kept, more: Record<string, unknown>, judging: Partial<Judging> = { at }) => {
      const approved = await judged(now, agreed({ allocations: [], ...more }), before, judging);
      return approved.ok ? approved.after['creditFlaggedAt'] : approved.problem.code;
    };
    expect(await flagAfter(kept, { sealNumber: '7' })).toBe('2026-09-11');
    expect(await flagAfter(kept, { sealNumber: '7' }, {})).toBe('2026-09-11');
    expect(await flagAfter(kept, { stageReason: 'he pays on Friday' })).toBe('2026-09-11');
    expect(await flagAfter(kept, { stageReason: 'he pays on Friday' }, { at, rights: manager })).toBeUndefined();
    expect(await flagAfter({ ...kept, receivables: [] }, { sealNumber: '7' })).toBeUndefined();
    expect(await flagAfter(kept, { stage: 'paid' })).toBeUndefined();
    const forged = await judged({}, agreed({ creditFlaggedAt: '2020-01-01' }), undefined, { at });
    expect(forged.ok && forged.after).not.toHaveProperty('creditFlaggedAt');
  });
});

it('[R15] a rule that looks around asks for nothing where it has nothing to judge', () => {
  expect(looksOfChange(sale(), undefined, NOTHING_AROUND)).toEqual([]);
  expect(looksOfChange(purchase(), undefined, NOTHING_AROUND)).toEqual([]);
  expect(looksOfChange(agreed({ agency: true }), undefined, NOTHING_AROUND)).toEqual([]);
  expect(looksOfChange(agreed({ notes: 'x' }), agreed(), NOTHING_AROUND)).toEqual([]);
  const late: Around = { found: () => [paperOf('late', { modifiedAt: '2026-09-03' })] };
  const look = { collection: 'receivables', by: 'id', value: 'late' };
  expect([knownUntil(late, '2026-09-02').found(look), knownUntil(late, '2026-09-03').found(look)].map((found) => found.length)).toEqual([
    0, 1,
  ]);
});
