/**
 * Words of the meat trade that several nouns share: stored key -> label. Keys are never renamed, because documents hold
 * them; a word that falls out of use stays here. What rules decide by is closed; an `optionList` is the company's to change.
 */
import { optionList } from '../access/option-lists.ts';

export const proteins = optionList('proteins', 'Proteins', {
  beef: 'Beef',
  chicken: 'Chicken',
  pork: 'Pork',
  turkey: 'Turkey',
  lamb: 'Lamb',
  veal: 'Veal',
  duck: 'Duck',
  fowl: 'Fowl',
  fish: 'Fish',
  seafood: 'Seafood',
  venison: 'Venison',
  horse: 'Horse',
  egg: 'Egg products',
  misc: 'Miscellaneous',
  other: 'Other',
});

export const refrigerations = { fresh: 'Fresh', frozen: 'Frozen' } as const;

export const packages = optionList('packages', 'Package types', {
  boxed_wax_lined: 'Boxed wax lined',
  boxed_co2: 'Boxed CO2',
  combo_bins: 'Combo bins',
  totes: 'Totes',
  bags: 'Bags',
  bulk: 'Bulk',
  poly_multiple: 'Poly-Multiple',
  nude: 'Nude',
});

export const weightBases = { net: 'Net', catch: 'Catch' } as const;
export const edibilities = { edible: 'Edible', inedible: 'Inedible', both: 'Edible & Inedible' } as const;
export const cartons = optionList('cartons', 'Carton types', {
  poly_bulk: 'Poly Bulk',
  poly_multiple: 'Poly-Multiple',
  waxed_lined: 'Waxed Lined',
  cardboard: 'Cardboard',
  plastic: 'Plastic',
  nude: 'Nude',
  cov: 'COV',
  cvp: 'CVP',
});
export const piecesPerCarton = optionList('pieces_per_carton', 'Pieces per carton', {
  '1_1': '1/1',
  '4_10': '4/10',
  '6_10': '6/10',
  '8_10': '8/10',
});

export const weightUnits = { lb: 'lb', kg: 'kg' } as const;
/** What one price is for. The unit is mandatory with every price (R4). */
export const priceUnits = { lb: 'per lb', cwt: 'per cwt', kg: 'per kg', case: 'per case', load: 'per load' } as const;
export const containers = {
  case: 'Cases',
  box: 'Boxes',
  combo: 'Combos',
  tote: 'Totes',
  bag: 'Bags',
  pallet: 'Pallets',
  each: 'Each',
  load: 'Loads',
} as const;

export const origins = { domestic: 'Domestic', imported: 'Imported' } as const;
export const originChannels = optionList('origin_channels', 'Origin channels', {
  packer: 'Packer',
  boxed_cold_storage: 'Boxed Cold Storage',
});
export const countries = optionList('countries', 'Countries', {
  usa: 'USA',
  can: 'CAN',
  mex: 'MEX',
  bra: 'BRA',
  aus: 'AUS',
  nzl: 'NZL',
  arg: 'ARG',
  ury: 'URY',
  chl: 'CHL',
  irl: 'IRL',
  other: 'Other',
});

export const testings = optionList('testings', 'Testing', {
  tested: 'Tested',
  not_tested: 'Not tested',
  positive: 'Positive',
  cooker_only: 'Cooker only',
});

export const grades = optionList('grades', 'Grades', {
  prime: 'Prime',
  choice_upper: 'Choice, upper two thirds',
  choice: 'Choice',
  select: 'Select',
  no_roll: 'No roll',
  standard: 'Standard',
  commercial: 'Commercial',
  utility: 'Utility',
  cutter: 'Cutter',
  canner: 'Canner',
});

/** How old goods may be at pickup. Read as: packed no more than n days before pickup. */
export const packDateRules = {
  '5': '5 days newer',
  '10': '10 days newer',
  '15': '15 days newer',
  '30': '30 days newer',
} as const;

/** Where the price stands: who carries the freight. */
export const priceBases = {
  fob: 'FOB plant',
  delivered: 'Delivered',
  freight_allowance: 'FOB with freight allowance',
  fas: 'FAS',
  cif: 'CIF',
} as const;
export const priceKinds = { fixed: 'Fixed', formula: 'Formula', contract: 'Contract' } as const;

export const logisticsScenarios = {
  customer_pickup: 'Customer pickup',
  supplier_delivery: 'Supplier delivery',
  we_pickup: 'We pick up',
} as const;

export const appointmentMethods = optionList('appointment_methods', 'Appointment methods', {
  email: 'Email',
  phone: 'Phone',
  website: 'Website',
  fax: 'Fax',
  first_come: 'First come, first served',
});

export const releaseFormats = {
  supplier_confirmation: 'Supplier Confirmation Order Number',
  carrier_release: 'Carrier Release Number',
  both: 'Both',
} as const;

export const equipment = optionList('equipment', 'Equipment', {
  reefer: 'Reefer',
  dry_van: 'Dry van',
  flatbed: 'Flatbed',
  container: 'Container',
  ltl: 'LTL',
  other: 'Other',
});

export const currencies = { usd: 'USD', cad: 'CAD', mxn: 'MXN', eur: 'EUR', aud: 'AUD', nzd: 'NZD', brl: 'BRL' } as const;
