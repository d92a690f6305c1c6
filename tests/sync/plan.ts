/** A simulated history before it is played: everything that is decided by a person or by fate, as plain data. */
import { type Dice, makeDice } from './dice.ts';
import type { NetworkTroubles } from './network.ts';
import type { Batches } from './replica.ts';
import type { DatabaseTroubles } from './sim-database.ts';

/** One thing that is done; what exactly follows from `salt` and the state of the device at that moment. */
export type Deed =
  | { readonly do: 'edit' | 'import' | 'bad'; readonly device: number; readonly salt: number }
  | { readonly do: 'offline' | 'online' | 'crash' | 'start' | 'update'; readonly device: number }
  | { readonly do: 'kill' | 'boot' | 'cut' | 'sweep'; readonly server: number }
  | { readonly do: 'clock'; readonly device?: number; readonly server?: number; readonly days: number }
  /** Somebody gets another role or desk. */
  | { readonly do: 'rights'; readonly user: number; readonly salt: number }
  | { readonly do: 'save' }
  /**
   * Stops the servers, puts the database back to what was saved last, and starts them again. Without `sign` it looks like the same life of it, as after a snapshot of the
   * machine, and whoever put it back says so by `drover epoch new`.
   */
  | { readonly do: 'restore'; readonly sign: boolean }
  | { readonly do: 'pass'; readonly milliseconds: number }
  | { readonly do: 'quiet' };
export interface Event {
  readonly deed: Deed;
  /** How many things the scheduler lets happen before the next event. */
  readonly steps: number;
}
export interface Plan {
  readonly seed: number;
  readonly devices: number;
  readonly cast: CastName;
  readonly batches: Batches;
  readonly network: NetworkTroubles;
  readonly database: DatabaseTroubles;
  /** At the end a new device pulls everything, and digests are compared. */
  readonly newcomer: boolean;
  /** People belong to desks and see what is theirs; records and people move. */
  readonly scopes: boolean;
  /** And some of them do not see all fields of what they see. */
  readonly limits?: boolean;
  /** So many of the devices begin with the version of Drover before the servers'. */
  readonly older?: number;
  readonly events: readonly Event[];
}

/** Which collections the devices follow, the inbox always among them. Parents come with their children. */
export const casts = {
  ranch: ['ranches', 'animals', 'activities'],
  log: ['ranches', 'sightings', 'activities'],
  orders: ['parties', 'orders', 'activities'],
  ledger: ['parties', 'orders', 'receivables', 'activities'],
} as const;
export type CastName = keyof typeof casts;
const castNames = Object.keys(casts) as CastName[];

const NO_NETWORK_TROUBLES: NetworkTroubles = { dropRequest: 0, dropAnswer: 0, duplicate: 0, cutStream: 0 };
const NO_DATABASE_TROUBLES: DatabaseTroubles = { held: 0, cutBefore: 0, cutAfter: 0, mute: 0 };
const DAYS = [-366, -30, -1, 1, 8, 30, 366];

/** The tests play the histories of so many seeds. In those behind them devices die and the database is put back all the time. */
export const PLAYED = 2_000;
/** What takes the place of some edits there. */
function harshDeed(dice: Dice, at: number, device: number, { restores }: Traits): Deed | undefined {
  if (at < 46 || at >= 62) return undefined;
  if (at < 52) return { do: 'crash', device };
  if (at < 56) return { do: 'start', device };
  if (at < 60 && restores) return at < 58 ? { do: 'save' } : { do: 'restore', sign: dice.chance(60) };
  return { do: 'quiet' };
}

function someDeed(dice: Dice, plan: Pick<Plan, 'devices'>, traits: Traits): Deed {
  const device = dice.below(plan.devices);
  const server = dice.below(2);
  const salt = dice.below(1_000_000);
  const at = dice.below(100);
  const harsh = traits.harsh ? harshDeed(dice, at, device, traits) : undefined;
  if (harsh) return harsh;
  if (at < 62) return { do: 'edit', device, salt };
  if (at < 66) return { do: 'import', device, salt };
  if (at < 69) return { do: 'bad', device, salt };
  if (at < 75) return { do: 'offline', device };
  if (at < 81) return { do: 'online', device };
  if (at < 84) return { do: 'pass', milliseconds: dice.pick([10, 100, 1_000, 3_000]) };
  if (at < 85) return { do: 'sweep', server };
  if (at < 89 && traits.crashes) return dice.chance(60) ? { do: 'crash', device } : { do: 'kill', server };
  if (at < 93 && traits.crashes) return dice.chance(60) ? { do: 'start', device } : { do: 'boot', server };
  if (at < 94) return { do: 'cut', server };
  if (at < 96 && traits.clocks) {
    const days = dice.pick(DAYS);
    return dice.chance(70) ? { do: 'clock', device, days } : { do: 'clock', server, days };
  }
  if (at < 97 && traits.scopes) return { do: 'rights', user: device, salt };
  if (at < 97 && traits.restores) return { do: 'save' };
  if (at < 98 && traits.restores) return { do: 'restore', sign: dice.chance(60) };
  if (at < 99) return { do: 'quiet' };
  return { do: 'edit', device, salt };
}

interface Traits {
  readonly crashes: boolean;
  readonly clocks: boolean;
  readonly restores: boolean;
  readonly scopes: boolean;
  readonly harsh: boolean;
}

/** At places that the dice choose; the last event stays the last. */
function strewn(dice: Dice, events: readonly Event[], deeds: readonly Deed[]): Event[] {
  const all = [...events];
  for (const deed of deeds) all.splice(dice.below(all.length), 0, { deed, steps: dice.pick([0, 1, 4, 16, 40]) });
  return all;
}

/** With a backup of the database somewhere, which is put back later. */
function savedIn(dice: Dice, events: readonly Event[]): Event[] {
  const at = dice.below(events.length - 1);
  const later = strewn(dice, events.slice(at), [{ do: 'restore', sign: dice.chance(60) }]);
  return [...events.slice(0, at), { deed: { do: 'save' }, steps: dice.pick([0, 4, 16]) }, ...later];
}

/** The history of this seed. Most are short; some are long, some calm, some have every trouble there is. */
export function planOf(seed: number): Plan {
  const dice = makeDice(seed);
  const devices = dice.pick([2, 2, 2, 3, 3, 3, 3, 3, 4, 4, 5, 6, 8]);
  const cast = dice.pick(castNames);
  const scopes = dice.chance(40);
  const harsh = seed > PLAYED;
  const traits: Traits = {
    crashes: dice.chance(harsh ? 100 : 60),
    clocks: dice.chance(30),
    restores: !scopes && dice.chance(harsh ? 95 : 40),
    scopes,
    harsh,
  };
  const isWild = dice.chance(70);
  const network: NetworkTroubles = isWild
    ? {
        dropRequest: dice.pick([0, 2, 8]),
        dropAnswer: dice.pick([0, 4, 12]),
        duplicate: dice.pick([0, 3, 10]),
        cutStream: dice.pick([0, 3]),
      }
    : NO_NETWORK_TROUBLES;
  const database: DatabaseTroubles = dice.chance(70)
    ? { held: dice.pick([0, 30, 60]), cutBefore: dice.pick([0, 0, 1]), cutAfter: dice.pick([0, 0, 2]), mute: dice.pick([0, 30, 100]) }
    : NO_DATABASE_TROUBLES;
  const count = dice.pick([20, 20, 20, 20, 20, 20, 25, 25, 30, 30, 40, 50, 60, 150]);
  const events: Event[] = [];
  for (let i = 0; i < count; i += 1) {
    const deed = someDeed(dice, { devices }, traits);
    events.push({ deed, steps: dice.pick([0, 0, 1, 2, 4, 8, 16, 40]) });
  }
  // From dice of their own, so that the histories without them stay what they are.
  const more = makeDice(seed ^ 0x5eed);
  const limits = scopes && more.chance(50);
  const changed = limits
    ? Array.from({ length: more.between(1, 3) }, (): Deed => ({ do: 'rights', user: more.below(devices), salt: more.below(1_000_000) }))
    : [];
  const back = makeDice(seed ^ 0xbac);
  const restored = scopes && back.chance(30);
  const skew = makeDice(seed ^ 0x01de);
  const older = (cast === 'ranch' || cast === 'log') && skew.chance(40) ? skew.between(1, devices) : 0;
  const updates = Array.from({ length: older }, (_, device): Deed => ({ do: 'update', device })).filter(() => skew.chance(75));
  return {
    seed,
    devices,
    cast,
    batches: { pull: dice.pick([1, 2, 3, 5, 50]), push: dice.pick([1, 2, 3, 50]) },
    network,
    database,
    newcomer: dice.chance(20),
    scopes,
    ...(limits ? { limits } : {}),
    ...(older > 0 ? { older } : {}),
    events: [
      ...strewn(skew, strewn(more, restored ? savedIn(back, events) : events, changed), updates),
      { deed: { do: 'quiet' }, steps: 0 },
    ],
  };
}
