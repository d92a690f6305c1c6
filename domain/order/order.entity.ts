/** A purchase, a sale or a freight order: an agreement whose lines are the commitments of both sides. */
import { type DocumentOf, defineEntity } from '../entity/entity.ts';
import {
  choice,
  date,
  flag,
  instant,
  integer,
  lines,
  money,
  percent,
  pounds,
  price,
  ref,
  refs,
  set,
  text,
  texts,
} from '../entity/field.ts';
import { lookup } from '../vocabulary/dataverse.ts';
import { requiredDocuments, terms, termsAnchors } from '../vocabulary/partner.ts';
import {
  appointmentMethods,
  containers,
  currencies,
  edibilities,
  equipment,
  logisticsScenarios,
  packDateRules,
  packages,
  priceBases,
  priceKinds,
  priceUnits,
  proteins,
  refrigerations,
  releaseFormats,
  weightBases,
  weightUnits,
} from '../vocabulary/trade.ts';

export const orderKinds = { purchase: 'Purchase order', sale: 'Sales order', freight: 'Freight order' } as const;
/** The life of a deal, in its usual order; the moves between them are in order.rules.ts. */
export const orderStages = {
  draft: 'Draft',
  inquiry: 'Inquiry',
  offer: 'Offer',
  agreed: 'Agreed',
  sent: 'Sent',
  confirmed: 'Confirmed',
  freight_booked: 'Freight booked',
  appointment_set: 'Appointment set',
  loaded: 'Loaded',
  weights_in: 'Weights in',
  invoiced: 'Invoiced',
  delivered: 'Delivered',
  paid: 'Paid',
  closed: 'Closed',
  cancelled: 'Cancelled',
} as const;
export type OrderStage = keyof typeof orderStages;

/** Bounds that keep every sum of 500 lines inside the exact integers: 1,000,000 lb and $100,000 a unit. */
export const WEIGHT_MAX = 100_000_000;
const PRICE_MAX = 1_000_000_000;

const lineFields = {
  productId: ref('Product', 'products', { onDelete: 'protect' }),
  description: text('Item', { required: true, max: 500, aliases: ['pro_item', 'item_description', 'Description'] }),
  specification: text('Specification', { max: 5000, long: true, hint: 'The product as agreed, kept when the catalogue changes' }),
  supplierItemNumber: text('Supplier item number', { max: 100 }),
  protein: choice('Protein', proteins, {}),
  refrigeration: choice('Fresh or frozen', refrigerations, {}),
  package: choice('Package type', packages, {}),
  edibility: choice('Edible or inedible', edibilities, {}),
  weightBasis: choice('Net or catch', weightBases, {}),
  cases: integer('Cases', { least: 1, most: 1_000_000, aliases: ['pro_quantity', 'Quantity'], hint: 'Number of outside containers' }),
  container: choice('Container', containers, {}),
  loads: integer('Loads', { least: 1, most: 1000 }),
  orderedWeight: pounds('Ordered weight', { most: WEIGHT_MAX, aliases: ['Estimated weight'], hint: 'Estimate at the time of the deal' }),
  caseWeights: text('Case weights', { max: 20_000, long: true, hint: 'As on the packing list: 61.35+58.90+63.20' }),
  weightUnit: choice('Entered weight unit', weightUnits, { hint: 'The unit in which the weights were typed' }),
  netWeight: pounds('Net weight', {
    most: WEIGHT_MAX,
    aliases: ['total_weight', 'Weight'],
    hint: 'The weight that the price is extended by; the sum of the case weights where they are known',
  }),
  supplierInvoicedWeight: pounds('Weight the supplier invoiced', { most: WEIGHT_MAX }),
  shippedWeight: pounds('Shipped weight', { most: WEIGHT_MAX, hint: 'As on the bill of lading' }),
  receivedWeight: pounds('Received weight', { most: WEIGHT_MAX }),
  invoicedWeight: pounds('Weight we invoiced', { most: WEIGHT_MAX }),
  price: price('Price', { least: 100, most: PRICE_MAX, aliases: ['pro_priceperunit', 'PricePerUnit', 'price_per_unit', 'unit_price'] }),
  priceUnit: choice('Price unit', priceUnits, {}),
  priceKind: choice('Price kind', priceKinds, {}),
  priceFormula: text('Price formula', { max: 300, hint: 'Such as USDA weighted average of week 36 plus 12.00 per cwt' }),
  referencePrice: price('Reference price', { most: PRICE_MAX }),
  referencePriceUnit: choice('Reference price unit', priceUnits, {}),
  amount: money('Amount', { computed: true }),
  establishment: text('EST required', { max: 200, aliases: ['plant_est_number'] }),
  packDateRule: choice('Pack date rule', packDateRules, { aliases: ['Production date freshness'] }),
  weightTolerance: percent('Weight tolerance', { most: 10_000 }),
  lotIds: refs('Lots', 'lots', { max: 200 }),
  note: text('Note', { max: 1000 }),
} as const;

const stopFields = {
  kind: choice('Kind of stop', { pickup: 'Pickup', delivery: 'Delivery', other: 'Other' }, { required: true }),
  locationId: ref('Location', 'locations', {}),
  place: text('Place as written', { max: 300 }),
  onDate: date('Date', {}),
  hours: text('Hours', { max: 100 }),
  appointmentMethod: choice('Appointment method', appointmentMethods, {}),
  appointmentNumber: text('Appointment or pickup number', { max: 100 }),
  arrivedAt: instant('Arrived', {}),
  departedAt: instant('Departed', {}),
  note: text('Note', { max: 1000 }),
} as const;

const names = {
  kind: choice('Kind of order', orderKinds, { required: true, index: true }),
  number: text('Order number', {
    required: true,
    numbered: true,
    index: true,
    max: 850,
    hint: 'Leave it empty to get the next number of the series when you save',
    aliases: ['pro_po_number', 'PO_Number', 'PO', 'our_purchase_order_num', 'our_sales_order_num', 'our_carrier_po_num'],
  }),
  stage: choice('Stage', orderStages, { default: 'draft', hint: 'Where the deal stands' }),
  stageReason: text('Reason', { max: 500, hint: 'Why it was cancelled, moved back, or approved' }),
  supplierConfirmationNumber: text('Supplier confirmation number', { max: 100, aliases: ['supplier_confirmation_order_num'] }),
  customerOrderNumber: text('Customer PO number', { max: 100, aliases: ['delivery_po_num', 'Delivery PO'] }),
  carrierOrderNumber: text('Carrier PO number', { max: 100 }),
  carrierReleaseNumber: text('Carrier release number', { max: 100, aliases: ['carrier_release_num'] }),
  carrierReleaseFormat: choice('Carrier release format', releaseFormats, {}),
  externalReferences: texts('Other numbers', { max: 30, each: 100 }),
} as const;

const sides = {
  supplierId: ref('Supplier', 'parties', {
    index: true,
    onDelete: 'protect',
    where: { roles: 'supplier' },
    aliases: lookup('pro_supplier_lookup', 'Supplier_LookUp'),
  }),
  customerId: ref('Customer', 'parties', {
    index: true,
    onDelete: 'protect',
    where: { roles: 'customer' },
    aliases: lookup('pro_customer_lookup', 'Customer_LookUp'),
  }),
  carrierId: ref('Carrier', 'parties', { onDelete: 'protect', where: { roles: 'carrier' } }),
  brokerIds: refs('Brokers', 'parties', { where: { roles: 'broker' } }),
  contactIds: refs('Contacts', 'contacts', { aliases: ['pro_ContactInfo_pro_PurchaseOrder', 'Contact'] }),
  originId: ref('Origin', 'locations', { aliases: ['origin_location', 'Origin location', 'pick_up_location', 'pickup_location', 'Plant'] }),
  destinationId: ref('Destination', 'locations', { aliases: ['end_location', 'End location', 'delivery_location'] }),
  mappingId: ref('Supplier plant mapping', 'mappings', {}),
  buyOrderIds: refs('Purchase orders', 'orders', { where: { kind: 'purchase' }, hint: 'Freight and sales orders: the buys they serve' }),
  sellOrderIds: refs('Sales orders', 'orders', { where: { kind: 'sale' }, hint: 'Freight orders: the sales they serve' }),
} as const;

const agreement = {
  orderedOn: date('Order date', { index: true, aliases: ['pro_purchasedate', 'Purchase date', 'order_date', 'Ordered on'] }),
  fulfillOn: date('Fulfillment date', { aliases: ['pro_fulfillmentdate', 'delivery_date', 'Fulfill on'] }),
  pickupOn: date('Pickup date', { aliases: ['pick_up_date'] }),
  expiresAt: instant('Offer expires', {}),
  currency: choice('Currency', currencies, { default: 'usd', aliases: lookup('transactioncurrencyid') }),
  exchangeRate: integer('Exchange rate', { least: 1, default: 1_000_000, hint: 'Millionths: base currency for one of this currency' }),
  terms: choice('Terms', terms, { aliases: ['Payment terms'] }),
  termsAnchor: choice('Terms run from', termsAnchors, {}),
  termsText: text('Terms as written', { max: 100 }),
  priceBasis: choice('Price basis', priceBases, {}),
  logistics: choice('Logistics', logisticsScenarios, { aliases: ['logistics_scenario'] }),
  agency: flag('Agency deal', { hint: 'We never own the goods; our commission is the claim' }),
  exportDeal: flag('Export', {}),
  documentsNeeded: set('Documents needed', requiredDocuments, {}),
  customerDocuments: text('Customer documents', {
    max: 500,
    aliases: ['pro_customerdocuments'],
    hint: 'Reference as written; files are attachments',
  }),
  supplierDocuments: text('Supplier documents', {
    max: 500,
    aliases: ['pro_supplierdocuments'],
    hint: 'Reference as written; files are attachments',
  }),
  instructions: text('Special instructions', { max: 5000, long: true, aliases: ['special_instructions'] }),
  notes: text('Notes', { max: 20_000, long: true }),
} as const;

/** The load: what the truck, the seal and the thermometer said. Temperatures are tenths of a degree Fahrenheit. */
const degrees = { least: -1000, most: 2000 } as const;
const load = {
  equipment: choice('Equipment', equipment, {}),
  trailerNumber: text('Trailer number', { max: 60 }),
  sealNumber: text('Seal number', { max: 100, aliases: ['Seal'] }),
  recorderNumber: text('Recorder number', { max: 100 }),
  bolNumber: text('BOL number', { max: 100, aliases: ['BOL'] }),
  podOn: date('POD received', { aliases: ['POD'] }),
  temperatureSetPoint: integer('Temperature set point', degrees),
  pulpNoseAtLoad: integer('Pulp temperature at load, nose', degrees),
  pulpMiddleAtLoad: integer('Pulp temperature at load, middle', degrees),
  pulpTailAtLoad: integer('Pulp temperature at load, tail', degrees),
  pulpNoseAtReceipt: integer('Pulp temperature at receipt, nose', degrees),
  pulpMiddleAtReceipt: integer('Pulp temperature at receipt, middle', degrees),
  pulpTailAtReceipt: integer('Pulp temperature at receipt, tail', degrees),
  grossWeight: pounds('Gross weight', {}),
  tareWeight: pounds('Tare weight', {}),
  miles: integer('Miles', { most: 20_000 }),
} as const;

export const order = defineEntity({
  noun: 'order',
  collection: 'orders',
  label: 'Order',
  labels: 'Orders',
  title: 'number',
  reason: 'stageReason',
  changes: [{ added: ['creditAsOf', 'creditFlaggedAt'] }],
  fields: {
    ...names,
    ...sides,
    ...agreement,
    ...load,
    lines: lines('Lines', lineFields, { hint: 'What is bought or sold, one line for each item' }),
    stops: lines('Stops', stopFields, { max: 40 }),
    charges: lines(
      'Charges',
      {
        kind: choice(
          'Kind of charge',
          {
            linehaul: 'Linehaul',
            fuel: 'Fuel surcharge',
            lumper: 'Lumper',
            detention: 'Detention',
            storage: 'Cold storage',
            boxing: 'Boxing',
            fee: 'Fee',
            tax: 'Tax',
            adjustment: 'Price adjustment',
            other: 'Other',
          },
          { required: true },
        ),
        description: text('Description', { max: 300 }),
        amount: money('Amount', { required: true, least: -1_000_000_000_000, most: 1_000_000_000_000 }),
      },
      { max: 60 },
    ),
    allocations: lines(
      'Allocations',
      {
        orderLineId: text('Line of this order', { required: true, max: 36 }),
        otherOrderId: ref('Purchase order', 'orders', { required: true, where: { kind: 'purchase' } }),
        otherLineId: text('Line of the purchase', { required: true, max: 36 }),
        cases: integer('Cases', {}),
        weight: pounds('Weight', {}),
      },
      { hint: 'Which line of which purchase covers which line sold; the margin follows from it' },
    ),
    totalCases: integer('Total cases', { computed: true }),
    totalWeight: pounds('Total weight', { computed: true }),
    totalAmount: money('Total amount', { computed: true, least: Number.MIN_SAFE_INTEGER, aliases: ['total_amount', 'Total'] }),
    retainUntil: date('Keep until', { computed: true, hint: 'Legal retention: two years after the end of the year of the deal' }),
    creditAsOf: instant('Credit looked at as of', { computed: true, hint: 'Until when the device that agreed to it knew everything' }),
    creditFlaggedAt: instant('Over the credit limit since', {
      computed: true,
      hint: 'Agreed offline within the limit, and above it when it came to the server; stays until somebody approves it',
    }),
  },
  together: [
    ['currency', 'exchangeRate'],
    ['terms', 'termsAnchor'],
    ['lines.price', 'lines.priceUnit', 'lines.priceKind', 'lines.priceFormula'],
    ['lines.referencePrice', 'lines.referencePriceUnit'],
    ['lines.caseWeights', 'lines.weightUnit', 'lines.netWeight', 'lines.cases'],
    ['allocations.cases', 'allocations.weight'],
  ],
  indexes: [
    ['kind', 'orderedOn'],
    ['kind', 'stage', 'orderedOn'],
  ],
  views: [
    { name: 'purchase_orders', where: { kind: 'purchase' } },
    { name: 'purchase_order_lines', where: { kind: 'purchase' }, lines: 'lines' },
    { name: 'sales_orders', where: { kind: 'sale' } },
    { name: 'sales_order_lines', where: { kind: 'sale' }, lines: 'lines' },
    { name: 'freight_orders', where: { kind: 'freight' } },
    { name: 'freight_order_lines', where: { kind: 'freight' }, lines: 'lines' },
    { name: 'order_stops', lines: 'stops' },
    { name: 'order_charges', lines: 'charges' },
    { name: 'order_allocations', lines: 'allocations' },
  ],
});
export type Order = DocumentOf<typeof order>;
export type OrderLine = NonNullable<Order['lines']>[number];
