/** What is known of a file. Its content lies outside the database, under its SHA-256. */
import { type DocumentOf, defineEntity } from '../entity/entity.ts';
import { choice, date, instant, integer, text } from '../entity/field.ts';
import { recordCollections } from '../vocabulary/partner.ts';

export const attachmentKinds = {
  purchase_order: 'Purchase order',
  sales_order: 'Sales order',
  bol: 'Bill of lading',
  pod: 'Proof of delivery',
  coa: 'Certificate of analysis',
  coi: 'Certificate of insurance',
  letter_of_guarantee: 'Letter of Guarantee',
  audit: 'Audit report',
  certificate: 'Certificate',
  animal_welfare: 'Animal welfare',
  spec_sheet: 'Spec sheet',
  label_picture: 'Picture of label',
  photo: 'Photo',
  temperature_log: 'Temperature log',
  invoice: 'Invoice',
  contract: 'Contract',
  receipt: 'Receipt',
  w9: 'W-9',
  customer_document: 'Customer document',
  supplier_document: 'Supplier document',
  profile_image: 'Profile image',
  other: 'Other',
} as const;

/** Largest file that the desk takes. */
export const ATTACHMENT_BYTES_MAX = 50 * 1024 * 1024;

export const attachment = defineEntity({
  noun: 'attachment',
  collection: 'attachments',
  label: 'Attachment',
  labels: 'Attachments',
  title: 'name',
  fields: {
    name: text('File name', { required: true, index: true, max: 300, aliases: ['Name', 'original_name', 'filename'] }),
    kind: choice('Kind of document', attachmentKinds, { required: true, aliases: ['document_type', 'Kind'] }),
    recordCollection: choice('Record type', recordCollections, { required: true }),
    recordId: text('Record', { required: true, index: true, max: 36 }),
    sha256: text('SHA-256', { required: true, max: 64, hint: '64 lower-case hex digits' }),
    size: integer('Size', { required: true, most: ATTACHMENT_BYTES_MAX, hint: 'Bytes' }),
    mime: text('Media type', { required: true, max: 120, aliases: ['mime_type'] }),
    takenAt: instant('Taken at', {}),
    issuedOn: date('Issued', {}),
    expiresOn: date('Expires', { index: true, aliases: ['expiry_date'] }),
    scope: text('Scope', { max: 500, hint: 'Site and products that the paper covers' }),
    description: text('Description', { max: 1000 }),
  },
  indexes: [['recordId', 'name']],
  views: [{ name: 'attachment_list' }],
});
export type Attachment = DocumentOf<typeof attachment>;
