/** Rules of lots: dates in order, packing list against the recorded weight. */
import { type Problem, hard, soft } from '../entity/problem.ts';
import { defineNoun } from '../record/noun.ts';
import { dayOf } from '../record/trash.ts';
import { formatWeight } from '../units/weight.ts';
import { weight } from '../units/units.ts';
import { type Lot, lot } from './lot.entity.ts';

export function checkLot(after: Lot): Problem[] {
  const problems: Problem[] = [];
  if (after.packedOn !== '' && after.useByOn !== undefined && after.useByOn < after.packedOn) {
    problems.push(
      hard(
        'useByOn',
        'before_pack_date',
        `The use-by date ${after.useByOn} is before the pack date ${after.packedOn}; correct one of them.`,
        'D12',
      ),
    );
  }
  if (after.stage === 'on_hold' && after.holdReason === undefined)
    problems.push(soft('holdReason', 'no_reason', 'Say why the lot is on hold.', 'D12'));
  if (after.containedInId === after.id || after.parentLotIds?.includes(after.id)) {
    problems.push(hard('parentLotIds', 'own_parent', 'A lot cannot be made from itself or contained in itself; choose another.', 'D12'));
  }
  const serials = after.serials ?? [];
  if (serials.length > 0 && serials.every((serial) => serial.weight !== undefined)) {
    const sum = weight(serials.reduce((total, serial) => total + (serial.weight ?? 0), 0));
    if (after.netWeight !== undefined && after.netWeight !== sum) {
      problems.push(
        soft('netWeight', 'sum_of_cases', `The cases weigh ${formatWeight(sum)} together, the lot ${formatWeight(after.netWeight)}.`, 'R6'),
      );
    }
    if (after.cases !== undefined && after.cases !== serials.length) {
      problems.push(soft('cases', 'case_count', `The lot has ${after.cases} cases, its list ${serials.length}.`, 'R6'));
    }
  }
  return problems;
}

export const lotNoun = defineNoun(lot, { check: checkLot, transactionOn: dayOf('packedOn') });
