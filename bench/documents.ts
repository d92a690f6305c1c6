/** The documents of every measurement: plants as the import makes them, the same bytes for ours and for the baselines. */
import type { AnyDocument } from '../domain/entity/entity.ts';
import { location } from '../domain/location/location.entity.ts';
import { nounOf } from '../domain/registry.ts';
import { validate } from '../domain/entity/validate.ts';

export const COLLECTION = location.collection;
export const SCHEMA_VERSION = location.version;
/** Of every collection of the stock server, which holds nothing of an earlier version. */
export const STOCK_VERSION = 0;
/** Address of a broker that the bench made, with the password of the demo accounts. */
export const benchUser = (i: number): string => `broker-${i}@bench.example`;
export type BenchDocument = AnyDocument & { readonly _deleted: boolean };

const names = ['Cattle Creek', 'Prairie Gold', 'Blue Mesa', 'Iron Range', 'Salt Fork', 'High Plains', 'Cedar Bluff', 'Red Willow'] as const;
const trades = ['Packing', 'Beef', 'Foods', 'Provision', 'Meat', 'Cold Storage', 'Processing', 'Poultry'] as const;
const cities = [
  ['Dodge City', 'KS', '67801', 'Ford'],
  ['Amarillo', 'TX', '79101', 'Potter'],
  ['Greeley', 'CO', '80631', 'Weld'],
  ['Grand Island', 'NE', '68801', 'Hall'],
  ['Sioux City', 'IA', '51101', 'Woodbury'],
] as const;
const activities = [
  'Meat Processing',
  'Meat Slaughter',
  'Poultry Processing',
  'Imported Product',
  'Certification - Export',
  'Identification - Meat',
] as const;

/** Cyclic choice: `i` is never negative and no list is empty. */
const pick = <T>(list: readonly T[], i: number): T => {
  const item = list[i % list.length];
  if (item === undefined) throw new Error('an empty list has nothing to pick');
  return item;
};

/** Multiplicative hash: spreads running numbers, the same on every machine. */
const spread = (i: number): number => Math.imul(i + 1, 0x9e3779b1) >>> 0;
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0').slice(-digits);

/** UUIDv7 in shape: the time part runs with `i`, so that keys arrive in the order in which devices make them. */
const idOf = (run: number, i: number): string =>
  `0199${hex(run, 4)}-${hex(i >>> 16, 4)}-7${hex(i >>> 4, 3)}-8${hex(i, 3)}-${hex(spread(i), 8)}${hex(spread(i + 7), 4)}`;

/** Document `i` of a run; runs do not share ids. About 1.2 kB as JSON. */
export function benchDocument(run: number, i: number): BenchDocument {
  const [city, state, postalCode, county] = pick(cities, spread(i));
  const name = `${pick(names, spread(i))} ${pick(trades, spread(i + 3))} ${i}`;
  const at = new Date(Date.UTC(2026, 0, 5) + i * 1000).toISOString();
  const user = '01990000-0000-7000-8000-000000000001';
  const bare: AnyDocument = {
    id: idOf(run, i),
    w: `bench-${run}-${i}`,
    status: i % 20 === 0 ? 'inactive' : 'active',
    ownerId: user,
    deskId: 'desk',
    createdAt: at,
    createdBy: user,
    modifiedAt: at,
    modifiedBy: user,
    externalIds: [`bench:${run}-${i}`],
    name,
    kind: i % 5 === 0 ? 'supplier_location' : 'plant',
    establishment: `M${10_000 + i}+P${10_000 + i}`,
    establishments: [`M${10_000 + i}`, `P${10_000 + i}`],
    partyId: '',
    dbas: [`${name} Co.`, `${pick(names, i)} Brands`],
    street: `${100 + (spread(i) % 9000)} East Trail Street`,
    city,
    state,
    postalCode,
    county,
    country: 'US',
    latitude: 37_752_800 + (spread(i) % 1_000_000),
    longitude: -100_017_000 - (spread(i + 1) % 1_000_000),
    phone: `620-555-${String(spread(i) % 10_000).padStart(4, '0')}`,
    activities: [pick(activities, i), pick(activities, i + 1), pick(activities, i + 3)],
    size: pick(['large', 'small', 'very_small'] as const, i),
    fsisDistrict: String(5 + (i % 90)),
    fsisCircuit: String(1000 + (i % 9000)),
    grantedOn: '1999-03-12',
    fipsCode: '20057',
    notes: 'Dock hours 05:00 to 13:00. Call the desk an hour ahead; bring the release number and a seal.',
  };
  const derived = nounOf(COLLECTION)?.derive?.(bare) ?? bare;
  return { ...derived, _deleted: false };
}

/** Throws when the documents no longer fit the entity: a refused row would be measured as a fast one. */
export function checkBenchDocument(): void {
  const { _deleted, ...document } = benchDocument(0, 1);
  const problems = validate(location, document as AnyDocument).filter((problem) => problem.severity === 'hard');
  if (problems.length > 0) throw new Error(`The bench's documents do not fit the entity: ${problems.map((p) => p.message).join(' ')}`);
}

export const benchDocuments = (run: number, count: number): BenchDocument[] =>
  Array.from({ length: count }, (_, i) => benchDocument(run, i));
/** Bytes of one document as JSON, of a typical one. */
export const documentBytes = (): number => Buffer.byteLength(JSON.stringify(benchDocument(0, 1234)));
