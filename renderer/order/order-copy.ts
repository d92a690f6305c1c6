/** What a duplicate of an order starts with: the deal's terms and specification, never its lots, weights, dates or numbers. */
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { Draft } from '../../domain/record/record.commands.ts';

/** Order fields that are agreed anew with every deal or load (broker habits, entry 19). */
const KEPT = [
  'kind',
  'supplierId',
  'customerId',
  'carrierId',
  'brokerIds',
  'contactIds',
  'originId',
  'destinationId',
  'mappingId',
  'currency',
  'exchangeRate',
  'terms',
  'termsAnchor',
  'termsText',
  'priceBasis',
  'logistics',
  'agency',
  'exportDeal',
  'documentsNeeded',
  'instructions',
  'equipment',
  'temperatureSetPoint',
] as const;
const LINE_DROPPED: ReadonlySet<string> = new Set([
  'lineId',
  'lotIds',
  'caseWeights',
  'netWeight',
  'supplierInvoicedWeight',
  'shippedWeight',
  'receivedWeight',
  'invoicedWeight',
  'amount',
]);

function copyOfLine(line: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...Object.fromEntries(Object.entries(line).filter(([key]) => !LINE_DROPPED.has(key))), lineId: crypto.randomUUID() };
}

export function copyOfOrder(order: AnyDocument): Draft {
  const kept = Object.fromEntries(KEPT.filter((key) => order[key] !== undefined).map((key) => [key, order[key]]));
  const lines = Array.isArray(order['lines']) ? (order['lines'] as readonly Readonly<Record<string, unknown>>[]).map(copyOfLine) : [];
  return { ...kept, stage: 'draft', lines };
}
