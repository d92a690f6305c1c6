/** How the margin of a deal is shared: a versioned plan with its shares, or a distribution posted from one. */
import { type DocumentOf, defineEntity } from '../entity/entity.ts';
import { choice, date, instant, integer, lines, money, percent, pounds, price, ref, text } from '../entity/field.ts';

export const commissionKinds = { plan: 'Plan', distribution: 'Distribution' } as const;
export const commissionBases = {
  gross_margin: 'Gross margin',
  net_margin: 'Net margin',
  sale: 'Sale amount',
  per_lb: 'Per pound',
  per_cwt: 'Per cwt',
  per_load: 'Per load',
} as const;
const signed = { least: -1_000_000_000_000 } as const;

export const commission = defineEntity({
  noun: 'commission',
  collection: 'commissions',
  label: 'Commission',
  labels: 'Commissions',
  title: 'name',
  fields: {
    kind: choice('Kind of commission', commissionKinds, { required: true, index: true }),
    name: text('Name', { required: true, index: true, max: 300 }),
    planId: ref('Plan', 'commissions', { onDelete: 'protect', where: { kind: 'plan' } }),
    planVersion: integer('Plan version', { least: 1, hint: 'Frozen in the distribution' }),
    fromOn: date('From', { hint: 'The rates hold from this date' }),
    toOn: date('Until', {}),
    stage: choice(
      'Stage',
      { draft: 'Draft', approved: 'Approved', posted: 'Posted', paid: 'Paid', reversed: 'Reversed', retired: 'Retired' },
      {},
    ),
    basis: choice('Basis', commissionBases, {}),
    rate: percent('Rate', { most: 10_000, hint: 'Percent of the basis' }),
    ratePrice: price('Rate in money', { hint: 'Per lb, cwt or load' }),
    paidOn: choice('Paid when', { invoiced: 'Invoiced', collected: 'Collected' }, {}),
    partyId: ref('Customer or supplier', 'parties', { hint: 'Plans: only for deals with this party' }),
    orderId: ref('Order', 'orders', { index: true, onDelete: 'protect' }),
    receivableId: ref('Invoice', 'receivables', { onDelete: 'protect' }),
    reversesId: ref('Reverses', 'commissions', { onDelete: 'protect', where: { kind: 'distribution' } }),
    postedAt: instant('Posted', {}),
    basisWeight: pounds('Weight of the basis', signed),
    basisAmount: money('Amount of the basis', signed),
    accrued: money('Accrued', signed),
    payable: money('Payable', signed),
    paid: money('Paid', signed),
    reversed: money('Reversed', signed),
    shares: lines(
      'Shares',
      {
        partyId: ref('Payee', 'parties', { required: true }),
        role: choice(
          'Role in the deal',
          {
            originator: 'Originator',
            buyer: 'Buy side',
            seller: 'Sell side',
            closer: 'Closer',
            finder: 'Finder',
            override: 'Override',
            house: 'House',
            reserve: 'Reserve',
          },
          { required: true },
        ),
        share: percent('Share', { required: true, most: 10_000 }),
        amount: money('Amount', signed),
      },
      { max: 50, hint: 'Together exactly 100 percent' },
    ),
    entries: lines(
      'Entries',
      {
        kind: choice('Kind of entry', { accrued: 'Accrued', payable: 'Payable', paid: 'Paid', reversed: 'Reversed' }, { required: true }),
        partyId: ref('Payee', 'parties', { required: true }),
        amount: money('Amount', { required: true, ...signed }),
        onDate: date('Date', { required: true }),
        note: text('Note', { max: 500 }),
      },
      { max: 2000 },
    ),
    stageReason: text('Reason', { max: 500, hint: 'Why it was posted or reversed; kept in the audit' }),
    notes: text('Notes', { max: 20_000, long: true }),
  },
  reason: 'stageReason',
  changes: [{ added: 'stageReason' }],
  together: [
    ['basis', 'rate', 'ratePrice'],
    ['basisWeight', 'basisAmount'],
    ['shares.share', 'shares.amount'],
  ],
  indexes: [['kind', 'name']],
  views: [
    { name: 'commission_plans', where: { kind: 'plan' } },
    { name: 'commission_distributions', where: { kind: 'distribution' } },
    { name: 'commission_shares', lines: 'shares' },
    { name: 'commission_entries', lines: 'entries' },
  ],
});
export type Commission = DocumentOf<typeof commission>;
