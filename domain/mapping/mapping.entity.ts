/** A lane of trade: this supplier ships from this plant to this customer, with these papers. */
import { type DocumentOf, defineEntity } from '../entity/entity.ts';
import { date, lines, price, ref, refs, set, text } from '../entity/field.ts';
import { lookup } from '../vocabulary/dataverse.ts';
import { requiredDocuments } from '../vocabulary/partner.ts';

export const mapping = defineEntity({
  noun: 'mapping',
  collection: 'mappings',
  label: 'Supplier plant mapping',
  labels: 'Supplier plant mappings',
  title: 'name',
  fields: {
    name: text('Name', {
      required: true,
      index: true,
      max: 850,
      aliases: ['pro_supplierplantmapping1', 'pro_name', 'Supplier Plant Mapping Name'],
    }),
    supplierId: ref('Supplier', 'parties', {
      index: true,
      onDelete: 'protect',
      where: { roles: 'supplier' },
      aliases: lookup('pro_supplierlookup', 'SupplierLookup', 'Supplier_lookup'),
    }),
    plantId: ref('Plant', 'locations', {
      index: true,
      onDelete: 'protect',
      where: { kind: 'plant' },
      aliases: lookup('pro_plantlookup', 'PlantLookup'),
    }),
    customerId: ref('Customer', 'parties', {
      index: true,
      onDelete: 'protect',
      where: { roles: 'customer' },
      aliases: lookup('pro_customerlookup', 'CustomerLookup'),
    }),
    contactId: ref('Contact', 'contacts', { aliases: lookup('new_pro_contactinfo', 'ContactInfo_Lookup', 'contact_info') }),
    orderId: ref('Purchase order', 'orders', { aliases: lookup('pro_purchaseorder') }),
    documents: set('Documents', requiredDocuments, { aliases: ['pro_doclistchoices', 'DocListChoices'] }),
    documentsReference: text('Documents reference', { max: 500, hint: 'Where the papers are, as written' }),
    fromOn: date('From', { aliases: ['Valid from'] }),
    toOn: date('Until', { aliases: ['Valid to', 'To'] }),
    productIds: refs('Products', 'products', { max: 500, aliases: ['Items offered'] }),
    itemCodes: lines(
      'Item codes of the packer',
      {
        productId: ref('Product', 'products', {}),
        itemCode: text('Item code', { required: true, max: 100 }),
        description: text('Description', { max: 500 }),
      },
      {},
    ),
    carrierId: ref('Usual carrier', 'parties', { where: { roles: 'carrier' } }),
    shipToId: ref('Ship-to', 'locations', {}),
    freightLane: text('Usual freight lane', { max: 300 }),
    freightRate: price('Usual freight per lb', {}),
    notes: text('Notes', { max: 20_000, long: true }),
  },
  indexes: [['status', 'name']],
  views: [{ name: 'supplier_plant_mappings' }, { name: 'supplier_plant_item_codes', lines: 'itemCodes' }],
});
export type Mapping = DocumentOf<typeof mapping>;
