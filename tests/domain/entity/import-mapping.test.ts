/** Every column of the replaced systems has a field: the union of the Dataverse and the Django columns. */
import { describe, expect, it } from 'vitest';
import { type Entity, allFields } from '../../../domain/entity/entity.ts';
import { headerAliases, headerNames, normalizeHeader } from '../../../domain/entity/import-mapping.ts';
import { contact } from '../../../domain/contact/contact.entity.ts';
import { location } from '../../../domain/location/location.entity.ts';
import { mapping } from '../../../domain/mapping/mapping.entity.ts';
import { order } from '../../../domain/order/order.entity.ts';
import { party } from '../../../domain/party/party.entity.ts';
import { profile } from '../../../domain/profile/profile.entity.ts';
import { receivable } from '../../../domain/receivable/receivable.entity.ts';
import { nouns } from '../../../domain/registry.ts';
import { optionCodes, stateCodes } from '../../../domain/vocabulary/dataverse.ts';

/** `Dataverse column | display name | Django column` -> field. Empty where a system has no such column. */
const columns: readonly (readonly [Entity, readonly (readonly [headers: string, field: string])[]])[] = [
  [
    receivable,
    [
      ['cr7c4_names|Names|name', 'name'],
      ['cr7c4_email|Email|email', 'email'],
      ['cr7c4_phone|Phone|phone', 'phone'],
      ['cr7c4_terms|Terms|terms', 'termsText'],
      ['statecode|Status|status', 'status'],
      ['createdon|Created On|created_on', 'createdAt'],
      ['modifiedon|Modified On|modified_on', 'modifiedAt'],
      ['overriddencreatedon', 'createdAt'],
      ['ownerid|Owner|owner', 'ownerId'],
      ['createdby|Created By|created_by', 'createdBy'],
      ['modifiedby|Modified By|modified_by', 'modifiedBy'],
    ],
  ],
  [
    party,
    [
      ['cr7c4_nameofsupplier|Name of Supplier|name', 'name'],
      ['cr7c4_datewhencreditapplicationwassent|Date when Credit application was sent|credit_application_date', 'creditApplicationSentOn'],
      ['cr7c4_profileofsupplierdeliverytype|DeliveryType|delivery_type_profile', 'deliveryType'],
      ['cr7c4_accountsreceivablesid|OLD_Accounts Receivables|accounts_receivable', 'paymentAccountId'],
      ['_cr7c4_accountsreceivablesid_value', 'paymentAccountId'],
      ['cr7c4_plant|PlantLookUp', 'plantId'],
      ['pro_contactinfo_lookup|ContactInfo_Lookup', 'contactId'],
      ['pro_po_lookup|PO_Lookup', 'orderId'],
      ['pro_customername|CustomerName|name', 'name'],
      ['pro_documentsneeded|DocumentsNeeded', 'documentsNeeded'],
      ['cr7c4_name|Name|name', 'name'],
      ['cr7c4_address|Address|address', 'street'],
      ['cr7c4_contactname|Contact Name|contact_name', 'contactName'],
      ['cr7c4_releasenumber|Release Number|release_number', 'releaseNumber'],
      ['_cr7c4_supplierid_value|Supplier|supplier', 'supplierId'],
      ['dot_number', 'dotNumber'],
      ['legal_name', 'name'],
      ['dba_name', 'dbas'],
      ['phy_city', 'city'],
      ['phy_state', 'state'],
      ['phy_zip', 'postalCode'],
      ['cargo_carried', 'cargoCarried'],
    ],
  ],
  [
    location,
    [
      ['pro_locationname|Location Name|name', 'name'],
      ['pro_address|Address|address', 'street'],
      ['city', 'city'],
      ['pro_state|State|state', 'state'],
      ['postal_code', 'postalCode'],
      ['country', 'country'],
      ['location_type', 'locationType'],
      ['contact_name', 'contactName'],
      ['contact_phone', 'phone'],
      ['contact_email', 'email'],
      ['pro_supplier_lookup|Supplier_LookUp|supplier', 'partyId'],
      ['pro_supplier_lookup2|Supplier_LookUp2', 'secondPartyId'],
      ['notes', 'notes'],
      ['cr7c4_plantname|Plant Name|name', 'name'],
      ['cr7c4_location|Location|location', 'place'],
      ['cr7c4_planttype|Plant Type|plant_type', 'proteins'],
      ['cr7c4_releasenumber|Release Number|release_number', 'releaseNumber'],
      ['cr7c4_loadpickuprequirements|Load Pick Up Requirements|load_pickup_requirements', 'loadRequirements'],
      ['cr7c4_storage|Storage|storage', 'storage'],
      ['cr7c4_supplierid|Supplier|supplier', 'partyId'],
      ['establishment_number', 'establishment'],
      ['establishment_name', 'name'],
      ['duns_number', 'dunsNumber'],
      ['street', 'street'],
      ['zip', 'postalCode'],
      ['phone', 'phone'],
      ['grant_date', 'grantedOn'],
      ['activities', 'activities'],
      ['dbas', 'dbas'],
      ['district', 'fsisDistrict'],
      ['circuit', 'fsisCircuit'],
      ['size', 'size'],
      ['latitude', 'latitude'],
      ['longitude', 'longitude'],
      ['county', 'county'],
      ['fips_code', 'fipsCode'],
    ],
  ],
  [
    contact,
    [
      ['pro_name|Name|name', 'name'],
      ['pro_email|Email|email', 'email'],
      ['pro_phone|Phone|phone', 'phone'],
      ['pro_position|Position|position', 'positions'],
      ['pro_contacttype|ContactType|contact_type', 'contactType'],
      ['pro_customer_lookup|Customer_LookUp|customer', 'customerId'],
      ['pro_cr7c4_supplier|Supplier_LookUp|supplier', 'supplierId'],
    ],
  ],
  [
    mapping,
    [
      ['pro_supplierplantmapping1|Supplier Plant Mapping Name|name', 'name'],
      ['pro_supplierlookup|SupplierLookup|supplier', 'supplierId'],
      ['pro_customerlookup|CustomerLookup|customer', 'customerId'],
      ['new_pro_contactinfo|ContactInfo_Lookup|contact_info', 'contactId'],
      ['pro_plantlookup|PlantLookup|plant', 'plantId'],
      ['documents_reference', 'documentsReference'],
      ['pro_doclistchoices|DocListChoices', 'documents'],
      ['pro_purchaseorder|Purchase Order', 'orderId'],
    ],
  ],
  [
    order,
    [
      ['pro_po_number|PO_Number|po_number', 'number'],
      ['transactioncurrencyid|Currency', 'currency'],
      ['exchangerate|Exchange Rate', 'exchangeRate'],
      ['pro_purchasedate|Purchase Date|purchase_date', 'orderedOn'],
      ['pro_fulfillmentdate|Fulfillment Date|fulfillment_date', 'fulfillOn'],
      ['pro_customer_lookup|Customer_LookUp|customer', 'customerId'],
      ['pro_supplier_lookup|Supplier_LookUp|supplier', 'supplierId'],
      ['origin_location', 'originId'],
      ['end_location', 'destinationId'],
      ['pro_customerdocuments|Customer Documents|customer_documents', 'customerDocuments'],
      ['pro_supplierdocuments|Supplier Documents|supplier_documents', 'supplierDocuments'],
      ['pro_ContactInfo_pro_PurchaseOrder', 'contactIds'],
      ['total_amount', 'totalAmount'],
      ['logistics_scenario', 'logistics'],
    ],
  ],
  [
    profile,
    [
      ['user', 'accountId'],
      ['phone', 'phone'],
      ['department', 'department'],
      ['job_title', 'jobTitle'],
      ['profile_image', 'imageId'],
      ['timezone', 'timezone'],
      ['email_notifications', 'emailNotifications'],
      ['bio', 'bio'],
      ['username', 'username'],
      ['first_name', 'firstName'],
      ['last_name', 'lastName'],
      ['email', 'email'],
      ['last_login', 'lastSignInAt'],
    ],
  ],
];

const fieldOf = (entity: Entity, header: string): string | undefined => headerAliases(entity).get(normalizeHeader(header));

describe('import mapping', () => {
  it.each(columns.map(([entity, pairs]) => [entity.collection, entity, pairs] as const))(
    '%s: every column of the replaced systems means a field',
    (_, entity, pairs) => {
      const wrong = pairs.flatMap(([headers, field]) =>
        headers
          .split('|')
          .flatMap((header) => (fieldOf(entity, header) === field ? [] : [`${header} -> ${fieldOf(entity, header)}, not ${field}`])),
      );
      expect(wrong).toEqual([]);
    },
  );

  it.each([
    ['pro_item|Item|item', 'description'],
    ['pro_quantity|Quantity|quantity', 'cases'],
    ['pro_priceperunit|PricePerUnit|price_per_unit', 'price'],
  ])('orders: %s is the %s of a line', (headers, key) => {
    const f = order.fields.lines.fields?.[key];
    const known = new Set((f ? headerNames(key, f) : []).map(normalizeHeader));
    for (const header of headers.split('|')) expect(known.has(normalizeHeader(header)), header).toBe(true);
  });

  it('no header means two fields of one noun', () => {
    for (const { entity } of nouns) {
      const owner = new Map<string, string>();
      for (const [key, f] of Object.entries(allFields(entity))) {
        for (const header of headerNames(key, f).map(normalizeHeader)) {
          expect(owner.get(header) ?? key, `${entity.collection}: ${header}`).toBe(key);
          owner.set(header, key);
        }
      }
      expect(headerAliases(entity)).toEqual(owner);
    }
  });

  it('headers compare without case, blanks and signs, and an unknown one means nothing', () => {
    expect(['Zip', 'ZIP code', ' establishment NUMBER ', 'Colour'].map((header) => fieldOf(location, header))).toEqual([
      'postalCode',
      'postalCode',
      'establishment',
      undefined,
    ]);
  });
});

describe('option codes of the replaced tables', () => {
  it('decode to options that exist', () => {
    for (const [path, codes] of Object.entries({ ...optionCodes, 'parties.status': stateCodes })) {
      const [collection = '', key = ''] = path.split('.');
      const noun = nouns.find(({ entity }) => entity.collection === collection);
      if (!noun) throw new Error(`${collection} is no collection`);
      const options = Object.keys(allFields(noun.entity)[key]?.options ?? {});
      for (const [code, value] of Object.entries(codes)) expect(options, `${path} ${code}`).toContain(value);
    }
  });

  it('carry the labels of the replaced option sets', () => {
    const labels = (entity: Entity, key: string): string[] =>
      Object.values(optionCodes[`${entity.collection}.${key}`] ?? {}).map((value) => entity.fields[key]?.options?.[value] ?? '?');
    expect(labels(party, 'documentsNeeded')).toEqual([
      'Letter of Guarantee',
      'Audit Reports',
      'BRC',
      'Animal Welfare',
      'Spec Sheet of Purchased Item',
      'Picture of Label',
    ]);
    expect(labels(mapping, 'documents')).toEqual(labels(party, 'documentsNeeded'));
    expect(labels(contact, 'positions')).toEqual(['Accounts Receivable', 'Sales Rep', 'Owner', 'Logistics', 'Accounts Payable', 'Buyer']);
    expect(labels(location, 'proteins')).toEqual(['Beef', 'Chicken', 'Pork', 'Turkey']);
    expect(labels(location, 'loadRequirements')).toEqual([
      'Forklift required',
      'Handle with care',
      'No special requirements',
      'Standard loading',
      'Release number used',
    ]);
    expect(labels(location, 'storage')).toEqual(['Internal Cold', 'Outside Cold']);
  });

  it('texts are as long as the larger of the two systems', () => {
    const lengths: readonly (readonly [Entity, string, number])[] = [
      [party, 'name', 850],
      [location, 'name', 850],
      [contact, 'name', 850],
      [mapping, 'name', 850],
      [order, 'number', 850],
      [receivable, 'name', 850],
      [contact, 'email', 4000],
      [contact, 'phone', 4000],
      [location, 'street', 500],
      [location, 'place', 200],
      [party, 'contactName', 850],
      [mapping, 'documentsReference', 500],
      [receivable, 'termsText', 100],
    ];
    for (const [entity, key, max] of lengths) expect(entity.fields[key]?.max, `${entity.collection}.${key}`).toBeGreaterThanOrEqual(max);
  });
});
