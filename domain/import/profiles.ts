/** Every kind of file that an import knows. Special files stand first, because they win a tie over the general ones. */
import { contact } from '../contact/contact.entity.ts';
import { location } from '../location/location.entity.ts';
import { mapping } from '../mapping/mapping.entity.ts';
import { order } from '../order/order.entity.ts';
import { party } from '../party/party.entity.ts';
import { product } from '../product/product.entity.ts';
import { receivable } from '../receivable/receivable.entity.ts';
import type { Entity } from '../entity/entity.ts';
import { entityTargets } from './entity-targets.ts';
import { fmcsaCarriers } from './fmcsa-carriers.ts';
import { fsisPlants } from './fsis-plants.ts';
import { type Finding, finding } from './finding.ts';
import { KEY, type Profile, type RowDraft, placeAt } from './profile.ts';

interface Kind {
  readonly id: string;
  readonly label: string;
  readonly entity: Entity;
  readonly constants?: RowDraft;
  /** Dataverse names its key column after the table. Source: ProjectMeats facts 1.1-1.9. */
  readonly keys?: readonly string[];
  /** Display names and logical names that no other kind of the same entity has. */
  readonly marks?: readonly string[];
  readonly finish?: NonNullable<Profile['finish']>;
}

function general({ id, label, entity, constants = {}, keys = [], marks = [], finish }: Kind): Profile {
  const targets = entityTargets(entity).filter((target) => !(target.path in constants));
  const named = targets.map((target) => (target.path === KEY ? { ...target, headers: [...target.headers, ...keys] } : target));
  const profile = { id, label, collection: entity.collection, source: 'file', constants, targets: named, marks: [...marks, ...keys] };
  return finish === undefined ? profile : { ...profile, finish };
}

/**
 * The replaced systems kept a price without a unit and multiplied it by the quantity, so the price is per case there. The
 * row says that this was assumed.
 */
function assumePerCase(draft: RowDraft, columnOf: (path: string) => string): Finding[] {
  const [line] = (draft['lines'] as readonly RowDraft[] | undefined) ?? [];
  if (line?.['price'] === undefined || line['priceUnit'] !== undefined || line['cases'] === undefined) return [];
  placeAt(draft, 'lines.0.priceUnit', 'case');
  const column = columnOf('lines.0.price');
  return [
    finding(
      'warning',
      'price_per_case',
      column,
      `${column} has no unit in the file; it was taken as per case, because it belongs to the quantity. Correct the order if it is per pound.`,
    ),
  ];
}

export const profiles: readonly Profile[] = [
  fsisPlants,
  fmcsaCarriers,
  general({
    id: 'suppliers',
    label: 'Suppliers',
    entity: party,
    constants: { roles: ['supplier'] },
    keys: ['cr7c4_supplierid', '(Do Not Modify) Supplier'],
    marks: [
      'cr7c4_nameofsupplier',
      'Name of Supplier',
      'Supplier Name',
      'DeliveryType',
      'cr7c4_profileofsupplierdeliverytype',
      'delivery_type_profile',
    ],
  }),
  general({
    id: 'customers',
    label: 'Customers',
    entity: party,
    constants: { roles: ['customer'] },
    keys: ['pro_customerid', '(Do Not Modify) Customer'],
    marks: ['pro_customername', 'CustomerName', 'Customer Name', 'pro_documentsneeded', 'DocumentsNeeded'],
  }),
  general({
    id: 'carrier-list',
    label: 'Carriers (any list)',
    entity: party,
    constants: { roles: ['carrier'] },
    keys: ['cr7c4_carrierinfoid', '(Do Not Modify) Carrier Info'],
    marks: ['cr7c4_name', 'Carrier Name', 'MC number', 'MC', 'USDOT number'],
  }),
  general({
    id: 'plant-list',
    label: 'Plants (any list)',
    entity: location,
    constants: { kind: 'plant' },
    keys: ['cr7c4_plantid', '(Do Not Modify) Plant'],
    marks: ['cr7c4_plantname', 'Plant Name', 'Plant Type', 'EST', 'EST number'],
  }),
  general({
    id: 'supplier-locations',
    label: 'Supplier locations',
    entity: location,
    constants: { kind: 'supplier_location' },
    keys: ['pro_supplier_locationsid', '(Do Not Modify) Supplier Locations'],
    marks: ['pro_locationname', 'Location Name', 'Supplier_LookUp'],
  }),
  general({ id: 'contacts', label: 'Contacts', entity: contact, keys: ['pro_contactinfoid', '(Do Not Modify) Contact Info'] }),
  general({
    id: 'purchase-orders',
    label: 'Purchase orders',
    entity: order,
    constants: { kind: 'purchase' },
    keys: ['pro_purchaseorderid', '(Do Not Modify) Purchase Order'],
    marks: ['pro_po_number', 'PO_Number'],
    finish: assumePerCase,
  }),
  general({
    id: 'mappings',
    label: 'Supplier-plant mappings',
    entity: mapping,
    keys: ['pro_supplierplantmappingid', '(Do Not Modify) Supplier Plant Mapping'],
  }),
  general({
    id: 'payment-accounts',
    label: 'Payment accounts (A/R)',
    entity: receivable,
    constants: { kind: 'payment_account' },
    keys: ['cr7c4_accountsreceivablesid', '(Do Not Modify) Accounts Receivables'],
  }),
  general({ id: 'products', label: 'Products', entity: product }),
];

export const profileOf = (id: string): Profile | undefined => profiles.find((profile) => profile.id === id);
