/** Economic events: what each action does to a lot's two quantities, and what an event must say to be believed. */
import { type Problem, hard } from '../entity/problem.ts';
import { defineNoun } from '../record/noun.ts';
import { type Weight, weight } from '../units/units.ts';
import { type EconomicEvent, type EventAction, event } from './event.entity.ts';

/** Effect on one quantity: of the lot, of the lot it goes to, or from the one to the other. */
export type Effect = 'increment' | 'decrement' | 'move' | 'incrementTo' | 'none';
export interface ActionRow {
  /** Rights: what we may sell. */
  readonly accounting: Effect;
  /** Custody: what stands here. */
  readonly onhand: Effect;
  readonly side: 'input' | 'output' | 'neither';
  readonly pairsWith?: EventAction;
  readonly measure: 'resource' | 'effort' | 'either';
}
const row = (
  accounting: Effect,
  onhand: Effect,
  side: ActionRow['side'],
  measure: ActionRow['measure'] = 'resource',
  pairsWith?: EventAction,
): ActionRow => ({
  accounting,
  onhand,
  side,
  measure,
  ...(pairsWith === undefined ? {} : { pairsWith }),
});

/**
 * Version 1: ValueFlows 1.0.0 as published in its vocabulary file. An event keeps the version it was recorded under,
 * because the vocabulary's own table and file disagree in places and may be settled later.
 */
const version1: Readonly<Record<EventAction, ActionRow>> = {
  produce: row('increment', 'increment', 'output'),
  consume: row('decrement', 'decrement', 'input'),
  use: row('none', 'none', 'input', 'either'),
  work: row('none', 'none', 'input', 'effort'),
  cite: row('none', 'none', 'input'),
  deliverService: row('none', 'none', 'output', 'either'),
  pickup: row('none', 'decrement', 'input', 'resource', 'dropoff'),
  dropoff: row('none', 'increment', 'output', 'resource', 'pickup'),
  accept: row('none', 'decrement', 'input', 'resource', 'modify'),
  modify: row('none', 'increment', 'output', 'resource', 'accept'),
  combine: row('none', 'decrement', 'input'),
  separate: row('none', 'increment', 'output'),
  transferAllRights: row('move', 'none', 'neither'),
  transferCustody: row('none', 'move', 'neither'),
  transfer: row('move', 'move', 'neither'),
  move: row('move', 'move', 'neither'),
  copy: row('incrementTo', 'incrementTo', 'neither'),
  raise: row('increment', 'increment', 'neither'),
  lower: row('decrement', 'decrement', 'neither'),
};
export const actionTables: Readonly<Record<number, Readonly<Record<EventAction, ActionRow>>>> = { 1: version1 };

export interface Quantities {
  readonly accounting: Weight;
  readonly onhand: Weight;
}
export const noQuantities: Quantities = { accounting: weight(0), onhand: weight(0) };
type Moving = Pick<EconomicEvent, 'action' | 'actionTable' | 'weight' | 'lotId' | 'toLotId'>;

const signs: Readonly<Record<Effect, readonly [own: number, other: number]>> = {
  increment: [1, 0],
  decrement: [-1, 0],
  move: [-1, 1],
  incrementTo: [0, 1],
  none: [0, 0],
};

/** What an event changes, per lot; lots it does not touch are absent. */
export function effectsOf(happened: Moving): ReadonlyMap<string, Quantities> {
  const action = actionTables[happened.actionTable]?.[happened.action];
  const changes = new Map<string, Quantities>();
  if (!action || happened.weight === undefined) return changes;
  for (const [position, lotId] of [happened.lotId, happened.toLotId ?? ''].entries()) {
    if (lotId === '') continue;
    const before = changes.get(lotId) ?? noQuantities;
    changes.set(lotId, {
      accounting: weight(before.accounting + (signs[action.accounting][position] ?? 0) * happened.weight),
      onhand: weight(before.onhand + (signs[action.onhand][position] ?? 0) * happened.weight),
    });
  }
  return changes;
}

/** Both quantities of every lot after these events. The same events give the same quantities in any order. */
export function quantitiesAfter(events: readonly Moving[]): ReadonlyMap<string, Quantities> {
  const state = new Map<string, Quantities>();
  for (const happened of events) {
    for (const [lotId, change] of effectsOf(happened)) {
      const before = state.get(lotId) ?? noQuantities;
      state.set(lotId, { accounting: weight(before.accounting + change.accounting), onhand: weight(before.onhand + change.onhand) });
    }
  }
  return state;
}

const isTransfer = (action: EventAction): boolean => ['transferAllRights', 'transferCustody', 'transfer'].includes(action);

export function checkEvent(after: EconomicEvent): Problem[] {
  const problems: Problem[] = [];
  const action = actionTables[after.actionTable]?.[after.action];
  if (!action) return [hard('actionTable', 'unknown_table', `There is no action table ${after.actionTable}; use version 1.`, 'L1')];
  const measured = after.cases !== undefined || after.weight !== undefined || after.amount !== undefined;
  if (
    action.measure === 'effort'
      ? after.effortMinutes === undefined
      : !measured && !(action.measure === 'either' && after.effortMinutes !== undefined)
  ) {
    problems.push(hard('weight', 'no_quantity', 'The event needs a weight, a number of cases, an amount or an effort.', 'L2'));
  }
  if (after.lotId === '' && after.productId === undefined && after.amount === undefined && action.measure === 'resource') {
    problems.push(hard('lotId', 'no_resource', 'The event names neither a lot nor a product; choose one.', 'L3'));
  }
  if (isTransfer(after.action)) {
    if (after.providerId === undefined || after.receiverId === undefined)
      problems.push(hard('receiverId', 'no_agents', 'A transfer needs a provider and a receiver.', 'L4'));
    else if (after.providerId === after.receiverId)
      problems.push(hard('receiverId', 'same_agent', 'A transfer goes from one party to another; choose another receiver.', 'L4'));
  }
  if (
    (action.accounting === 'move' || action.onhand === 'move') &&
    after.lotId !== '' &&
    (after.toLotId === undefined || after.toLotId === after.lotId)
  ) {
    problems.push(hard('toLotId', 'no_target', 'Goods that change hands go from one lot record to another; name the second.', 'L5'));
  }
  if (after.correctsId === undefined && [after.weight, after.cases, after.amount].some((value) => (value ?? 0) < 0)) {
    problems.push(hard('weight', 'negative', 'Only a correction may be negative; name the event that it corrects.', 'L6'));
  }
  if (after.override === true && (after.overrideBy === undefined || after.reason === undefined)) {
    problems.push(hard('overrideBy', 'no_approver', 'An override needs the name of who approved it and a reason.', 'L7'));
  }
  return problems;
}

export const eventNoun = defineNoun(event, { check: checkEvent });
