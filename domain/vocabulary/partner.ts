/** Words about partners, papers and terms that several nouns share: stored key -> label; an `optionList` is the company's to change. */
import { optionList } from '../access/option-lists.ts';

/** Papers a customer asks for before goods ship; the labels are those of the replaced option sets. */
export const requiredDocuments = optionList('required_documents', 'Papers that customers ask for', {
  letter_of_guarantee: 'Letter of Guarantee',
  audit_reports: 'Audit Reports',
  brc: 'BRC',
  animal_welfare: 'Animal Welfare',
  spec_sheet: 'Spec Sheet of Purchased Item',
  label_picture: 'Picture of Label',
});

export const certificates = optionList('certificates', 'Certificates', {
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
});

/** Whom to call for what. The first six are those of the replaced contact table. */
export const positions = optionList('positions', 'Positions', {
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
});

export const departments = optionList('departments', 'Departments', {
  sales: 'Sales',
  docs_bol: "Doc's BOL",
  docs_coa: "Doc's COA",
  docs_pod: "Doc's POD",
  accounting: 'Accounting',
  shipping: 'Shipping',
  receiving: 'Receiving',
  operations: 'Operations',
  quality: 'Quality',
});

/** Agreed terms of payment, with their days (R3). Nothing is due by a date after prepayment, and what is only written has none. */
const termsDues = {
  wire_before: { days: -1, businessDay: true },
  on_receipt: { days: 0 },
  net_7: { days: 7 },
  net_10: { days: 10 },
  net_14: { days: 14 },
  net_15: { days: 15 },
  net_21: { days: 21 },
  net_30: { days: 30 },
  net_45: { days: 45 },
  net_60: { days: 60 },
} as const;
const termsLabels = {
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
export const terms = optionList('terms', 'Terms of payment', termsLabels, termsDues);

/** The date from which terms run; it differs by partner and decides every due date. */
export const termsAnchors = {
  invoice: 'Invoice date',
  ship: 'Ship date',
  receipt: 'Receipt date',
  acceptance: 'Acceptance date',
} as const;

export const paymentMethods = optionList('payment_methods', 'Payment methods', {
  wire: 'Wire',
  ach: 'ACH',
  check: 'Check',
  credit_card: 'Credit card',
  cash: 'Cash',
  other: 'Other',
});

/** The replaced system's bands. Exposure is computed from the limit in money, never from a band. */
export const creditBands = optionList('credit_bands', 'Lines of credit', {
  to_50k: '$0 - $50,000',
  to_100k: '$50,000 - $100,000',
  to_250k: '$100,000 - $250,000',
  to_500k: '$250,000 - $500,000',
  to_1m: '$500,000 - $1,000,000',
  over_1m: '$1,000,000+',
});

export const shippingOffers = optionList('shipping_offers', 'Shipping offers', {
  domestic: 'Yes - Domestic',
  international: 'Yes - International',
  exported: 'Yes - Exported',
  domestic_exported: 'Yes - Domestic & Exported',
  no: 'No',
});

export const industries = optionList('industries', 'Industries', {
  pet: 'Pet Sector',
  processor: 'Processor',
  retail: 'Retail',
  wholesaler: 'Wholesaler',
  food_service: 'Food Service',
  export: 'Export',
});

export const carrierKinds = optionList('carrier_kinds', 'Carrier types', {
  truck: 'Truck',
  rail: 'Rail',
  air: 'Air',
  sea: 'Sea',
  other: 'Other',
});

export const loadRequirements = optionList('load_requirements', 'Load requirements', {
  forklift_required: 'Forklift required',
  handle_with_care: 'Handle with care',
  none: 'No special requirements',
  standard_loading: 'Standard loading',
  release_number_used: 'Release number used',
});

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
