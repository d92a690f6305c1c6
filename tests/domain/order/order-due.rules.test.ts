import { expect, it } from 'vitest';
import { usualCompany } from '../../../domain/access/company.ts';
import { dueOfOrder } from '../../../domain/order/order-due.rules.ts';
import { sale } from './deals.ts';

it('[R3] an order is due by its pickup or delivery; of its invoice it knows nothing', () => {
  const sold = { ...sale(), terms: 'net_21', pickupOn: '2026-09-04', fulfillOn: '2026-09-08' };
  const dueBy = (termsAnchor: 'ship' | 'receipt' | 'invoice' | 'acceptance') => dueOfOrder({ ...sold, termsAnchor }, usualCompany);
  expect([dueBy('ship')?.on, dueBy('receipt')?.on]).toEqual(['2026-09-25', '2026-09-29']);
  expect([dueBy('invoice'), dueBy('acceptance')]).toEqual([
    { due: { days: 21 }, anchor: 'invoice' },
    { due: { days: 21 }, anchor: 'acceptance' },
  ]);
});
