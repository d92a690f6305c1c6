import { contact } from '../../domain/contact/contact.entity.ts';
import { defineView, joined } from '../ui/view.ts';

export const contactView = defineView(contact, {
  subtitle: (document) => joined(document['jobTitle'], document['phone'], document['email'], document['company']),
  widths: { phone: 116, mobilePhone: 116, contactType: 96, status: 80 },
  sections: {
    main: { title: 'Person' },
    reach: { title: 'How to reach them' },
    links: { title: 'Who they work for' },
    notes: { title: 'Notes' },
  },
  layout: {
    name: { section: 'main', span: 4 },
    firstName: { section: 'main', span: 2 },
    lastName: { section: 'main', span: 3 },
    jobTitle: { section: 'main', span: 3 },
    positions: { section: 'main', span: 6 },
    contactType: { section: 'main', span: 3 },
    recallContact: { section: 'main', span: 3 },
    phone: { section: 'reach', span: 3 },
    directPhone: { section: 'reach', span: 3 },
    mobilePhone: { section: 'reach', span: 3 },
    preferredChannel: { section: 'reach', span: 3 },
    email: { section: 'reach', span: 4 },
    otherEmails: { section: 'reach', span: 4 },
    otherPhones: { section: 'reach', span: 4 },
    lastSpokenAt: { section: 'reach', span: 3 },
    supplierId: { section: 'links', span: 6 },
    customerId: { section: 'links', span: 6 },
    carrierId: { section: 'links', span: 6 },
    locationId: { section: 'links', span: 6 },
    otherPartyIds: { section: 'links', span: 6 },
    company: { section: 'links', span: 6 },
    notes: { section: 'notes', span: 12 },
  },
  faces: [
    {
      key: 'contacts',
      label: 'Contact',
      labels: 'Contacts',
      columns: ['name', 'jobTitle', 'phone', 'email', 'contactType', 'positions', 'supplierId', 'customerId', 'status'],
      spare: ['mobilePhone', 'carrierId', 'locationId', 'lastSpokenAt', 'recallContact', 'modifiedAt'],
      sort: { key: 'name' },
      hub: [{ label: 'Purchase orders', face: 'purchase-orders', field: 'contactIds' }],
      empty: 'No contacts on this device yet. Add the first person you call.',
    },
  ],
});
