/** What the form of an order has beyond its fields: totals and the catalogue's opinion, in the bar that is always in sight. */
import { OrderAssist } from './order-assist.tsx';
import { OrderTotals } from './order-totals.tsx';

export function OrderSummary() {
  return (
    <>
      <OrderAssist />
      <OrderTotals />
    </>
  );
}
