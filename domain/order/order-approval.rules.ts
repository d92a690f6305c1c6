/** Which orders somebody has to approve: sales below the margin floor (R10) and beyond the customer's credit (R15). */
import type { Company } from '../access/company.ts';
import type { AnyDocument } from '../entity/entity.ts';
import type { Party } from '../party/party.entity.ts';
import type { Product } from '../product/product.entity.ts';
import type { Receivable } from '../receivable/receivable.entity.ts';
import type { Around, Look } from '../record/around.ts';
import type { Need } from '../record/noun.ts';
import { same } from '../record/same.ts';
import { type CreditView, OPEN_STAGES, SHIPPED_STAGES, creditOf, largestAmount, needsCreditApproval, takesCredit } from './credit.rules.ts';
import { type MarginView, isBelowFloor, isWorse, marginOfSale } from './margin.rules.ts';
import type { Order } from './order.entity.ts';

/** A principal's sale: in an agency deal we own neither the goods nor the claim. */
const isOwnSale = ({ kind, agency }: Order): boolean => kind === 'sale' && agency !== true;

const byId = (collection: string, ids: readonly (string | undefined)[]): Look[] =>
  [...new Set(ids)].flatMap((value) => (value === undefined || value === '' ? [] : [{ collection, by: 'id', value }]));
const purchaseLooks = (sale: Order): Look[] =>
  byId(
    'orders',
    (sale.allocations ?? []).map(({ otherOrderId }) => otherOrderId),
  );
const customerLooks = ({ customerId }: Order): Look[] => byId('parties', [customerId]);
const paperLooks = ({ customerId }: Order): Look[] =>
  customerId === ''
    ? []
    : [{ collection: 'receivables', by: 'partyId', value: customerId, where: { kind: ['invoice', 'adjustment', 'credit', 'payment'] } }];
const orderLooks = ({ customerId }: Order): Look[] =>
  customerId === ''
    ? []
    : [
        {
          collection: 'orders',
          by: 'customerId',
          value: customerId,
          where: { kind: ['sale'], stage: [...OPEN_STAGES, ...SHIPPED_STAGES] },
        },
      ];
const productLooks = (orders: readonly Order[]): Look[] =>
  byId(
    'products',
    orders.flatMap(({ lines = [] }) => lines.map(({ productId }) => productId)),
  );

/** The one place where what was found is taken for what its collection holds. */
const found = <T extends AnyDocument>(around: Around, looks: readonly Look[]): T[] => looks.flatMap((look) => around.found(look) as T[]);
const mapOf = <T extends AnyDocument>(records: readonly T[]): Map<string, T> => new Map(records.map((one) => [one.id, one]));
const othersOf = (sale: Order, around: Around): Order[] => found<Order>(around, orderLooks(sale)).filter(({ id }) => id !== sale.id);

/** What the margin of this sale is, by the purchases around it; undefined for what is no sale of our own. */
export const marginAround = (sale: Order, around: Around): MarginView | undefined =>
  isOwnSale(sale) ? marginOfSale(sale, mapOf(found<Order>(around, purchaseLooks(sale)))) : undefined;

/** How the customer's credit stands with this sale as if it were agreed; undefined for what needs none. */
export function creditAround(sale: Order, around: Around): CreditView | undefined {
  if (!isOwnSale(sale) || sale.customerId === '') return undefined;
  const orders = [...othersOf(sale, around), takesCredit(sale) ? sale : { ...sale, stage: 'agreed' as const }];
  const products = mapOf(found<Product>(around, productLooks(orders)));
  return creditOf(found<Party>(around, customerLooks(sale))[0], {
    receivables: found<Receivable>(around, paperLooks(sale)),
    orders,
    products,
  });
}

/** Everything that margin and credit of this order are judged by, whether somebody has to approve it or only looks. */
export const looksOfSale = (sale: Order, around: Around): Look[] =>
  isOwnSale(sale)
    ? [
        ...purchaseLooks(sale),
        ...customerLooks(sale),
        ...paperLooks(sale),
        ...orderLooks(sale),
        ...productLooks([sale, ...othersOf(sale, around)]),
      ]
    : [];

const inForce = (order: Order | undefined): order is Order => order !== undefined && takesCredit(order);
const isOnTheRoad = ({ stage }: Order): boolean => SHIPPED_STAGES.some((one) => one === stage);

/** What the margin was agreed by. Weights come in later and are facts that nobody has to approve. */
const bargain = ({ lines = [], charges, allocations, currency, exchangeRate }: Order): unknown => [
  lines.map(({ lineId, price, priceUnit }) => [lineId, price, priceUnit]),
  [charges, allocations, currency, exchangeRate],
];
const asksMargin = (after: Order, before: Order | undefined): boolean =>
  inForce(after) && (!inForce(before) || !same(bargain(after), bargain(before)));
/** It comes into force, goes to another customer, or may have become larger before it was loaded. */
const asksCredit = (after: Order, before: Order | undefined): boolean =>
  inForce(after) &&
  after.customerId !== '' &&
  (!inForce(before) ||
    before.customerId !== after.customerId ||
    (!isOnTheRoad(before) && !same([after.lines, after.charges, after.exchangeRate], [before.lines, before.charges, before.exchangeRate])));
/** It was let through when it came here, and nobody has approved it since. */
const isFlagged = (after: Order, before: Order | undefined): boolean => inForce(after) && before?.creditFlaggedAt !== undefined;

/** What has to be looked at to judge this change; nothing for most. */
export const looksOfChange = (after: Order, before: Order | undefined, around: Around): Look[] =>
  asksMargin(after, before) || asksCredit(after, before) || isFlagged(after, before) ? looksOfSale(after, around) : [];

function needsMargin(after: Order, before: Order | undefined, company: Company, around: Around): boolean {
  const view = asksMargin(after, before) ? marginAround(after, around) : undefined;
  if (!view?.known || !isBelowFloor(view.margin, company.settings.margin_floor_basis_points)) return false;
  const was = inForce(before) ? marginAround(before, around) : undefined;
  return !was?.known || isWorse(view.margin, was.margin);
}

function creditNeed(after: Order, before: Order | undefined, around: Around): Need[] {
  const isAsked = asksCredit(after, before);
  const view = isAsked || isFlagged(after, before) ? creditAround(after, around) : undefined;
  if (!view || !needsCreditApproval(view)) return [];
  const products = mapOf(found<Product>(around, productLooks([after])));
  const grew =
    !inForce(before) || before.customerId !== after.customerId || largestAmount(after, products) > largestAmount(before, products);
  return [{ permission: 'orders:approve_credit', isNew: isAsked && grew }];
}

/** [R10] [R15] What was approved once is asked for again only when it becomes worse. */
export const orderApprovals = (after: Order, before: Order | undefined, company: Company, around: Around): Need[] => [
  ...(needsMargin(after, before, company, around) ? [{ permission: 'orders:approve_margin', isNew: true } as const] : []),
  ...creditNeed(after, before, around),
];
