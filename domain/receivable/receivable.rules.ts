/** Rules of receivables: what a payment may be applied to, and which dates and amounts fit together. */
import { type Company, usualCompany } from '../access/company.ts';
import type { AnyDocument } from '../entity/entity.ts';
import { type Problem, hard, soft } from '../entity/problem.ts';
import { dueBy } from '../vocabulary/due-date.ts';
import { defineNoun } from '../record/noun.ts';
import { dayOf } from '../record/trash.ts';
import { type Series, checkNumber } from '../record/series.ts';
import { cents } from '../units/units.ts';
import { type Receivable, receivable } from './receivable.entity.ts';

/** Largest amount of money in one field; 500 of them still add up exactly. */
const AMOUNT_MAX = 1_000_000_000_000;
const isAmount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && Math.abs(value) <= AMOUNT_MAX;

/** What a payment or credit has applied and what is left of it. The open amount of an invoice follows from all payments. */
function deriveReceivable(document: AnyDocument): AnyDocument {
  if (document['kind'] !== 'payment' && document['kind'] !== 'credit') return document;
  const { appliedAmount: _, openAmount: __, ...rest } = document;
  const rows: unknown = rest['applications'] ?? [];
  if (!Array.isArray(rows) || rows.length > 500) return rest;
  const amounts = rows.map((row: { amount?: unknown } | null) => row?.amount);
  if (!amounts.every(isAmount)) return rest;
  const applied = cents(amounts.reduce((sum, amount) => sum + amount, 0));
  return { ...rest, appliedAmount: applied, ...(isAmount(rest['amount']) ? { openAmount: cents(rest['amount'] - applied) } : {}) };
}

function checkApplications(after: Receivable): Problem[] {
  const problems: Problem[] = [];
  const rows = after.applications ?? [];
  if (rows.length > 0 && after.kind !== 'payment' && after.kind !== 'credit') {
    problems.push(hard('applications', 'not_applicable', 'Only payments and credits are applied to invoices.', 'D11'));
  }
  if ((after.openAmount ?? 0) < 0 && (after.kind === 'payment' || after.kind === 'credit')) {
    problems.push(
      hard('applications', 'over_applied', 'More is applied than the amount of the payment; lower one of the applications.', 'D11'),
    );
  }
  if (rows.some((row) => row.receivableId === after.id))
    problems.push(hard('applications', 'own_application', 'A payment cannot be applied to itself.', 'D11'));
  return problems;
}

const received = { direction: 'payable' } as const;
/** Papers that we issue; what we receive has the number that its sender gave it. */
const receivableSeries = [
  { key: 'invoices', label: 'Invoices', field: 'name', where: { kind: 'invoice' }, except: received, prefix: 'INV-', width: 6 },
  { key: 'credits', label: 'Credit memos', field: 'name', where: { kind: 'credit' }, except: received, prefix: 'CR-', width: 6 },
] as const satisfies readonly Series[];

/** When an invoice is due by its terms, as far as its dates say it. [R3] */
export const dueOfInvoice = (
  { agreedTerms, termsAnchor, issuedOn, shippedOn, receivedOn, acceptedOn }: Receivable,
  { options }: Pick<Company, 'options'>,
): string | undefined =>
  dueBy(
    { terms: agreedTerms, anchor: termsAnchor },
    {
      invoice: issuedOn,
      ...(shippedOn === undefined ? {} : { ship: shippedOn }),
      ...(receivedOn === undefined ? {} : { receipt: receivedOn }),
      ...(acceptedOn === undefined ? {} : { acceptance: acceptedOn }),
    },
    options,
  )?.on;

function checkDue(after: Receivable, company: Pick<Company, 'options'>): Problem[] {
  const due = after.kind === 'invoice' ? dueOfInvoice(after, company) : undefined;
  if (due === undefined || due === after.dueOn) return [];
  return [
    soft(
      'dueOn',
      'other_due_date',
      after.dueOn === undefined
        ? `By its terms it is due on ${due}; fill it in.`
        : `By its terms it is due on ${due}, not on ${after.dueOn}; right only if something else was agreed.`,
      'R3',
    ),
  ];
}

export function checkReceivable(after: Receivable, before?: Receivable, company: Pick<Company, 'options'> = usualCompany): Problem[] {
  const { label } = receivable.fields.name;
  const problems = [
    ...checkNumber(receivableSeries, { field: 'name', label }, after, before),
    ...checkApplications(after),
    ...checkDue(after, company),
  ];
  const isAccount = after.kind === 'payment_account';
  if (isAccount && after.email === undefined && after.phone === undefined) {
    problems.push(soft('email', 'unreachable', 'The payment account has neither an e-mail address nor a phone number.', 'D5'));
  }
  if (!isAccount && after.amount === undefined && after.kind !== 'claim')
    problems.push(hard('amount', 'required', 'Amount is required; fill it in.', 'D11'));
  if (!isAccount && after.issuedOn === '') problems.push(hard('issuedOn', 'required', 'Date is required; fill it in.', 'D11'));
  if (!isAccount && after.partyId === '') problems.push(soft('partyId', 'missing_side', 'No party is named yet; choose one.', 'D5'));
  if (after.dueOn !== undefined && after.issuedOn !== '' && after.dueOn < after.issuedOn) {
    problems.push(
      soft(
        'dueOn',
        'due_before_issue',
        `The due date ${after.dueOn} is before the date ${after.issuedOn}; right only for prepayment.`,
        'D11',
      ),
    );
  }
  if (after.kind === 'claim' && after.claimedAmount !== undefined && (after.approvedAmount ?? 0) > after.claimedAmount) {
    problems.push(soft('approvedAmount', 'approved_over_claimed', 'More is approved than was claimed; check the amounts.', 'D11'));
  }
  return problems;
}

/** Invoices with the same number of the same party. [R30] */
export function sameNumber(candidate: Receivable, others: readonly Receivable[]): Receivable[] {
  const key = (document: Receivable): string => document.name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return others.filter(
    (other) =>
      other.id !== candidate.id &&
      other.kind === candidate.kind &&
      other.kind !== 'payment_account' &&
      other.partyId === candidate.partyId &&
      key(other) === key(candidate),
  );
}

export const receivableNoun = defineNoun(receivable, {
  check: checkReceivable,
  derive: deriveReceivable,
  series: receivableSeries,
  transactionOn: dayOf('issuedOn'),
});
