import { describe, expect, it } from 'vitest';
import type { AnyDocument } from '../../../domain/entity/entity.ts';
import type { OrderLine } from '../../../domain/order/order.entity.ts';
import type { Product } from '../../../domain/product/product.entity.ts';
import { filledFrom } from '../../../renderer/order/order-assist.tsx';
import { copyOfOrder } from '../../../renderer/order/order-copy.ts';

describe('a duplicate of an order', () => {
  const copy = copyOfOrder({
    id: 'o1',
    kind: 'purchase',
    number: '226101',
    stage: 'paid',
    supplierId: 's',
    orderedOn: '2026-01-02',
    supplierConfirmationNumber: 'C-1',
    lines: [
      {
        lineId: 'l1',
        description: 'Brisket',
        price: 27_050,
        priceUnit: 'lb',
        cases: 600,
        netWeight: 4_080_000,
        caseWeights: '60+61',
        lotIds: ['x'],
        amount: 1,
      },
    ],
  } as unknown as AnyDocument);
  it('keeps the terms and the specification', () => {
    expect(copy).toMatchObject({
      kind: 'purchase',
      supplierId: 's',
      stage: 'draft',
      lines: [{ description: 'Brisket', price: 27_050, priceUnit: 'lb', cases: 600 }],
    });
  });
  it('never keeps number, dates, confirmation, lots or weights', () => {
    const text = JSON.stringify(copy);
    for (const gone of ['226101', '2026-01-02', 'C-1', 'lotIds', 'netWeight', 'caseWeights', '"l1"', 'amount'])
      expect(text).not.toContain(gone);
  });
});

describe('an item chosen from the catalogue', () => {
  const product = { name: 'Brisket, deckle off', protein: 'beef', priceUnit: 'lb', weightBasis: 'catch' } as unknown as Product;
  it('fills what the line does not say yet and leaves what somebody typed', () => {
    const line = { lineId: 'l', description: '', priceUnit: 'cwt' } as unknown as OrderLine;
    expect(filledFrom(line, product)).toMatchObject({
      description: 'Brisket, deckle off',
      protein: 'beef',
      priceUnit: 'cwt',
      weightBasis: 'catch',
    });
  });
});
