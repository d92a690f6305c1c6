/**
 * What the catalogue knows about the lines of an order: fills an item chosen from it, and holds the weights against the
 * product's own cases (R6). The comparison is the domain's.
 */
import { useEffect, useMemo } from 'react';
import { useFormContext } from 'react-hook-form';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { OrderLine } from '../../domain/order/order.entity.ts';
import { weightWarnings } from '../../domain/order/order-line.rules.ts';
import type { Product } from '../../domain/product/product.entity.ts';
import { useCompany, useRecords } from '../data/live.ts';
import { useDerived } from '../ui/form-facts.ts';

/** Line field -> product field that it starts with when the product is chosen. */
const FILLED: readonly (readonly [keyof OrderLine, keyof Product])[] = [
  ['description', 'name'],
  ['protein', 'protein'],
  ['refrigeration', 'refrigeration'],
  ['package', 'package'],
  ['edibility', 'edibility'],
  ['weightBasis', 'weightBasis'],
  ['supplierItemNumber', 'supplierItemNumber'],
  ['priceUnit', 'priceUnit'],
  ['specification', 'specification'],
];
const NO_LINES: readonly OrderLine[] = [];
const linesOf = (document: AnyDocument | undefined): readonly OrderLine[] =>
  Array.isArray(document?.['lines']) ? (document['lines'] as readonly OrderLine[]) : NO_LINES;
const isBlank = (value: unknown): boolean => value === undefined || value === '';

/** The line with the product's facts where the line says nothing yet; the same line when there is nothing to add. */
export function filledFrom(line: OrderLine, product: Product): OrderLine {
  const added = FILLED.filter(([to, from]) => isBlank(line[to]) && !isBlank(product[from])).map(
    ([to, from]) => [to, product[from]] as const,
  );
  return added.length === 0 ? line : { ...line, ...Object.fromEntries(added) };
}

export function OrderAssist() {
  const derived = useDerived();
  const company = useCompany();
  const { getValues, setValue } = useFormContext();
  const lines = linesOf(derived);
  const ids = [...new Set(lines.map((line) => line.productId ?? '').filter((id) => id !== ''))].sort();
  const { records } = useRecords<Product & AnyDocument>('products', { selector: { id: { $in: ids } }, includeInactive: true });
  const products = useMemo(() => new Map(records.map((record) => [record.id, record])), [records]);

  useEffect(() => {
    const typed: unknown = getValues('lines');
    const now = Array.isArray(typed) ? (typed as readonly OrderLine[]) : NO_LINES;
    const next = now.map((line) => {
      const product = products.get(line.productId ?? '');
      // Only a line that names no item yet is filled; what somebody typed stays.
      return product && isBlank(line.description) ? filledFrom(line, product) : line;
    });
    if (next.some((line, i) => line !== now[i])) setValue('lines', next, { shouldDirty: true });
  }, [products, lines, getValues, setValue]);

  const warnings = lines.flatMap((line, i) => {
    const product = products.get(line.productId ?? '');
    if (!product) return [];
    const { poundsPerCaseMin, poundsPerCaseMax } = product;
    const bounds = {
      ...(poundsPerCaseMin === undefined ? {} : { poundsPerCaseMin }),
      ...(poundsPerCaseMax === undefined ? {} : { poundsPerCaseMax }),
    };
    return weightWarnings(line, bounds, '', company)
      .filter(({ code }) => code === 'implausible_average')
      .map(({ message }) => `Line ${i + 1}: ${message}`);
  });
  return warnings.length === 0 ? null : (
    <ul className="assist" role="status">
      {warnings.map((warning) => (
        <li key={warning} className="field-warning">
          {warning}
        </li>
      ))}
    </ul>
  );
}
