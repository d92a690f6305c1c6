/** The partners of the demo company, all invented: who they are, where they load, whom to call. */

export interface SupplierStory {
  readonly key: string;
  readonly name: string;
  readonly city: string;
  readonly state: string;
  readonly zip: string;
  readonly street: string;
  readonly proteins: readonly string[];
  readonly terms: string;
  readonly delivers: boolean;
  readonly certificates: readonly string[];
  /** key, name, EST number, street, city, state, zip, protein, release rule */
  readonly plants: readonly (readonly [string, string, string, string, string, string, string, string])[];
  /** name, position, phone, e-mail */
  readonly contacts: readonly (readonly [string, string, string, string])[];
}

export const suppliers: readonly SupplierStory[] = [
  {
    key: 'prairie-crest',
    name: 'Prairie Crest Beef Co.',
    street: '4100 Stockyard Road',
    city: 'Garden City',
    state: 'KS',
    zip: '67846',
    proteins: ['beef'],
    terms: 'net_7',
    delivers: false,
    certificates: ['haccp', 'brc'],
    plants: [
      ['pc-garden-city', 'Prairie Crest Garden City', 'M88101', '4100 Stockyard Road', 'Garden City', 'KS', '67846', 'beef'],
      ['pc-hereford', 'Prairie Crest Hereford', 'M88102+V88102', '77 Feedlot Lane', 'Hereford', 'TX', '79045', 'beef'],
    ],
    contacts: [
      ['Dale Hutchins', 'sales_rep', '(620) 555-0141', 'dale.hutchins@prairiecrest.example'],
      ['Renee Ostrander', 'docs_bol', '(620) 555-0147', 'shipping@prairiecrest.example'],
    ],
  },
  {
    key: 'twin-forks',
    name: 'Twin Forks Packing LLC',
    street: '18 River Bend Drive',
    city: 'Schuyler',
    state: 'NE',
    zip: '68661',
    proteins: ['beef', 'veal'],
    terms: 'net_10',
    delivers: true,
    certificates: ['haccp', 'sqf'],
    plants: [['tf-schuyler', 'Twin Forks Schuyler', 'M88214+P88214', '18 River Bend Drive', 'Schuyler', 'NE', '68661', 'beef']],
    contacts: [
      ['Marisol Vega', 'sales_rep', '(402) 555-0162', 'mvega@twinforks.example'],
      ['Carl Jansen', 'accounts_receivable', '(402) 555-0168', 'ar@twinforks.example'],
    ],
  },
  {
    key: 'hollow-oak',
    name: 'Hollow Oak Pork',
    street: '900 Packinghouse Avenue',
    city: 'Marshalltown',
    state: 'IA',
    zip: '50158',
    proteins: ['pork'],
    terms: 'net_14',
    delivers: false,
    certificates: ['haccp', 'brc'],
    plants: [
      ['ho-marshalltown', 'Hollow Oak Marshalltown', 'M88330', '900 Packinghouse Avenue', 'Marshalltown', 'IA', '50158', 'pork'],
      ['ho-worthington', 'Hollow Oak Worthington', 'M88331+V88331', '1215 Sherwood Street', 'Worthington', 'MN', '56187', 'pork'],
    ],
    contacts: [['Ingrid Sorensen', 'sales_rep', '(641) 555-0113', 'ingrid@hollowoak.example']],
  },
  {
    key: 'blue-heron',
    name: 'Blue Heron Poultry',
    street: '310 Hatchery Road',
    city: 'Springdale',
    state: 'AR',
    zip: '72764',
    proteins: ['chicken', 'turkey'],
    terms: 'net_7',
    delivers: true,
    certificates: ['haccp', 'halal'],
    plants: [['bh-springdale', 'Blue Heron Springdale', 'P88415', '310 Hatchery Road', 'Springdale', 'AR', '72764', 'chicken']],
    contacts: [['Tyrell Banks', 'sales_rep', '(479) 555-0190', 'tbanks@blueheron.example']],
  },
  {
    key: 'canyon-trim',
    name: 'Canyon Trim & Fabrication',
    street: '2650 Industrial Loop',
    city: 'Greeley',
    state: 'CO',
    zip: '80631',
    proteins: ['beef'],
    terms: 'wire_before',
    delivers: false,
    certificates: ['haccp'],
    plants: [['ct-greeley', 'Canyon Trim Greeley', 'M88520+V88520', '2650 Industrial Loop', 'Greeley', 'CO', '80631', 'beef']],
    contacts: [['Owen Pratt', 'owner', '(970) 555-0125', 'owen@canyontrim.example']],
  },
  {
    key: 'southern-cross',
    name: 'Southern Cross Imports',
    street: '55 Pier Avenue',
    city: 'Philadelphia',
    state: 'PA',
    zip: '19148',
    proteins: ['lamb', 'beef'],
    terms: 'net_21',
    delivers: true,
    certificates: ['halal'],
    plants: [['sc-philadelphia', 'Southern Cross Cold Dock', 'I88604', '55 Pier Avenue', 'Philadelphia', 'PA', '19148', 'lamb']],
    contacts: [['Fiona McAllister', 'sales_rep', '(215) 555-0177', 'fiona@southerncross.example']],
  },
];

export interface CustomerStory {
  readonly key: string;
  readonly name: string;
  readonly street: string;
  readonly city: string;
  readonly state: string;
  readonly zip: string;
  readonly industry: string;
  readonly terms: string;
  /** Whole dollars. */
  readonly limit: number;
  readonly documents: readonly string[];
  readonly contact: readonly [string, string, string];
}
export const customers: readonly CustomerStory[] = [
  {
    key: 'lakeshore',
    name: 'Lakeshore Foodservice',
    street: '1200 Harbor Street',
    city: 'Milwaukee',
    state: 'WI',
    zip: '53202',
    industry: 'food_service',
    terms: 'net_14',
    limit: 350_000,
    documents: ['letter_of_guarantee', 'spec_sheet'],
    contact: ['Priya Raman', '(414) 555-0118', 'priya@lakeshore.example'],
  },
  {
    key: 'corner-butcher',
    name: 'Corner Butcher Group',
    street: '88 Market Lane',
    city: 'Columbus',
    state: 'OH',
    zip: '43215',
    industry: 'retail',
    terms: 'net_7',
    limit: 120_000,
    documents: ['letter_of_guarantee'],
    contact: ['Sam Whitfield', '(614) 555-0133', 'sam@cornerbutcher.example'],
  },
  {
    key: 'redwood',
    name: 'Redwood Grinders',
    street: '4501 Plant Road',
    city: 'Stockton',
    state: 'CA',
    zip: '95206',
    industry: 'processor',
    terms: 'net_10',
    limit: 500_000,
    documents: ['letter_of_guarantee', 'audit_reports', 'spec_sheet', 'label_picture'],
    contact: ['Ana Beltran', '(209) 555-0154', 'ana@redwoodgrinders.example'],
  },
  {
    key: 'gulfstream',
    name: 'Gulfstream Export Partners',
    street: '700 Terminal Way',
    city: 'Miami',
    state: 'FL',
    zip: '33166',
    industry: 'export',
    terms: 'wire_before',
    limit: 0,
    documents: ['letter_of_guarantee', 'audit_reports', 'brc'],
    contact: ['Luis Ortega', '(305) 555-0186', 'luis@gulfstream.example'],
  },
  {
    key: 'good-bowl',
    name: 'Good Bowl Pet Foods',
    street: '3100 Kennel Drive',
    city: 'Joplin',
    state: 'MO',
    zip: '64801',
    industry: 'pet',
    terms: 'net_21',
    limit: 90_000,
    documents: ['spec_sheet'],
    contact: ['Hank Doyle', '(417) 555-0102', 'hank@goodbowl.example'],
  },
  {
    key: 'three-rivers',
    name: 'Three Rivers Wholesale Meats',
    street: '19 Strip Court',
    city: 'Pittsburgh',
    state: 'PA',
    zip: '15222',
    industry: 'wholesaler',
    terms: 'net_14',
    limit: 250_000,
    documents: ['letter_of_guarantee', 'animal_welfare'],
    contact: ['Denise Kowalski', '(412) 555-0171', 'denise@threerivers.example'],
  },
];

/** key, name, city, state, MC, USDOT, insurer, policy, months until the insurance ends, contact, phone */
export const carriers: readonly (readonly [string, string, string, string, string, string, string, string, number, string, string])[] = [
  [
    'high-plains',
    'High Plains Reefer Lines',
    'Dodge City',
    'KS',
    'MC-880144',
    '8801440',
    'Great Basin Mutual',
    'GB-77120',
    7,
    'Rita Colson',
    '(620) 555-0109',
  ],
  [
    'silverline',
    'Silverline Cold Freight',
    'Omaha',
    'NE',
    'MC-880207',
    '8802071',
    'Lakes Casualty',
    'LC-40918',
    4,
    'Marcus Dean',
    '(402) 555-0139',
  ],
  [
    'ozark',
    'Ozark Temperature Logistics',
    'Rogers',
    'AR',
    'MC-880315',
    '8803155',
    'Lakes Casualty',
    'LC-51877',
    1,
    'Jo Tanner',
    '(479) 555-0151',
  ],
  [
    'keystone',
    'Keystone Refrigerated',
    'Harrisburg',
    'PA',
    'MC-880426',
    '8804263',
    'Union Transport',
    'UT-10235',
    11,
    'Pat Novak',
    '(717) 555-0164',
  ],
];

/** key, description, protein, IMPS, fat limitation, state, package, catch weight, lb per case least / average / most (hundredths) */
export const products: readonly (readonly [string, string, string, string, string, string, string, boolean, number, number, number])[] = [
  ['tenderloin', 'Loin, tenderloin, trimmed, heavy', 'beef', '189A', '4', 'fresh', 'boxed_wax_lined', true, 5000, 6050, 7500],
  ['ribeye-heavy', 'Rib, ribeye, boneless, heavy', 'beef', '112A', '3', 'fresh', 'boxed_wax_lined', true, 5500, 6800, 8200],
  ['chuck-roll', 'Chuck, roll, neck off', 'beef', '116A', '3', 'fresh', 'boxed_wax_lined', true, 5500, 6600, 8000],
  ['clod', 'Chuck, shoulder clod, trimmed', 'beef', '114A', '3', 'fresh', 'boxed_wax_lined', true, 5000, 6250, 7500],
  ['brisket', 'Brisket, deckle off, boneless', 'beef', '120', '1', 'fresh', 'boxed_wax_lined', true, 5000, 6000, 7200],
  ['top-butt', 'Loin, top butt, boneless, heavy', 'beef', '184', '1', 'fresh', 'boxed_wax_lined', true, 5500, 6500, 7800],
  ['trim-50', 'Beef trim 50s, not tested', 'beef', '', '', 'fresh', 'combo_bins', false, 195000, 205000, 215000],
  ['trim-85', 'Beef trim 85s, tested', 'beef', '', '', 'frozen', 'boxed_wax_lined', false, 5900, 6000, 6100],
  ['pork-butt', 'Pork shoulder, Boston butt, bone in', 'pork', '406', '', 'fresh', 'boxed_wax_lined', true, 5500, 6400, 7600],
  ['pork-trim-72', 'Pork trim 72s', 'pork', '', '', 'fresh', 'combo_bins', false, 190000, 200000, 210000],
  ['breast-bsb', 'Chicken breast, boneless skinless', 'chicken', '', '', 'fresh', 'boxed_co2', false, 3950, 4000, 4050],
  ['thigh-meat', 'Chicken thigh meat', 'chicken', '', '', 'frozen', 'boxed_wax_lined', false, 3950, 4000, 4050],
  ['lamb-leg', 'Lamb leg, boneless, netted', 'lamb', '234A', '', 'frozen', 'boxed_wax_lined', true, 3500, 4200, 5200],
];
