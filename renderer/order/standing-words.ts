/** Margin and credit of a sale in words and numbers for the form, by what its user may see. Pure. */
import { isWithin } from '../../domain/access/condition.ts';
import { type ApprovalPermission } from '../../domain/access/permissions.ts';
import type { Rights } from '../../domain/access/rights.ts';
import type { CreditView } from '../../domain/order/credit.rules.ts';
import { party } from '../../domain/party/party.entity.ts';
import { exposureTotal } from '../../domain/order/credit.rules.ts';
import { type MarginView, earned, marginPerPound, marginPercent, markupPercent } from '../../domain/order/margin.rules.ts';
import type { Order } from '../../domain/order/order.entity.ts';
import type { Need } from '../../domain/record/noun.ts';
import { formatMoney, formatPercent } from '../../domain/units/money.ts';
import { formatPrice } from '../../domain/units/price.ts';
import { type BasisPoints, basisPoints } from '../../domain/units/units.ts';

export interface Figure {
  readonly label: string;
  readonly value: string;
  readonly tone?: 'bad';
}
export interface Figures {
  readonly figures: readonly Figure[];
  /** Said instead of figures, or beside them. */
  readonly note?: string;
}
const percentText = (value: BasisPoints | undefined, of: string): string =>
  value === undefined ? '' : ` (${formatPercent(value)} of ${of})`;

export function marginFigures(view: MarginView, floor: number): Figures {
  if (!view.known) return { figures: [], note: `Not known: ${view.why}.` };
  const { margin } = view;
  const perPound = marginPerPound(margin);
  const figures = [
    { label: 'Sale', value: formatMoney(margin.sale) },
    { label: 'Cost', value: formatMoney(margin.cost) },
    { label: 'Margin', value: `${formatMoney(earned(margin))}${percentText(marginPercent(margin), 'sale')}` },
    {
      label: 'Markup',
      value: markupPercent(margin) === undefined ? '' : formatPercent(markupPercent(margin) ?? basisPoints(0)) + ' of cost',
    },
    { label: 'Per lb', value: perPound === undefined ? '' : formatPrice(perPound) },
    { label: 'Floor', value: `${formatPercent(basisPoints(floor))} of sale` },
  ];
  return { figures: figures.filter(({ value }) => value !== '') };
}

/** Whether the user sees invoices of such a deal at all, and whether all of them. */
function sightOf(rights: Rights | undefined, sale: Order): 'all' | 'some' | 'none' {
  if (!rights) return 'all';
  const papers = rights.scope('receivables', 'read');
  const { deskId, ownerId } = sale;
  const isShown = isWithin(papers, { kind: 'invoice', deskId, ownerId }) && rights.hidden(party, {}).length === 0;
  if (!isShown) return 'none';
  return papers.is === 'all' && rights.scope('orders', 'read').is === 'all' ? 'all' : 'some';
}

export function creditFigures(view: CreditView, sale: Order, rights: Rights | undefined, asOf: string): Figures {
  const sight = sightOf(rights, sale);
  if (sight === 'none') return { figures: [], note: 'Your role does not show you what the customer owes. The server looks at it.' };
  const { exposure, limit, excess, isOnHold } = view;
  const figures: Figure[] = [
    { label: 'Open receivables', value: formatMoney(exposure.openReceivables) },
    { label: 'Shipped, not billed', value: formatMoney(exposure.shippedUnbilled) },
    { label: 'Open orders with this one', value: formatMoney(exposure.openOrders) },
    { label: 'Less cash not applied', value: formatMoney(exposure.unappliedCash) },
    { label: 'Exposure', value: formatMoney(exposureTotal(exposure)) },
    { label: 'Limit', value: limit === undefined ? 'None agreed' : formatMoney(limit) },
    ...(excess > 0 ? [{ label: 'Over the limit by', value: formatMoney(excess), tone: 'bad' as const }] : []),
    ...(isOnHold ? [{ label: 'Credit', value: 'On hold', tone: 'bad' as const }] : []),
  ];
  const whose = sight === 'some' ? ' It counts what you may see; the server counts everything.' : '';
  return { figures, note: `${asOf}${whose}` };
}

const reasons: Partial<Record<ApprovalPermission, string>> = {
  'orders:approve_margin': 'its margin is below the floor',
  'orders:approve_credit': 'the customer is over the credit limit with it, or on hold',
};
/** What has to be done before the sale can be saved as agreed; undefined where nothing has to. */
export function askedFor(needs: readonly Need[], sale: Order, rights: Rights | undefined, isAgreed: boolean): string | undefined {
  const open = needs.filter(({ isNew }) => isNew);
  if (open.length === 0) return undefined;
  const why = open.map(({ permission }) => reasons[permission]).join(', and ');
  const denied = open.find(({ permission }) => rights && !isWithin(rights.approves(permission), sale));
  const when = isAgreed ? 'This sale needs an approval' : 'Once it is agreed, this sale needs an approval';
  if (!denied) return `${when}: ${why}. You may approve it: say why in "Reason".`;
  const who = rights?.approvers?.[denied.permission] ?? [];
  const ask = who.length === 0 ? 'somebody who may approve it' : `somebody with the role ${who.join(' or ')}`;
  return `${when}: ${why}. Your role may not approve that; save it as an offer and ask ${ask}.`;
}
