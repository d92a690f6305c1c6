/** What was dealt from Monday to Friday: buys, the sells they cover, freight, and what went wrong. */

export interface DealStory {
  readonly number: string;
  /** 0 is Monday. */
  readonly day: number;
  readonly supplier: string;
  readonly plant: string;
  readonly customer: string;
  readonly shipTo: string;
  readonly carrier: string;
  readonly product: string;
  readonly cases: number;
  /** Hundredths of a pound; the scale's word where weights are in. */
  readonly weight: number;
  /** Ten-thousandths of a dollar for one buy unit. */
  readonly buy: number;
  readonly buyUnit: 'lb' | 'cwt';
  readonly sell: number;
  readonly stages: readonly string[];
  readonly weights?: string;
}

export const deals: readonly DealStory[] = [
  { number: '226101', day: 0, supplier: 'prairie-crest', plant: 'pc-garden-city', customer: 'lakeshore', shipTo: 'lakeshore', carrier: 'high-plains', product: 'ribeye-heavy', cases: 600, weight: 4_080_000, buy: 5_445_900, buyUnit: 'cwt', sell: 56_850, stages: ['agreed', 'sent', 'confirmed', 'loaded', 'weights_in', 'delivered'] },
  { number: '226102', day: 0, supplier: 'twin-forks', plant: 'tf-schuyler', customer: 'corner-butcher', shipTo: 'corner-butcher', carrier: 'silverline', product: 'tenderloin', cases: 8, weight: 48_460, buy: 148_357, buyUnit: 'lb', sell: 155_000, stages: ['agreed', 'sent', 'confirmed', 'loaded', 'weights_in'], weights: '61.35+58.90+63.20+60.05+59.75+62.40+57.80+61.15' },
  { number: '226103', day: 0, supplier: 'canyon-trim', plant: 'ct-greeley', customer: 'redwood', shipTo: 'redwood', carrier: 'high-plains', product: 'trim-50', cases: 20, weight: 4_100_000, buy: 1_182_500, buyUnit: 'cwt', sell: 12_640, stages: ['agreed', 'sent', 'confirmed', 'loaded', 'weights_in', 'delivered'] },
  { number: '226104', day: 1, supplier: 'hollow-oak', plant: 'ho-marshalltown', customer: 'three-rivers', shipTo: 'three-rivers', carrier: 'keystone', product: 'pork-butt', cases: 640, weight: 4_096_000, buy: 1_042_000, buyUnit: 'cwt', sell: 11_290, stages: ['agreed', 'sent', 'confirmed', 'freight_booked'] },
  { number: '226105', day: 1, supplier: 'prairie-crest', plant: 'pc-hereford', customer: 'lakeshore', shipTo: 'lakeshore', carrier: 'silverline', product: 'chuck-roll', cases: 688, weight: 4_128_000, buy: 2_705_000, buyUnit: 'cwt', sell: 29_150, stages: ['agreed', 'sent', 'confirmed', 'freight_booked', 'appointment_set'] },
  { number: '226106', day: 1, supplier: 'blue-heron', plant: 'bh-springdale', customer: 'corner-butcher', shipTo: 'corner-butcher', carrier: 'ozark', product: 'breast-bsb', cases: 1000, weight: 4_000_000, buy: 24_500, buyUnit: 'lb', sell: 26_100, stages: ['agreed', 'sent', 'confirmed'] },
  { number: '226107', day: 2, supplier: 'southern-cross', plant: 'sc-philadelphia', customer: 'three-rivers', shipTo: 'three-rivers', carrier: 'keystone', product: 'lamb-leg', cases: 480, weight: 2_016_000, buy: 61_800, buyUnit: 'lb', sell: 65_900, stages: ['agreed', 'sent'] },
  { number: '226108', day: 2, supplier: 'twin-forks', plant: 'tf-schuyler', customer: 'redwood', shipTo: 'redwood', carrier: 'silverline', product: 'clod', cases: 660, weight: 4_125_000, buy: 2_232_500, buyUnit: 'cwt', sell: 24_050, stages: ['agreed', 'sent', 'confirmed'] },
  { number: '226109', day: 3, supplier: 'hollow-oak', plant: 'ho-worthington', customer: 'good-bowl', shipTo: 'good-bowl', carrier: 'high-plains', product: 'pork-trim-72', cases: 20, weight: 4_000_000, buy: 742_500, buyUnit: 'cwt', sell: 8_190, stages: ['agreed', 'sent'] },
  { number: '226110', day: 3, supplier: 'canyon-trim', plant: 'ct-greeley', customer: 'redwood', shipTo: 'redwood', carrier: 'high-plains', product: 'trim-85', cases: 680, weight: 4_080_000, buy: 31_200, buyUnit: 'lb', sell: 33_050, stages: ['agreed'] },
  { number: '226111', day: 4, supplier: 'prairie-crest', plant: 'pc-garden-city', customer: 'three-rivers', shipTo: 'three-rivers', carrier: 'high-plains', product: 'brisket', cases: 680, weight: 4_080_000, buy: 2_468_400, buyUnit: 'cwt', sell: 26_400, stages: ['agreed', 'sent'] },
  { number: '226112', day: 4, supplier: 'blue-heron', plant: 'bh-springdale', customer: 'gulfstream', shipTo: 'gulfstream', carrier: 'ozark', product: 'thigh-meat', cases: 1040, weight: 4_160_000, buy: 16_450, buyUnit: 'lb', sell: 17_900, stages: [] },
];

/** kind, day, collection, key of the record, title, text */
export const notes: readonly (readonly ['note' | 'call' | 'task', number, string, string, string, string])[] = [
  ['call', 0, 'parties', 'lakeshore', 'Priya asks for a second load of ribeye', 'Wants to know by Wednesday; would go to 5.72 delivered.'],
  ['note', 1, 'parties', 'prairie-crest', 'Pickup numbers now 24 hours ahead', 'Renee sends them by e-mail to our shipping address.'],
  ['task', 2, 'parties', 'ozark', 'Ask for the new insurance certificate', 'The policy on file ends next month.'],
  ['note', 3, 'orders', '226104', 'Appointment moved to 06:00', 'Dock 4; driver needs a hard hat and vest.'],
  ['call', 4, 'parties', 'gulfstream', 'Wire not seen yet', 'Luis says the bank sent it this morning. Do not release before it is in.'],
];
