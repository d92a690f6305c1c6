/** What the order comes to while it is typed. The sums are the domain's (R4, R5, R6); nothing is added up here. */
import { dueOfOrder } from '../../domain/order/order-due.rules.ts';
import type { Order } from '../../domain/order/order.entity.ts';
import { useCompany } from '../data/live.ts';
import { useDerived } from '../ui/form-facts.ts';
import { dueText } from './due-words.ts';
import { orderView } from './order.view.ts';
import { showValue } from '../ui/show-value.ts';

const TOTALS = ['totalCases', 'totalWeight', 'totalAmount'] as const;

export function OrderTotals() {
  const derived = useDerived();
  const company = useCompany();
  const { fields } = orderView.noun.entity;
  // What the rule looks at are choices and dates, of which a form holds nothing odd.
  const due = derived === undefined ? undefined : dueOfOrder(derived as Order, company);
  return (
    <dl className="totals" aria-label="Totals">
      {TOTALS.map((key) => {
        const field = fields[key];
        return field === undefined ? null : (
          <div key={key}>
            <dt>{field.label}</dt>
            <dd>{derived === undefined ? '' : showValue(field, derived[key], derived, {})}</dd>
          </div>
        );
      })}
      {due === undefined ? null : (
        <div>
          <dt>Payment due</dt>
          <dd>{dueText(due)}</dd>
        </div>
      )}
    </dl>
  );
}
