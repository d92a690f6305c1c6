/** What the replaced Dataverse tables call things: lookup headers and option codes. Source: their solution file. */

/** Headers under which one lookup column leaves Dataverse: logical name, Web API name, and its display names. */
export const lookup = (column: string, ...displayNames: readonly string[]): readonly string[] => [
  column,
  `_${column}_value`,
  ...displayNames,
];

type Codes = Readonly<Record<string, string>>;
const documents: Codes = {
  '895010000': 'letter_of_guarantee',
  '895010001': 'audit_reports',
  '895010002': 'brc',
  '895010003': 'animal_welfare',
  '895010004': 'spec_sheet',
  '895010005': 'label_picture',
};

/**
 * Option codes by `collection.field`: code -> stored key. The positions are those of the column's own option set; a
 * global set of nearly the same name numbers them differently, so decode by label wherever the export has labels.
 */
export const optionCodes: Readonly<Record<string, Codes>> = {
  'parties.documentsNeeded': documents,
  'parties.deliveryType': { '0': 'delivers', '1': 'does_not_deliver' },
  'mappings.documents': documents,
  'contacts.positions': {
    '895010000': 'accounts_receivable',
    '895010001': 'sales_rep',
    '895010002': 'owner',
    '895010003': 'logistics',
    '895010004': 'accounts_payable',
    '895010005': 'buyer',
  },
  'contacts.contactType': { '895010000': 'supplier', '895010001': 'customer' },
  'locations.proteins': { '166990000': 'beef', '166990001': 'chicken', '166990002': 'pork', '166990003': 'turkey' },
  'locations.loadRequirements': {
    '166990000': 'forklift_required',
    '166990001': 'handle_with_care',
    '166990002': 'none',
    '166990003': 'standard_loading',
    '166990004': 'release_number_used',
  },
  'locations.storage': { '166990001': 'internal_cold', '166990002': 'outside_cold' },
};
/** State codes mean the same on every table. */
export const stateCodes: Codes = { '0': 'active', '1': 'inactive' };
