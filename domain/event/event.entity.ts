/** What happened to goods, services or money. Never changed: a mistake is corrected by another event that names it. */
import { type DocumentOf, defineEntity } from '../entity/entity.ts';
import { choice, flag, instant, integer, money, pounds, ref, text } from '../entity/field.ts';
import { currencies } from '../vocabulary/trade.ts';

/** The actions of ValueFlows 1.0; their effects are data, in event.rules.ts. */
export const eventActions = {
  produce: 'Produce',
  consume: 'Consume',
  use: 'Use',
  work: 'Work',
  cite: 'Cite',
  deliverService: 'Deliver service',
  pickup: 'Pick up',
  dropoff: 'Drop off',
  accept: 'Accept',
  modify: 'Modify',
  combine: 'Combine',
  separate: 'Separate',
  transferAllRights: 'Transfer all rights',
  transferCustody: 'Transfer custody',
  transfer: 'Transfer rights and custody',
  move: 'Move',
  copy: 'Copy',
  raise: 'Raise',
  lower: 'Lower',
} as const;
export type EventAction = keyof typeof eventActions;

/** Only a correcting event may carry negative quantities. */
const signed = { least: -1_000_000_000_000 } as const;

export const event = defineEntity({
  noun: 'event',
  collection: 'events',
  label: 'Economic event',
  labels: 'Economic events',
  title: 'summary',
  reason: 'reason',
  appendOnly: true,
  fields: {
    action: choice('Action', eventActions, { required: true, index: true }),
    actionTable: integer('Version of the action table', { default: 1, least: 1 }),
    summary: text('Summary', { required: true, max: 300 }),
    occurredAt: instant('Occurred at', { required: true, index: true, hint: 'When it happened; Created on says when it was recorded' }),
    providerId: ref('Provider', 'parties', { onDelete: 'protect' }),
    receiverId: ref('Receiver', 'parties', { onDelete: 'protect' }),
    lotId: ref('Lot', 'lots', { index: true, onDelete: 'protect' }),
    toLotId: ref('To lot', 'lots', { onDelete: 'protect' }),
    productId: ref('Product', 'products', { onDelete: 'protect', hint: 'Where no lot is known' }),
    cases: integer('Cases', signed),
    weight: pounds('Weight', signed),
    amount: money('Amount', { ...signed, hint: 'Events of money' }),
    currency: choice('Currency', currencies, {}),
    effortMinutes: integer('Effort', { hint: 'Minutes' }),
    orderId: ref('Order', 'orders', { index: true, onDelete: 'protect', hint: 'The agreement it fulfils' }),
    orderLineId: text('Order line', { max: 36, hint: 'The commitment it fulfils' }),
    receivableId: ref('Receivable', 'receivables', { onDelete: 'protect', hint: 'The claim it settles' }),
    fromLocationId: ref('From location', 'locations', {}),
    locationId: ref('At location', 'locations', {}),
    containerLotId: ref('Container lot', 'lots', {}),
    processId: text('Process', { max: 60, hint: 'Inputs and outputs of one rework share it' }),
    previousEventId: ref('Previous event', 'events', {}),
    correctsId: ref('Corrects', 'events', { onDelete: 'protect' }),
    triggeredById: ref('Triggered by', 'events', {}),
    stateAfter: text('State afterwards', { max: 60 }),
    stageAfter: text('Process stage afterwards', { max: 60 }),
    temperature: integer('Temperature', { least: -1000, most: 2000, hint: 'Tenths of a degree Fahrenheit' }),
    sealNumber: text('Seal number', { max: 100 }),
    reason: text('Reason', { max: 500 }),
    override: flag('Override', { hint: 'Allows a quantity below zero' }),
    overrideBy: text('Approved by', { max: 36 }),
    note: text('Note', { max: 2000 }),
  },
  views: [{ name: 'economic_events' }],
});
export type EconomicEvent = DocumentOf<typeof event>;
