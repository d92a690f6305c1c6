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
import type { Profile, RowDraft } from './profile.ts';

/** Dataverse names its key column after the table. Source: ProjectMeats facts 1.1-1.9. */
const general = (id: string, label: string, entity: Entity, constants: RowDraft, keyHeaders: readonly string[] = []): Profile => {
  const [key, ...rest] = entityTargets(entity);
  const targets = key === undefined ? rest : [{ ...key, headers: [...key.headers, ...keyHeaders] }, ...rest];
  return { id, label, collection: entity.collection, source: 'file', constants, targets: targets.filter((target) => !(target.path in constants)) };
};

export const profiles: readonly Profile[] = [
  fsisPlants,
  fmcsaCarriers,
  general('suppliers', 'Suppliers', party, { roles: ['supplier'] }, ['cr7c4_supplierid']),
  general('customers', 'Customers', party, { roles: ['customer'] }, ['pro_customerid']),
  general('carrier-list', 'Carriers', party, { roles: ['carrier'] }, ['cr7c4_carrierinfoid']),
  general('plant-list', 'Plants (any list)', location, { kind: 'plant' }, ['cr7c4_plantid']),
  general('supplier-locations', 'Supplier locations', location, { kind: 'supplier_location' }, ['pro_supplier_locationsid']),
  general('contacts', 'Contacts', contact, {}, ['pro_contactinfoid']),
  general('purchase-orders', 'Purchase orders', order, { kind: 'purchase' }, ['pro_purchaseorderid']),
  general('mappings', 'Supplier-plant mappings', mapping, {}, ['pro_supplierplantmappingid']),
  general('payment-accounts', 'Payment accounts (A/R)', receivable, { kind: 'payment_account' }, ['cr7c4_accountsreceivablesid']),
  general('products', 'Products', product, {}),
];

export const profileOf = (id: string): Profile | undefined => profiles.find((profile) => profile.id === id);
