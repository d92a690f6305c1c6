/** What the simulated people type: records of synthetic and of real nouns, related to what their device holds. */
import type { WireDocument } from '../../domain/protocol/protocol.ts';
import type { Dice } from './dice.ts';
import type { Device, Intent } from './device.ts';
import { DESKS } from './sim-users.ts';

type Draft = Record<string, unknown>;
interface Source {
  readonly dice: Dice;
  readonly device: Device;
  /** An id of a record of that collection: one that the device holds, or one that it may have made a moment ago. */
  readonly some: (collection: string) => string | undefined;
}

const WORDS = ['Ash', 'Birch', 'Cedar', 'Dogwood', 'Elm', 'Fir', 'Gum', 'Hickory'];
const LINES = ['call first', 'dock 3', 'no lumper', 'scale ticket', 'seal checked'];

const longText = (dice: Dice): string => Array.from({ length: dice.between(1, 4) }, () => dice.pick(LINES)).join('\n');
const maybe = (dice: Dice, percent: number, make: () => Draft): Draft => (dice.chance(percent) ? make() : {});
const withRef = (key: string, id: string | undefined): Draft => (id === undefined ? {} : { [key]: id });

/** Most people leave it to the series. */
const ownNumber = (dice: Dice, word: string): string => (dice.chance(65) ? '' : `${word} ${dice.between(1, 999)}`);

/** The rows of a list with one more, one less, one changed, or in another order. */
function rowsOf(dice: Dice, before: unknown, fresh: () => Draft): Draft[] {
  const rows = (Array.isArray(before) ? before : []) as Draft[];
  const at = dice.below(Math.max(1, rows.length));
  const what = dice.below(6);
  if (rows.length === 0 || what < 2) return [...rows, { lineId: `l-${dice.word()}`, ...fresh() }];
  if (what === 2 && rows.length > 1) return rows.filter((_, i) => i !== at);
  if (what === 3) return rows.toReversed();
  return rows.map((row, i) => (i === at ? { ...row, ...fresh() } : row));
}

const orderLine = (dice: Dice): Draft => ({
  description: dice.pick(WORDS),
  cases: dice.between(1, 40),
  ...maybe(dice, 60, () => ({ price: 10_000 + dice.below(9) * 100, priceUnit: dice.pick(['lb', 'cwt']) })),
  ...maybe(dice, 30, () => ({ note: dice.pick(LINES) })),
});

/** What older devices do not know of a ranch (versions.ts). */
const newFields = (dice: Dice): Draft => ({
  ...maybe(dice, 50, () => ({ soil: dice.pick(WORDS) })),
  ...maybe(dice, 30, () => ({ acres: dice.between(1, 9_000) })),
  ...maybe(dice, 30, () => ({ use: dice.pick(['grazing', 'feeding', 'resting']) })),
});

/** By collection: a draft that changes some of a record; `before` is absent for a new one. */
const makers: Readonly<Record<string, (source: Source, before: WireDocument | undefined) => Draft>> = {
  ranches: ({ dice, some, device }, before) => ({
    ...(before && dice.chance(50) ? {} : { name: `${dice.pick(WORDS)} ranch` }),
    ...maybe(dice, 25, () => ({ brand: dice.pick(['A', 'B', 'C']) })),
    ...maybe(dice, 30, () => withRef('headOfHerdId', some('animals'))),
    ...(device.isNewer ? newFields(dice) : {}),
  }),
  animals: ({ dice, some, device }, before) => ({
    ...(before && dice.chance(60) ? {} : { tag: `${dice.pick(WORDS)}-${dice.below(50)}` }),
    ...(before ? maybe(dice, 20, () => withRef('ranchId', some('ranches'))) : { ranchId: some('ranches') ?? `r-${device.name}-later` }),
    ...maybe(dice, 60, () => ({
      weighings: rowsOf(dice, before?.['weighings'], () => ({
        pounds: dice.between(1, 2000),
        ...maybe(dice, 20, () => withRef('scaleRanchId', some('ranches'))),
      })),
    })),
  }),
  sightings: ({ dice }) => ({ what: dice.pick(WORDS) }),
  parties: ({ dice }, before) => ({
    ...(before && dice.chance(60) ? {} : { name: `${dice.pick(WORDS)} packing`, roles: ['supplier'] }),
    ...maybe(dice, 30, () => ({ phone: `(308) 555-01${dice.between(10, 99)}` })),
    ...maybe(dice, 40, () => ({ notes: longText(dice) })),
    ...maybe(dice, 20, () => ({ roles: dice.pick([['supplier'], ['supplier', 'customer'], ['customer', 'carrier']]) })),
  }),
  orders: ({ dice, some }, before) => ({
    ...(before ? {} : { kind: 'purchase', number: ownNumber(dice, 'W'), orderedOn: '2026-01-05' }),
    ...(before ? maybe(dice, 4, () => ({ number: `W ${dice.between(1, 999)}` })) : {}),
    ...maybe(dice, 30, () => withRef('supplierId', some('parties'))),
    ...maybe(dice, 25, () => ({ currency: dice.pick(['usd', 'cad']), exchangeRate: dice.between(700_000, 1_400_000) })),
    ...(before
      ? maybe(dice, 70, () => ({ lines: rowsOf(dice, before['lines'], () => orderLine(dice)) }))
      : { lines: [{ lineId: 'l-1', ...orderLine(dice) }] }),
    ...maybe(dice, 20, () => ({ notes: longText(dice) })),
    ...maybe(dice, 15, () => ({ fulfillOn: '2026-02-01' })),
  }),
  receivables: ({ dice, some }, before) => ({
    ...(before ? {} : { kind: 'invoice', name: ownNumber(dice, 'Bill'), issuedOn: '2026-01-06' }),
    ...(before && dice.chance(70) ? {} : { amount: dice.between(1, 500_000) }),
    ...maybe(dice, 40, () => withRef('partyId', some('parties'))),
    ...maybe(dice, 40, () => withRef('orderId', some('orders'))),
    ...maybe(dice, 15, () => ({ currency: dice.pick(['usd', 'cad']), exchangeRate: dice.between(700_000, 1_400_000) })),
    ...maybe(dice, 30, () => ({ disputed: dice.chance(50), disputeReason: dice.pick(LINES) })),
  }),
  activities: ({ dice }, before) => ({
    ...(before ? {} : { kind: 'note', title: dice.pick(LINES) }),
    ...maybe(dice, 50, () => ({ body: longText(dice) })),
    ...maybe(dice, 30, () => ({ pinned: dice.chance(50) })),
    ...maybe(dice, 20, () => ({ done: true })),
  }),
};

/** What no rule lets pass, of the field that each noun must have. */
const badValues: Readonly<Record<string, Draft>> = {
  ranches: { name: 'Forbidden' },
  animals: { tag: '' },
  sightings: { what: 7 },
  parties: { name: '' },
  orders: { number: '', lines: 'none' },
  receivables: { amount: 'much' },
  activities: { title: '' },
};

function source(dice: Dice, device: Device): Source {
  return {
    dice,
    device,
    some: (collection) => {
      if (!device.disk.has(collection)) return undefined;
      const ids = device.idsOf(collection);
      // Now and then a record that nobody has made yet, under an id that somebody may make later.
      if (dice.chance(8)) return `new-${dice.below(6)}`;
      return ids.length === 0 ? undefined : dice.pick(ids);
    },
  };
}

const draftOf = (from: Source, collection: string, before: WireDocument | undefined): Draft => ({
  ...makers[collection]?.(from, before),
  // Now and then a record goes to another desk or another person.
  ...maybe(from.dice, 6, () => ({ deskId: from.dice.pick(DESKS) })),
  ...maybe(from.dice, 3, () => ({ ownerId: `user-${from.dice.below(3)}` })),
});

/** The field of a collection that a series fills. */
const NUMBERED: Readonly<Record<string, string>> = { orders: 'number', receivables: 'name' };
const isLeased = (device: Device, collection: string, n: number): boolean =>
  [...device.numbers.values()].some(
    ({ prefix, first, last }) => prefix === (collection === 'orders' ? 'PO-' : 'INV-') && first <= n && n <= last,
  );
/** Now and then a program that is not the desk types a number that it read somewhere. */
function typed({ dice, device }: Source, collection: string, foreign: readonly string[]): Pick<Intent, 'draft' | 'types'> | undefined {
  const field = NUMBERED[collection];
  if (field === undefined || !dice.chance(6)) return undefined;
  const prefix = collection === 'orders' ? 'PO-' : 'INV-';
  const read = foreign.filter((number) => number.startsWith(prefix) && !isLeased(device, collection, Number(number.slice(prefix.length))));
  return {
    draft: { [field]: read.length > 0 && dice.chance(70) ? dice.pick(read) : `${prefix}900${dice.between(100, 999)}` },
    types: true,
  };
}

/** One change of one record, as a person makes it. `foreign`: numbers that stand on records, where they may be typed. */
export function someEdit(dice: Dice, device: Device, collections: readonly string[], foreign?: readonly string[]): Intent | undefined {
  // The inbox is last, and mostly read.
  const collection = dice.chance(8) ? collections.at(-1) : dice.pick(collections.slice(0, -1));
  if (collection === undefined) return undefined;
  const from = source(dice, device);
  const ids = device.idsOf(collection);
  if (ids.length === 0 || dice.chance(25)) {
    const id = dice.chance(15) ? `new-${dice.below(6)}` : `${collection.slice(0, 2)}-${dice.word()}`;
    const number = foreign && typed(from, collection, foreign);
    return { collection, command: 'create', id, ...number, draft: { ...draftOf(from, collection, undefined), ...number?.draft } };
  }
  // People work on the same few records.
  const id = dice.chance(60) ? (ids.at(-1) ?? '') : dice.pick(ids);
  const before = device.stateOf(collection, id);
  if (before?._deleted) return { collection, command: 'restore', id };
  if (dice.chance(10)) return { collection, command: 'delete', id };
  return { collection, command: 'change', id, draft: draftOf(from, collection, before) };
}

/** Rows of a file, under ids that follow from the source: two devices that import the same file make the same ids. */
export function someImport(dice: Dice, device: Device, collections: readonly string[], withNumbers = false): Intent[] {
  if (withNumbers && collections.includes('orders') && dice.chance(40)) return numberedImport(dice, device);
  const collection = collections[0] ?? '';
  const from = source(dice, device);
  const first = dice.below(4);
  return Array.from({ length: dice.between(2, 5) }, (_, i): Intent => {
    const id = `import-${first + i}`;
    const before = device.stateOf(collection, id);
    const command = before === undefined || before._deleted ? 'create' : 'change';
    return { collection, command, id, draft: draftOf(from, collection, command === 'create' ? undefined : before) };
  });
}

/** Orders of another system that were numbered in the form of our series, some of them ahead of it. */
function numberedImport(dice: Dice, device: Device): Intent[] {
  const from = source(dice, device);
  const first = dice.between(1, 30);
  const numbers = Array.from({ length: dice.between(1, 3) }, (_, i) => first + i).filter((n) => !isLeased(device, 'orders', n));
  return numbers.map((n): Intent => {
    const number = `PO-${String(n).padStart(6, '0')}`;
    const draft = { ...draftOf(from, 'orders', undefined), number };
    return { collection: 'orders', command: 'create', id: `import-${number}`, draft, stamps: { importId: 'the-file' } };
  });
}

/** A batch with good rows around a bad one. */
export function someBadBatch(dice: Dice, device: Device, collections: readonly string[]): Intent[] {
  const rows = someImport(dice, device, collections).map((row) => ({ ...row, id: `bad-${dice.word()}`, command: 'create' as const }));
  const collection = collections[0] ?? '';
  const at = dice.below(rows.length);
  const from = source(dice, device);
  return rows.map((row, i) => ({
    ...row,
    draft: draftOf(from, collection, undefined),
    ...(i === at ? { bad: badValues[collection] ?? {} } : {}),
  }));
}
