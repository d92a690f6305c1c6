/**
 * First three digits of a ZIP code -> states, for R23. Source: the postal service's list of sectional centres; checked
 * against the plant directory in tests. A few prefixes serve two states.
 */

/** Ranges of prefixes, both ends included. */
const ranges: readonly (readonly [from: number, to: number, ...states: string[]])[] = [
  [5, 5, 'NY'], [6, 7, 'PR'], [8, 8, 'VI'], [9, 9, 'PR'],
  [10, 27, 'MA'], [28, 29, 'RI'], [30, 38, 'NH'], [39, 49, 'ME'], [50, 54, 'VT'], [55, 55, 'MA'], [56, 59, 'VT'],
  [60, 62, 'CT'], [63, 63, 'CT', 'NY'], [64, 69, 'CT'], [70, 89, 'NJ'], [90, 99, 'AE'],
  [100, 149, 'NY'], [150, 196, 'PA'], [197, 199, 'DE'],
  [200, 200, 'DC'], [201, 201, 'VA'], [202, 205, 'DC'], [206, 219, 'MD'], [220, 246, 'VA'], [247, 268, 'WV'],
  [270, 289, 'NC'], [290, 299, 'SC'], [300, 319, 'GA'], [320, 339, 'FL'], [340, 340, 'AA'], [341, 349, 'FL'],
  [350, 369, 'AL'], [370, 385, 'TN'], [386, 397, 'MS'], [398, 399, 'GA'],
  [400, 427, 'KY'], [430, 459, 'OH'], [460, 479, 'IN'], [480, 499, 'MI'],
  [500, 528, 'IA'], [530, 549, 'WI'], [550, 567, 'MN'], [569, 569, 'DC'], [570, 577, 'SD'], [580, 588, 'ND'], [590, 599, 'MT'],
  [600, 629, 'IL'], [630, 658, 'MO'], [660, 679, 'KS'], [680, 693, 'NE'],
  [700, 714, 'LA'], [716, 729, 'AR'], [730, 732, 'OK'], [733, 733, 'TX'], [734, 749, 'OK'], [750, 799, 'TX'],
  [800, 816, 'CO'], [820, 831, 'WY'], [832, 838, 'ID'], [840, 847, 'UT'], [850, 865, 'AZ'], [870, 884, 'NM'], [885, 885, 'TX'],
  [889, 898, 'NV'], [900, 961, 'CA'], [962, 966, 'AP'], [967, 967, 'HI', 'AS'], [968, 968, 'HI'],
  [969, 969, 'GU', 'MP', 'PW', 'FM', 'MH'], [970, 979, 'OR'], [980, 994, 'WA'], [995, 999, 'AK'],
];

/** States whose names people write out -> their two letters. */
const names: Readonly<Record<string, string>> = {
  alabama: 'AL', alaska: 'AK', arizona: 'AZ', arkansas: 'AR', california: 'CA', colorado: 'CO', connecticut: 'CT',
  delaware: 'DE', districtofcolumbia: 'DC', florida: 'FL', georgia: 'GA', hawaii: 'HI', idaho: 'ID', illinois: 'IL',
  indiana: 'IN', iowa: 'IA', kansas: 'KS', kentucky: 'KY', louisiana: 'LA', maine: 'ME', maryland: 'MD',
  massachusetts: 'MA', michigan: 'MI', minnesota: 'MN', mississippi: 'MS', missouri: 'MO', montana: 'MT', nebraska: 'NE',
  nevada: 'NV', newhampshire: 'NH', newjersey: 'NJ', newmexico: 'NM', newyork: 'NY', northcarolina: 'NC',
  northdakota: 'ND', ohio: 'OH', oklahoma: 'OK', oregon: 'OR', pennsylvania: 'PA', rhodeisland: 'RI',
  southcarolina: 'SC', southdakota: 'SD', tennessee: 'TN', texas: 'TX', utah: 'UT', vermont: 'VT', virginia: 'VA',
  washington: 'WA', westvirginia: 'WV', wisconsin: 'WI', wyoming: 'WY', puertorico: 'PR', virginislands: 'VI', guam: 'GU',
  americansamoa: 'AS', northernmarianaislands: 'MP',
};
const codes = new Set(ranges.flatMap(([, , ...states]) => states));

/** "Kansas", "ks", "KS " -> KS; undefined for what is no state of the United States. */
export function stateCode(text: string): string | undefined {
  const trimmed = text.trim();
  const upper = trimmed.toUpperCase();
  if (codes.has(upper)) return upper;
  const name = trimmed.toLowerCase().replace(/[^a-z]/g, '');
  return Object.hasOwn(names, name) ? names[name] : undefined;
}

/** States that a five-digit ZIP can be in; [] for a prefix that is not in use. */
export function statesOfZip(zip: string): readonly string[] {
  const prefix = Number(zip.slice(0, 3));
  const found = ranges.find(([from, to]) => prefix >= from && prefix <= to);
  return found ? found.slice(2).map(String) : [];
}
