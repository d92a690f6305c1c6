/** Rules of orders: stages, sides, dates, totals. What a line weighs and costs is in order-line.rules.ts. */
import { type Company, usualCompany } from '../access/company.ts';
import type { AnyDocument } from '../entity/entity.ts';
import type { Fields } from '../entity/field.ts';
import { type Problem, hard, soft } from '../entity/problem.ts';
import { checkFields, isCalendarDate } from '../entity/validate.ts';
import { defineNoun } from '../record/noun.ts';
import { dayOf, retainUntil } from '../record/trash.ts';
import { type Series, checkNumber } from '../record/series.ts';
import { addDays, daysBetween } from '../units/calendar.ts';
import { looksOfChange, orderApprovals } from './order-approval.rules.ts';
import { billingWeight, checkLine, deriveLine } from './order-line.rules.ts';
import { orderTotals } from './order-totals.rules.ts';
import { type Order, type OrderLine, type OrderStage, order, orderStages } from './order.entity.ts';

const sequence = Object.keys(orderStages).filter((stage) => stage !== 'cancelled') as OrderStage[];
const rank = (stage: OrderStage): number => sequence.indexOf(stage);
/** From "agreed" on both sides rely on the order, so what was a hint in a draft is now required. */
export const isBinding = (stage: OrderStage): boolean => stage !== 'cancelled' && rank(stage) >= rank('agreed');

/** Stages an order may move to. Steps may be skipped; closed and cancelled orders only reopen. [D7] */
export function nextStages(stage: OrderStage): readonly OrderStage[] {
  if (stage === 'cancelled') return ['draft'];
  if (stage === 'closed') return ['paid'];
  return [...sequence.filter((other) => other !== stage), 'cancelled'];
}

/** Problems that leave a line fit for arithmetic: a form that is still being filled in shows its amounts all the same. */
const harmless = new Set(['required', 'absent', 'too_long']);
const isSound = (problems: readonly Problem[]): boolean => problems.every((problem) => harmless.has(problem.code));
const lineShape = order.fields.lines.fields ?? {};
const chargeShape = order.fields.charges.fields ?? {};
const isRow = (row: unknown): row is Record<string, unknown> => typeof row === 'object' && row !== null && !Array.isArray(row);

/** The rows of a list that have the shape of their fields. */
function soundRows(rows: unknown, shape: Fields, most: number | undefined): unknown[] {
  if (!Array.isArray(rows) || rows.length > (most ?? 0)) return [];
  return rows.filter((row) => isRow(row) && isSound(checkFields(shape, withoutLineId(row), '')));
}
function withoutLineId(row: Record<string, unknown>): Record<string, unknown> {
  const { lineId: _, ...rest } = row;
  return rest;
}

/** Line amounts, totals and the date until which the law keeps the order. Rows of the wrong shape are left for the validator. */
export function deriveOrder(document: AnyDocument): AnyDocument {
  const { totalCases: _, totalWeight: __, totalAmount: ___, retainUntil: ____, ...rest } = document;
  const sound = new Set<unknown>(soundRows(rest['lines'], lineShape, order.fields.lines.max));
  const lines = Array.isArray(rest['lines'])
    ? rest['lines'].map((line: unknown) => (sound.has(line) ? deriveLine(line as OrderLine) : line))
    : undefined;
  const charges = soundRows(rest['charges'], chargeShape, order.fields.charges.max) as NonNullable<Order['charges']>;
  const totals = orderTotals({
    lines: (lines ?? []).filter((_line, i) => sound.has((rest['lines'] as unknown[])[i])) as OrderLine[],
    charges,
  });
  const orderedOn = rest['orderedOn'];
  return {
    ...rest,
    ...(lines ? { lines } : {}),
    totalCases: totals.cases,
    totalWeight: totals.weight,
    totalAmount: totals.amount,
    ...(typeof orderedOn === 'string' && isCalendarDate(orderedOn) ? { retainUntil: retainUntil(orderedOn) } : {}),
  };
}

function checkSides(after: Order): Problem[] {
  const problems: Problem[] = [];
  const miss = (field: string, who: string): void => {
    problems.push(soft(field, 'missing_side', `The order names no ${who} yet; choose one.`, 'D5'));
  };
  if (after.kind === 'purchase' && after.supplierId === '') miss('supplierId', 'supplier');
  if (after.kind === 'sale' && after.customerId === '') miss('customerId', 'customer');
  if (after.kind === 'freight' && after.carrierId === undefined) miss('carrierId', 'carrier');
  if (after.originId !== undefined && after.originId === after.destinationId) {
    problems.push(soft('destinationId', 'same_place', 'Origin and destination are the same place.', 'D6'));
  }
  return problems;
}

function checkDates(after: Order): Problem[] {
  const problems: Problem[] = [];
  if (after.orderedOn === '') problems.push(soft('orderedOn', 'no_date', 'The order has no date yet.', 'D4'));
  for (const [field, label, day] of [
    ['fulfillOn', 'fulfillment date', after.fulfillOn],
    ['pickupOn', 'pickup date', after.pickupOn],
  ] as const) {
    if (day !== undefined && after.orderedOn !== '' && day < after.orderedOn) {
      problems.push(
        hard(field, 'before_order', `The ${label} ${day} is before the order date ${after.orderedOn}; correct one of them.`, 'D4'),
      );
    }
  }
  if (after.pickupOn !== undefined && after.fulfillOn !== undefined && after.fulfillOn < after.pickupOn) {
    problems.push(
      soft('fulfillOn', 'before_pickup', `The fulfillment date ${after.fulfillOn} is before the pickup on ${after.pickupOn}.`, 'D4'),
    );
  }
  return problems;
}

function checkTrade(after: Order): Problem[] {
  const problems: Problem[] = [];
  if (after.currency !== 'usd' && after.exchangeRate === 1_000_000) {
    problems.push(
      soft('exchangeRate', 'rate_of_one', `The order is in ${after.currency.toUpperCase()} at a rate of 1; enter the exchange rate.`, 'D6'),
    );
  }
  const delivered = after.priceBasis === 'delivered';
  if ((after.logistics === 'customer_pickup' && delivered) || (after.logistics === 'supplier_delivery' && after.priceBasis === 'fob')) {
    problems.push(soft('priceBasis', 'basis_and_logistics', 'The price basis does not fit who carries the freight; check both.', 'D8'));
  }
  if (after.grossWeight !== undefined && after.tareWeight !== undefined && after.tareWeight > after.grossWeight) {
    problems.push(hard('tareWeight', 'tare_over_gross', 'The tare weight is above the gross weight; correct one of them.', 'R6'));
  }
  return problems;
}

function checkAllocations(after: Order): Problem[] {
  return (after.allocations ?? []).flatMap((allocation, i) => {
    const line = after.lines?.find((candidate) => candidate.lineId === allocation.orderLineId);
    if (!line)
      return [
        hard(`allocations.${i}.orderLineId`, 'unknown_line', 'The allocation names a line that this order does not have; remove it.', 'D9'),
      ];
    const whole = billingWeight(line);
    const allocated = (after.allocations ?? [])
      .filter((other) => other.orderLineId === line.lineId)
      .reduce((sum, other) => sum + (other.weight ?? 0), 0);
    return whole !== undefined && allocated > whole
      ? [soft(`allocations.${i}.weight`, 'over_allocated', `More weight is allocated than "${line.description}" has.`, 'D9')]
      : [];
  });
}

/** Our own numbers of orders. The hyphen keeps them apart from the bare numbers that orders were typed with before. */
const orderSeries = [
  { key: 'purchase-orders', label: 'Purchase orders', field: 'number', where: { kind: 'purchase' }, prefix: 'PO-', width: 6 },
  { key: 'sales-orders', label: 'Sales orders', field: 'number', where: { kind: 'sale' }, prefix: 'SO-', width: 6 },
  { key: 'freight-orders', label: 'Freight orders', field: 'number', where: { kind: 'freight' }, prefix: 'FO-', width: 6 },
] as const satisfies readonly Series[];

export function checkOrder(after: Order, before?: Order, company: Company = usualCompany): Problem[] {
  const binding = isBinding(after.stage);
  const lines = after.lines ?? [];
  const problems = [
    ...checkNumber(orderSeries, { field: 'number', label: order.fields.number.label }, after, before),
    ...checkSides(after),
    ...checkDates(after),
    ...checkTrade(after),
    ...checkAllocations(after),
  ];
  if (lines.length === 0 && after.kind !== 'freight')
    problems.push(hard('lines', 'required', 'The order has no line yet; add the item.', 'D1'));
  if (before && before.stage !== after.stage && !nextStages(before.stage).includes(after.stage)) {
    problems.push(
      hard(
        'stage',
        'closed_stage',
        `An order that is ${orderStages[before.stage].toLowerCase()} cannot become ${orderStages[after.stage].toLowerCase()}.`,
        'D7',
      ),
    );
  }
  lines.forEach((line, i) => problems.push(...checkLine(line, `lines.${i}.`, binding, company)));
  return problems;
}

/** Orders that look like the same deal: same supplier, same customer order number and item within seven days. [R30] */
export function likelyDoubles(candidate: Order, others: readonly Order[]): Order[] {
  const key = (line: OrderLine): string => line.productId ?? line.description.toLowerCase().replace(/\s+/g, ' ').trim();
  const items = new Set((candidate.lines ?? []).map(key));
  if (candidate.orderedOn === '' || candidate.supplierId === '') return [];
  return others.filter(
    (other) =>
      other.id !== candidate.id &&
      other.kind === candidate.kind &&
      other.supplierId === candidate.supplierId &&
      (other.customerOrderNumber ?? '') === (candidate.customerOrderNumber ?? '') &&
      other.orderedOn !== '' &&
      Math.abs(daysBetween(other.orderedOn, candidate.orderedOn)) <= 7 &&
      (other.lines ?? []).some((line) => items.has(key(line))),
  );
}
/** The dates between which `likelyDoubles` wants candidates, for a query by date. */
export const doublesWindow = (orderedOn: string): { readonly from: string; readonly to: string } => ({
  from: addDays(orderedOn, -7),
  to: addDays(orderedOn, 7),
});

export const orderNoun = defineNoun(order, {
  check: checkOrder,
  derive: deriveOrder,
  series: orderSeries,
  approvals: orderApprovals,
  looks: looksOfChange,
  lenient: { permission: 'orders:approve_credit', asOf: 'creditAsOf', flag: 'creditFlaggedAt' },
  transactionOn: dayOf('orderedOn'),
});
