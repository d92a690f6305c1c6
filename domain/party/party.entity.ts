/** A company or person we deal with. Suppliers, customers and carriers are roles; one party often has two of them. */
import { type DocumentOf, defineEntity } from '../entity/entity.ts';
import { choice, date, flag, instant, integer, lines, money, percent, ref, refs, set, text, texts } from '../entity/field.ts';
import { lookup } from '../vocabulary/dataverse.ts';
import {
  carrierKinds,
  certificates,
  creditBands,
  departments,
  industries,
  paymentMethods,
  requiredDocuments,
  shippingOffers,
  terms,
  termsAnchors,
} from '../vocabulary/partner.ts';
import {
  appointmentMethods,
  countries,
  edibilities,
  origins,
  packages,
  priceBases,
  proteins,
  refrigerations,
  releaseFormats,
  testings,
  weightBases,
} from '../vocabulary/trade.ts';

export const partyRoles = {
  supplier: 'Supplier',
  customer: 'Customer',
  carrier: 'Carrier',
  broker: 'Broker',
  own_company: 'Own company',
  cold_store: 'Cold store',
} as const;

export const relationKinds = {
  parent: 'Belongs to',
  member: 'Member of',
  contact: 'Contact of',
  supplier: 'Supplies',
  customer: 'Buys from',
  carrier: 'Hauls for',
  custodian: 'Stores for',
  broker: 'Brokers for',
  affiliate: 'Affiliate of',
} as const;
export const relationStages = { potential: 'Potential', active: 'Active', inactive: 'Inactive' } as const;

const identity = {
  name: text('Name', {
    required: true,
    index: true,
    max: 850,
    aliases: [
      'cr7c4_nameofsupplier',
      'Name of Supplier',
      'Supplier Name',
      'pro_customername',
      'CustomerName',
      'Customer Name',
      'cr7c4_name',
      'Carrier Name',
      'Legal Name',
      'Company',
      'Company Name',
    ],
  }),
  roles: set('Roles', partyRoles, { required: true, hint: 'What this party is to us; several are normal' }),
  kind: choice('Kind of party', { organization: 'Organization', person: 'Person' }, { default: 'organization' }),
  code: text('Code', { max: 60, aliases: ['Short code'] }),
  dbas: texts('Doing business as', { max: 100, each: 300, aliases: ['DBA', 'DBA Name', 'Other names'] }),
  phone: text('Phone', { max: 100, format: 'phone', aliases: ['Telephone', 'Main phone'] }),
  email: text('E-mail', { max: 254, format: 'email', aliases: ['E-mail address'] }),
  website: text('Website', { max: 300, format: 'url' }),
  street: text('Street', { max: 500, aliases: ['Address', 'cr7c4_address', 'Street address', 'phy_street'] }),
  city: text('City', { max: 100, aliases: ['phy_city'] }),
  state: text('State', { max: 100, aliases: ['phy_state', 'State or province'] }),
  postalCode: text('Postal code', { max: 20, aliases: ['Zip', 'Zip code', 'phy_zip'] }),
  country: text('Country', { max: 100, aliases: ['phy_country'] }),
  timezone: text('Time zone', { max: 50, format: 'timezone' }),
  contactName: text('Contact name', {
    max: 850,
    aliases: ['cr7c4_contactname', 'Contact person'],
    hint: 'As written in the replaced system; people to call are contacts',
  }),
  parentId: ref('Belongs to', 'parties', { hint: 'The company of which this is a branch or desk', aliases: ['Parent company'] }),
  notes: text('Notes', { max: 20_000, long: true }),
} as const;

/** What they offer or buy. */
const trade = {
  proteins: set('Proteins', proteins, { aliases: ['Protein', 'Preferred protein types', 'Type of protein'] }),
  edibility: choice('Edible or inedible', edibilities, { aliases: ['Edibility', 'edible_inedible'] }),
  refrigerations: set('Fresh or frozen', refrigerations, { aliases: ['Refrigeration'] }),
  packages: set('Package types', packages, { aliases: ['Package type'] }),
  weightBasis: choice('Net or catch', weightBases, { aliases: ['Weight basis'] }),
  testing: choice('Tested product', testings, { aliases: ['Testing'] }),
  certificates: set('Certificates', certificates, { aliases: ['Type of certificate', 'Certificate'] }),
  origin: choice('Origin', origins, { aliases: ['Purchasing preference origin'] }),
  countriesOfOrigin: set('Countries of origin', countries, { aliases: ['Country origin', 'Country of origin'] }),
  productIds: refs('Products', 'products', { max: 500, hint: 'Items they usually sell or buy' }),
  departments: set('Departments', departments, {}),
} as const;

/** The buy side: what we owe them, for goods or freight. */
const buying = {
  deliveryType: choice(
    'Delivery type',
    { delivers: 'Delivers', does_not_deliver: 'Does not deliver' },
    {
      aliases: ['cr7c4_profileofsupplierdeliverytype', 'delivery_type_profile'],
      hint: 'A choice and not a yes/no, because the replaced system stored 0 for delivers and 1 for does not',
    },
  ),
  creditApplicationSentOn: date('Credit application sent', {
    aliases: [
      'credit_application_date',
      'cr7c4_datewhencreditapplicationwassent',
      'Date when Credit application was sent',
      'credit_app_sent',
      'Credit application date',
    ],
  }),
  creditApplicationSetUpOn: date('Credit application set up', { aliases: ['credit_app_set_up'] }),
  paymentAccountId: ref('Payment account', 'receivables', {
    where: { kind: 'payment_account' },
    aliases: lookup('cr7c4_accountsreceivablesid', 'OLD_Accounts Receivables', 'Accounts Receivables', 'accounts_receivable'),
    hint: 'Who is asked about payments, and on which terms',
  }),
  plantId: ref('Main plant', 'locations', { where: { kind: 'plant' }, aliases: lookup('cr7c4_plant', 'PlantLookUp', 'Plant') }),
  contactId: ref('Main contact', 'contacts', { aliases: lookup('pro_contactinfo_lookup', 'ContactInfo_Lookup', 'Contact') }),
  orderId: ref('Linked order', 'orders', {
    aliases: lookup('pro_po_lookup', 'PO_Lookup'),
    hint: 'A single order the replaced system pointed at',
  }),
  buyTerms: choice('Terms we get', terms, { aliases: ['Buy terms', 'Supplier terms'] }),
  buyTermsAnchor: choice('Terms we get run from', termsAnchors, {}),
  ourCreditLine: money('Our credit line with them', {}),
  offersContracts: flag('Offers contracts', { aliases: ['offer_contracts'] }),
  offersExportDocuments: flag('Offers export documents', {}),
  pickupBooking: text('How to book pickup', { max: 2000, long: true, aliases: ['how_to_book_pickup'] }),
  shippingOffered: choice('Shipping offered', shippingOffers, {}),
} as const;

/** The sell side: what they owe us and what they accept. */
const selling = {
  documentsNeeded: set('Documents needed', requiredDocuments, {
    aliases: ['pro_documentsneeded', 'DocumentsNeeded', 'Required documents'],
  }),
  requiredCertificates: set('Certificates needed', certificates, {}),
  industries: set('Industries', industries, { aliases: ['Industry'] }),
  termsText: text('Terms as written', { max: 100, aliases: ['Terms', 'Payment terms'] }),
  sellTerms: choice('Terms we give', terms, { aliases: ['Sell terms', 'Customer terms'] }),
  sellTermsAnchor: choice('Terms we give run from', termsAnchors, {}),
  paymentMethod: choice('Payment method', paymentMethods, {}),
  creditLimit: money('Credit limit', { aliases: ['credit_limits'] }),
  insuredLimit: money('Insured limit', {}),
  creditBand: choice('Line of credit', creditBands, {
    aliases: ['Credit band'],
    hint: 'Band of the replaced system; exposure uses the credit limit',
  }),
  creditHold: flag('Credit hold', { hint: 'New sales ask for an approval' }),
  creditReviewOn: date('Credit review', {}),
  weightTolerance: percent('Weight tolerance', { most: 10_000 }),
  priceBasis: choice('Usual price basis', priceBases, {}),
  willPickUp: flag('Picks up loads', { aliases: ['will_pickup_load'] }),
  productExportable: flag('Product must be exportable', { aliases: ['product_exportable'] }),
  retailFacing: flag('Human food customer', { hint: 'Inedible goods are refused' }),
} as const;

const hauling = {
  carrierKind: choice('Carrier type', carrierKinds, { aliases: ['Type of carrier'] }),
  mcNumber: text('MC number', { max: 20, aliases: ['mc_number', 'MC', 'Docket number'] }),
  dotNumber: text('USDOT number', { max: 12, aliases: ['dot_number', 'DOT'] }),
  authority: choice(
    'Authority',
    { active: 'Active', inactive: 'Inactive', revoked: 'Revoked', pending: 'Pending' },
    { aliases: ['Authority status'] },
  ),
  authorityCheckedOn: date('Authority checked', {}),
  insurer: text('Insurer', { aliases: ['insurance_provider'] }),
  policyNumber: text('Policy number', { max: 100, aliases: ['insurance_policy', 'insurance_policy_number'] }),
  insuranceExpiresOn: date('Insurance expires', { aliases: ['insurance_expiry', 'insurance_expiration'] }),
  cargoLimit: money('Cargo insurance limit', {}),
  hasReefers: flag('Has reefers', { aliases: ['Reefer'] }),
  lanes: lines(
    'Lanes',
    { from: text('From', { required: true }), to: text('To', { required: true }), note: text('Note', { max: 500 }) },
    {},
  ),
  releaseNumber: text('Release number', { max: 100, aliases: ['cr7c4_releasenumber'] }),
  releaseFormat: choice('Carrier release format', releaseFormats, {}),
  appointmentMethod: choice('Appointment method', appointmentMethods, { aliases: ['how_carrier_make_appointment'] }),
  ourCustomerNumber: text('Our customer number with them', { max: 100, aliases: ['my_customer_num_from_carrier'] }),
  // The carrier table's logical name for this lookup is the supplier table's key column, so it is no alias here.
  supplierId: ref('Linked supplier', 'parties', { where: { roles: 'supplier' }, aliases: ['_cr7c4_supplierid_value', 'Supplier'] }),
  operation: text('Carrier operation', { max: 100 }),
  powerUnits: integer('Power units', { aliases: ['nbr_power_unit'] }),
  drivers: integer('Drivers', { aliases: ['driver_total'] }),
  forHire: flag('For hire', { aliases: ['authorized_for_hire'] }),
  privateOnly: flag('Private only', {}),
  hazmat: flag('Hazardous materials', { aliases: ['hm_flag'] }),
  cargoCarried: texts('Cargo carried', { max: 60, aliases: ['Cargo'] }),
  registeredOn: date('Registered with FMCSA', { aliases: ['add_date'] }),
  registrationUpdatedOn: date('Registration updated', { aliases: ['mcs150_date'] }),
} as const;

export const party = defineEntity({
  noun: 'party',
  collection: 'parties',
  label: 'Party',
  labels: 'Parties',
  title: 'name',
  personal: ['contactName'],
  fields: {
    ...identity,
    ...trade,
    ...buying,
    ...selling,
    ...hauling,
    relations: lines(
      'Relations',
      {
        partyId: ref('Party', 'parties', { required: true }),
        relation: choice('Relation', relationKinds, { required: true }),
        stage: choice('Stage of the relation', relationStages, {}),
        fromOn: date('From', {}),
        toOn: date('Until', {}),
        note: text('Note', { max: 500 }),
      },
      { hint: 'Who stands in which relation to this party, and since when' },
    ),
    lastTradedAt: instant('Last traded', { computed: true }),
  },
  together: [
    ['street', 'city', 'state', 'postalCode', 'country'],
    ['buyTerms', 'buyTermsAnchor'],
    ['sellTerms', 'sellTermsAnchor'],
  ],
  indexes: [['status', 'name']],
  views: [
    { name: 'suppliers', where: { roles: 'supplier' } },
    { name: 'customers', where: { roles: 'customer' } },
    { name: 'carriers', where: { roles: 'carrier' } },
    { name: 'party_list' },
    { name: 'party_relations', lines: 'relations' },
    { name: 'carrier_lanes', lines: 'lanes', where: { roles: 'carrier' } },
  ],
});
export type Party = DocumentOf<typeof party>;
