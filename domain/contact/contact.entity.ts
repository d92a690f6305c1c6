/** A person to call or write to, at one or several parties. */
import { type DocumentOf, defineEntity } from '../entity/entity.ts';
import { choice, flag, instant, ref, refs, set, text, texts } from '../entity/field.ts';
import { lookup } from '../vocabulary/dataverse.ts';
import { positions } from '../vocabulary/partner.ts';

export const contact = defineEntity({
  noun: 'contact',
  collection: 'contacts',
  label: 'Contact',
  labels: 'Contacts',
  title: 'name',
  personal: ['name', 'firstName', 'lastName', 'jobTitle', 'notes'],
  fields: {
    name: text('Name', { required: true, index: true, max: 850, aliases: ['pro_name', 'Contact Name', 'Full Name'] }),
    firstName: text('First name', { max: 100, aliases: ['first'] }),
    lastName: text('Last name', { max: 100, aliases: ['last'] }),
    jobTitle: text('Job title', { max: 200, aliases: ['contact_title', 'Title'] }),
    positions: set('Positions', positions, { aliases: ['pro_position', 'Position'] }),
    contactType: choice(
      'Contact type',
      {
        supplier: 'Supplier',
        customer: 'Customer',
        carrier: 'Carrier',
        primary: 'Primary',
        secondary: 'Secondary',
        billing: 'Billing',
        technical: 'Technical',
        procurement: 'Procurement',
        sales: 'Sales',
        other: 'Other',
      },
      { index: true, aliases: ['pro_contacttype', 'ContactType'] },
    ),
    email: text('E-mail', { max: 4000, format: 'email', aliases: ['pro_email', 'Email', 'E-mail address'] }),
    otherEmails: texts('Other e-mails', { max: 20, each: 4000, format: 'email', aliases: ['Other emails'] }),
    phone: text('Phone', { max: 4000, format: 'phone', aliases: ['pro_phone', 'main_phone', 'Telephone'] }),
    directPhone: text('Direct phone', { max: 100, format: 'phone' }),
    mobilePhone: text('Mobile phone', { max: 100, format: 'phone', aliases: ['cell_phone', 'Mobile', 'Cell'] }),
    otherPhones: texts('Other phones', { max: 20, each: 4000, format: 'phone' }),
    supplierId: ref('Supplier', 'parties', {
      index: true,
      where: { roles: 'supplier' },
      aliases: lookup('pro_cr7c4_supplier', 'Supplier_LookUp'),
    }),
    customerId: ref('Customer', 'parties', {
      index: true,
      where: { roles: 'customer' },
      aliases: lookup('pro_customer_lookup', 'Customer_LookUp'),
    }),
    carrierId: ref('Carrier', 'parties', { where: { roles: 'carrier' } }),
    otherPartyIds: refs('Other parties', 'parties', {}),
    locationId: ref('Location', 'locations', {}),
    company: text('Company as written', { max: 850, aliases: ['Company'] }),
    preferredChannel: choice('Preferred channel', { phone: 'Phone', email: 'E-mail', text: 'Text message', fax: 'Fax' }, {}),
    recallContact: flag('24-hour recall contact', {}),
    lastSpokenAt: instant('Last spoken', {}),
    notes: text('Notes', { max: 20_000, long: true }),
  },
  indexes: [
    ['status', 'name'],
    ['status', 'contactType'],
  ],
  views: [{ name: 'contact_list' }],
});
export type Contact = DocumentOf<typeof contact>;
