/** What the order comes to while it is typed. The sums are the domain's (R4, R5, R6); nothing is added up here. */
import { useDerived } from '../ui/form-facts.ts';
import { orderView } from './order.view.ts';
import { showValue } from '../ui/show-value.ts';

const TOTALS = ['totalCases', 'totalWeight', 'totalAmount'] as const;

export function OrderTotals() {
  const derived = useDerived();
  const { fields } = orderView.noun.entity;
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
    </dl>
  );
}
