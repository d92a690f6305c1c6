/** Rules of commissions: shares are a whole, distributions add up to the cent (R13). */
import { type Problem, hard, soft } from '../entity/problem.ts';
import { type Need, defineNoun } from '../record/noun.ts';
import { dayOf } from '../record/trash.ts';
import { formatPercent } from '../units/money.ts';
import { type Cents, basisPoints } from '../units/units.ts';
import { splitProportionally } from '../units/split.ts';
import { type Commission, commission } from './commission.entity.ts';

/** 100 percent in basis points. */
const WHOLE = 10_000;

/** The accrued amount in the proportions of the shares; always adds up, ties go to the earlier share. [R13] */
export const splitAccrued = (accrued: Cents, shares: readonly { readonly share: number }[]): Cents[] =>
  splitProportionally(
    accrued,
    shares.map((entry) => entry.share),
  );

export function checkCommission(after: Commission): Problem[] {
  const problems: Problem[] = [];
  const shares = after.shares ?? [];
  const settled = after.stage !== undefined && after.stage !== 'draft' && after.stage !== 'retired';
  const sum = shares.reduce((total, entry) => total + entry.share, 0);
  if (shares.length > 0 && sum !== WHOLE) {
    const message = `The shares add up to ${formatPercent(basisPoints(sum))}; together they must be 100.00 %.`;
    problems.push(settled ? hard('shares', 'shares_not_whole', message, 'R13') : soft('shares', 'shares_not_whole', message, 'R13'));
  }
  if (settled && shares.length === 0) problems.push(hard('shares', 'required', 'Name who gets which share.', 'R13'));
  if (after.kind === 'distribution') {
    if (after.planId === undefined || after.planVersion === undefined)
      problems.push(hard('planId', 'no_plan', 'A distribution names its plan and the version of it.', 'L8'));
    const amounts = shares.map((entry) => entry.amount);
    if (settled && after.accrued !== undefined && amounts.reduce<number>((total, amount) => total + (amount ?? 0), 0) !== after.accrued) {
      problems.push(hard('shares', 'amounts_not_whole', 'The amounts of the shares do not add up to what was accrued.', 'R13'));
    }
  }
  if (after.fromOn !== undefined && after.toOn !== undefined && after.toOn < after.fromOn) {
    problems.push(
      hard('toOn', 'ends_before_start', `The plan ends on ${after.toOn}, before it starts on ${after.fromOn}; correct one of them.`, 'D6'),
    );
  }
  if (after.reversesId === after.id) problems.push(hard('reversesId', 'own_reversal', 'A distribution cannot reverse itself.', 'D6'));
  return problems;
}

/** From here on it counts and is paid. */
const counts = (stage: Commission['stage']): boolean => stage === 'posted' || stage === 'paid';
/** Posting is approved; what is posted already needs no second approval to be paid. */
export const commissionApprovals = (after: Commission, before?: Commission): Need[] =>
  counts(after.stage) && !counts(before?.stage) ? [{ permission: 'commissions:approve_posting', isNew: true }] : [];

export const commissionNoun = defineNoun(commission, {
  check: checkCommission,
  approvals: commissionApprovals,
  transactionOn: dayOf('createdAt'),
});
