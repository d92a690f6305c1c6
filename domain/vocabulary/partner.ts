/** Words about partners, papers and terms that several nouns share: stored key -> label. */

/** Papers a customer asks for before goods ship; the labels are those of the replaced option sets. */
export const requiredDocuments = {
  letter_of_guarantee: 'Letter of Guarantee',
  audit_reports: 'Audit Reports',
  brc: 'BRC',
  animal_welfare: 'Animal Welfare',
  spec_sheet: 'Spec Sheet of Purchased Item',
  label_picture: 'Picture of Label',
} as const;

export const certificates = {
  third_party: '3rd Party',
  brc: 'BRC',
  fssai: 'FSSAI',
  sqf: 'SQF',
  ifs: 'IFS',
  iso: 'ISO',
  haccp: 'HACCP',
  halal: 'Halal',
  kosher: 'Kosher',
  organic: 'Organic',
} as const;

/** Whom to call for what. The first six are those of the replaced contact table. */
export const positions = {
  accounts_receivable: 'Accounts Receivable',
  sales_rep: 'Sales Rep',
  owner: 'Owner',
  logistics: 'Logistics',
  accounts_payable: 'Accounts Payable',
  buyer: 'Buyer',
  sales: 'Sales',
  accounting: 'Accounting',
  shipping: 'Shipping',
  receiving: 'Receiving',
  operations: 'Operations',
  quality: 'Quality',
  executive: 'Executive',
  docs_bol: "Doc's BOL",
  docs_coa: "Doc's COA",
  docs_pod: "Doc's POD",
  recall: '24-hour recall contact',
} as const;

export const departments = {
  sales: 'Sales',
  docs_bol: "Doc's BOL",
  docs_coa: "Doc's COA",
  docs_pod: "Doc's POD",
  accounting: 'Accounting',
  shipping: 'Shipping',
  receiving: 'Receiving',
  operations: 'Operations',
  quality: 'Quality',
} as const;

/** Agreed terms of payment. */
export const terms = {
  prepaid: 'Prepaid',
  wire_before: 'Wire 1 day prior',
  on_receipt: 'Due on receipt',
  net_7: 'Net 7',
  net_10: 'Net 10',
  net_14: 'Net 14',
  net_15: 'Net 15',
  net_21: 'Net 21',
  net_30: 'Net 30',
  net_45: 'Net 45',
  net_60: 'Net 60',
  other: 'Other, as written',
} as const;

/** The date from which terms run; it differs by partner and decides every due date. */
export const termsAnchors = {
  invoice: 'Invoice date',
  ship: 'Ship date',
  receipt: 'Receipt date',
  acceptance: 'Acceptance date',
} as const;

export const paymentMethods = {
  wire: 'Wire',
  ach: 'ACH',
  check: 'Check',
  credit_card: 'Credit card',
  cash: 'Cash',
  other: 'Other',
} as const;

/** The replaced system's bands. Exposure is computed from the limit in money, never from a band. */
export const creditBands = {
  to_50k: '$0 - $50,000',
  to_100k: '$50,000 - $100,000',
  to_250k: '$100,000 - $250,000',
  to_500k: '$250,000 - $500,000',
  to_1m: '$500,000 - $1,000,000',
  over_1m: '$1,000,000+',
} as const;

export const shippingOffers = {
  domestic: 'Yes - Domestic',
  international: 'Yes - International',
  exported: 'Yes - Exported',
  domestic_exported: 'Yes - Domestic & Exported',
  no: 'No',
} as const;

export const industries = {
  pet: 'Pet Sector',
  processor: 'Processor',
  retail: 'Retail',
  wholesaler: 'Wholesaler',
  food_service: 'Food Service',
  export: 'Export',
} as const;

export const carrierKinds = { truck: 'Truck', rail: 'Rail', air: 'Air', sea: 'Sea', other: 'Other' } as const;

export const loadRequirements = {
  forklift_required: 'Forklift required',
  handle_with_care: 'Handle with care',
  none: 'No special requirements',
  standard_loading: 'Standard loading',
  release_number_used: 'Release number used',
} as const;

/** Collections a note, a task or a file can hang on: collection -> label. */
export const recordCollections = {
  parties: 'Party',
  locations: 'Location',
  contacts: 'Contact',
  mappings: 'Supplier plant mapping',
  products: 'Product',
  orders: 'Order',
  receivables: 'Receivable',
  lots: 'Lot',
  events: 'Economic event',
  commissions: 'Commission',
  activities: 'Activity',
  attachments: 'Attachment',
  profiles: 'User profile',
} as const;
