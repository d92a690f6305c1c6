/** Orders and papers for the rules of margin and credit, in the shape in which they are stored. */
import { minimalDocument } from '../sample.ts';
import { orderNoun } from '../../../domain/order/order.rules.ts';
import type { Order } from '../../../domain/order/order.entity.ts';
import { receivableNoun } from '../../../domain/receivable/receivable.rules.ts';
import type { Receivable } from '../../../domain/receivable/receivable.entity.ts';
import type { Noun } from '../../../domain/record/noun.ts';

const stored = (noun: Noun, id: string, fields: Record<string, unknown>) => {
  const document = { ...minimalDocument(noun, id), ...fields };
  return noun.derive ? noun.derive(document) : document;
};
export const orderOf = (id: string, fields: Record<string, unknown>): Order => stored(orderNoun, id, { number: id, ...fields }) as Order;
export const paperOf = (id: string, fields: Record<string, unknown>): Receivable =>
  stored(receivableNoun, id, { name: id, partyId: 'lone-star', issuedOn: '2026-09-01', ...fields }) as Receivable;

/** The load of the trade notes: 41,280.00 lb bought at 2.7050, with freight, cold store and fee as charges. */
export const purchase = (fields: Record<string, unknown> = {}): Order =>
  orderOf('po-1', {
    kind: 'purchase',
    stage: 'confirmed',
    lines: [{ lineId: 'b', description: 'Beef trim 85s', cases: 688, netWeight: 4_128_000, price: 27_050, priceUnit: 'lb' }],
    charges: [
      { lineId: 'f', kind: 'linehaul', amount: 471_940 },
      { lineId: 's', kind: 'storage', amount: 51_600 },
      { lineId: 'e', kind: 'fee', amount: 12_384 },
    ],
    ...fields,
  });
/** The same goods sold at 2.9150. */
export const sale = (fields: Record<string, unknown> = {}): Order =>
  orderOf('so-1', {
    kind: 'sale',
    stage: 'offer',
    customerId: 'lone-star',
    lines: [{ lineId: 's', description: 'Beef trim 85s', netWeight: 4_128_000, price: 29_150, priceUnit: 'lb' }],
    allocations: [{ lineId: 'a', orderLineId: 's', otherOrderId: 'po-1', otherLineId: 'b', weight: 4_128_000 }],
    ...fields,
  });
