/**
 * What stands open between us and a partner. A payment account is the record that the replaced system called accounts
 * receivable: whom to ask about payments and on which terms. Invoices, credits, payments and claims are the ledger.
 */
import { type DocumentOf, defineEntity } from '../entity/entity.ts';
import { choice, date, flag, instant, integer, lines, money, pounds, price, ref, refs, text } from '../entity/field.ts';
import { paymentMethods, terms, termsAnchors } from '../vocabulary/partner.ts';
import { currencies, priceUnits } from '../vocabulary/trade.ts';

export const receivableKinds = {
  payment_account: 'Payment account',
  invoice: 'Invoice',
  credit: 'Credit memo',
  adjustment: 'Adjustment',
  payment: 'Payment',
  claim: 'Claim',
} as const;

const account = {
  kind: choice('Kind of receivable', receivableKinds, { required: true, index: true }),
  name: text('Name', {
    required: true,
    numbered: true,
    index: true,
    max: 850,
    aliases: ['cr7c4_names', 'Names', 'invoice_number', 'claim_number', 'Number', 'reference_number'],
    hint: 'Name of the payment account; number of the invoice, credit, payment or claim. Our own invoices and credits get the next of their series when it is left empty',
  }),
  partyId: ref('Party', 'parties', { index: true, onDelete: 'protect', aliases: ['Customer', 'Supplier'] }),
  email: text('E-mail', { max: 100, format: 'email', aliases: ['cr7c4_email', 'Email'] }),
  phone: text('Phone', { max: 100, format: 'phone', aliases: ['cr7c4_phone'] }),
  termsText: text('Terms as written', {
    max: 100,
    aliases: ['cr7c4_terms', 'Terms'],
    hint: 'Free text of the replaced system, such as Net 30',
  }),
  agreedTerms: choice('Agreed terms', terms, { aliases: ['payment_terms'] }),
  termsAnchor: choice('Terms run from', termsAnchors, {}),
  notes: text('Notes', { max: 20_000, long: true }),
} as const;

const ledger = {
  direction: choice('Direction', { receivable: 'They owe us', payable: 'We owe them' }, { aliases: ['claim_type'] }),
  stage: choice(
    'Stage',
    {
      draft: 'Draft',
      sent: 'Sent',
      part_paid: 'Part paid',
      paid: 'Paid',
      pending: 'Pending',
      approved: 'Approved',
      denied: 'Denied',
      settled: 'Settled',
      cancelled: 'Cancelled',
    },
    {},
  ),
  orderId: ref('Order', 'orders', { onDelete: 'protect', aliases: ['sales_order', 'purchase_order'] }),
  issuedOn: date('Date', { index: true, aliases: ['invoice_date', 'claim_date', 'payment_date', 'Issued on'] }),
  shippedOn: date('Ship date', {}),
  receivedOn: date('Receipt date', {}),
  acceptedOn: date('Acceptance date', {}),
  dueOn: date('Due date', { aliases: ['Due'] }),
  promisedOn: date('Promised date', {}),
  currency: choice('Currency', currencies, { default: 'usd' }),
  exchangeRate: integer('Exchange rate', { least: 1, default: 1_000_000, hint: 'Millionths: base currency for one of this currency' }),
  amount: money('Amount', { aliases: ['total_amount', 'Total'] }),
  tax: money('Tax', { aliases: ['tax_amount'] }),
  appliedAmount: money('Applied', { computed: true }),
  openAmount: money('Open', { computed: true, least: -1_000_000_000_000, aliases: ['outstanding_amount'] }),
  disputed: flag('Disputed', {}),
  disputeReason: text('Reason of the dispute', { max: 1000 }),
  method: choice('Payment method', paymentMethods, { aliases: ['method'] }),
  reference: text('Payment reference', { max: 200, aliases: ['Reference'] }),
  lines: lines(
    'Lines',
    {
      productId: ref('Product', 'products', {}),
      orderLineId: text('Order line', { max: 36 }),
      description: text('Description', { required: true, max: 500 }),
      cases: integer('Cases', {}),
      netWeight: pounds('Net weight', {}),
      price: price('Price', {}),
      priceUnit: choice('Price unit', priceUnits, {}),
      amount: money('Amount', { required: true, least: -1_000_000_000_000 }),
    },
    {},
  ),
  applications: lines(
    'Applications',
    {
      receivableId: ref('Applied to', 'receivables', { required: true }),
      amount: money('Amount', { required: true }),
      appliedOn: date('Applied on', {}),
    },
    { hint: 'Payments and credits: which invoices they pay, and how much of each' },
  ),
} as const;

const claim = {
  fault: choice(
    'Kind of fault',
    {
      short_weight: 'Short weight',
      short_count: 'Short count',
      temperature: 'Temperature',
      off_condition: 'Off condition',
      wrong_spec: 'Wrong specification or fat',
      late: 'Late',
      label_date: 'Label or date',
      damage: 'Damage',
      price: 'Price',
      other: 'Other',
    },
    {},
  ),
  noticeDueAt: instant('Notice due', { hint: 'End of the time in which the fault must be reported' }),
  fileDueOn: date('Claim to be filed by', {}),
  claimedAmount: money('Claimed', {}),
  approvedAmount: money('Approved', {}),
  settledAmount: money('Settled', {}),
  claimedWeight: pounds('Claimed weight', {}),
  counterClaimId: ref('Counter-claim', 'receivables', { where: { kind: 'claim' } }),
  lotIds: refs('Lots', 'lots', {}),
  exceptionOnPod: flag('Exception noted on the POD', {}),
  description: text('Description', { max: 5000, long: true, aliases: ['Reason'] }),
  resolvedOn: date('Resolved', { aliases: ['resolution_date'] }),
  resolution: text('Resolution', { max: 5000, long: true, aliases: ['resolution_notes'] }),
  assignedTo: text('Assigned to', { max: 36 }),
} as const;

export const receivable = defineEntity({
  noun: 'receivable',
  collection: 'receivables',
  label: 'Receivable',
  labels: 'Receivables',
  title: 'name',
  reason: 'disputeReason',
  fields: { ...account, ...ledger, ...claim },
  together: [
    ['currency', 'exchangeRate'],
    ['lines.cases', 'lines.netWeight', 'lines.price', 'lines.priceUnit', 'lines.amount'],
  ],
  indexes: [
    ['kind', 'name'],
    ['kind', 'issuedOn'],
  ],
  views: [
    { name: 'payment_accounts', where: { kind: 'payment_account' } },
    { name: 'invoices', where: { kind: 'invoice' } },
    { name: 'invoice_lines', where: { kind: 'invoice' }, lines: 'lines' },
    { name: 'credits', where: { kind: 'credit' } },
    { name: 'payments', where: { kind: 'payment' } },
    { name: 'claims', where: { kind: 'claim' } },
    { name: 'receivable_applications', lines: 'applications' },
  ],
});
export type Receivable = DocumentOf<typeof receivable>;
