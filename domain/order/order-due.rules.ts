/** When an order is to be paid by its terms, as far as its own dates say it (R3). Its invoice knows the dates that it does not. */
import type { Company } from '../access/company.ts';
import { type DueView, dueBy } from '../vocabulary/due-date.ts';
import type { Order } from './order.entity.ts';

export const dueOfOrder = (
  { terms, termsAnchor, pickupOn, fulfillOn }: Pick<Order, 'terms' | 'termsAnchor' | 'pickupOn' | 'fulfillOn'>,
  { options }: Pick<Company, 'options'>,
): DueView | undefined =>
  dueBy(
    { terms, anchor: termsAnchor },
    { ...(pickupOn === undefined ? {} : { ship: pickupOn }), ...(fulfillOn === undefined ? {} : { receipt: fulfillOn }) },
    options,
  );
