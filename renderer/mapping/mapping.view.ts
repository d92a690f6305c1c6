import { mapping } from '../../domain/mapping/mapping.entity.ts';
import { defineView, joined } from '../ui/view.ts';

export const mappingView = defineView(mapping, {
  subtitle: (document) => joined(document['freightLane'], document['documentsReference']),
  widths: { fromOn: 92, toOn: 92, status: 80 },
  sections: {
    main: { title: 'Lane' },
    papers: { title: 'Papers' },
    goods: { title: 'Items' },
    freight: { title: 'Usual freight' },
    notes: { title: 'Notes' },
  },
  layout: {
    name: { section: 'main', span: 6 },
    fromOn: { section: 'main', span: 3 },
    toOn: { section: 'main', span: 3 },
    supplierId: { section: 'main', span: 6 },
    plantId: { section: 'main', span: 6 },
    customerId: { section: 'main', span: 6 },
    contactId: { section: 'main', span: 6 },
    orderId: { section: 'main', span: 6 },
    documents: { section: 'papers', span: 6 },
    documentsReference: { section: 'papers', span: 6 },
    productIds: { section: 'goods', span: 12 },
    itemCodes: { section: 'goods' },
    carrierId: { section: 'freight', span: 6 },
    shipToId: { section: 'freight', span: 6 },
    freightLane: { section: 'freight', span: 6 },
    freightRate: { section: 'freight', span: 3 },
    notes: { section: 'notes', span: 12 },
  },
  faces: [
    {
      key: 'mappings',
      label: 'Mapping',
      labels: 'Mappings',
      columns: ['name', 'supplierId', 'plantId', 'customerId', 'contactId', 'documents', 'fromOn', 'toOn', 'status'],
      spare: ['carrierId', 'freightLane', 'freightRate', 'modifiedAt'],
      sort: { key: 'name' },
      hub: [],
      empty: 'No mappings yet. A mapping says: this supplier ships from this plant to this customer, with these papers.',
    },
  ],
});
