/**
 * What the page of the kill tests writes: lanes of numbered operations, each known from its lane and number alone, so that
 * the test can say what must be stored without having been told.
 */

/** `own` waits for the disk with each write; `pulled` writes like a replication and then its checkpoint. */
export type LaneKind = 'own' | 'pulled';
export const lanes: readonly LaneKind[] = ['own', 'own', 'pulled'];

export interface Operation {
  /** Records that are written with this number, by id. */
  readonly write: readonly string[];
  /** Records that are deleted. */
  readonly remove: readonly string[];
}
/** What is stored of one record: the number of the operation that wrote it last, and whether that deleted it. */
export interface Kept {
  readonly number: number;
  readonly deleted: boolean;
}
export type LaneState = Map<string, Kept>;

/** Ids of a lane: few enough that most writes change what is stored. */
const IDS = 300;

/** A number from two numbers, the same everywhere. */
export function mix(a: number, b: number): number {
  let x = Math.imul(a + 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  return (x ^ (x >>> 13)) >>> 0;
}

export function operation(lane: number, number: number): Operation {
  const dice = mix(lane, number);
  const size = dice % 11 === 0 ? 60 + (dice % 140) : lanes[lane] === 'pulled' ? 50 : 1 + (dice % 3);
  const from = mix(dice, 1) % IDS;
  const ids = Array.from({ length: size }, (_, i) => `${lane}-${(from + i) % IDS}`);
  const removed = dice % 7 === 0 ? 1 + (size >> 3) : 0;
  return { write: ids.slice(removed), remove: ids.slice(0, removed) };
}

/** The content that goes with a number: some hundred bytes, now and then some thousand. */
export const contentOf = (lane: number, number: number): string => {
  const dice = mix(number, lane + 7);
  return `${lane}.${number} `.repeat(dice % 23 === 0 ? 400 : 10 + (dice % 40));
};

/** Applies one operation to what is stored. Deleting what is not there, or is deleted, does nothing. */
export function apply(state: LaneState, lane: number, number: number): void {
  const { write, remove } = operation(lane, number);
  for (const id of remove) if (state.get(id)?.deleted === false) state.set(id, { number, deleted: true });
  for (const id of write) state.set(id, { number, deleted: false });
}

/** What the page sends when it has opened its records. */
export interface Found {
  /** Per lane: id, number, deleted. */
  readonly lanes: readonly (readonly (readonly [string, number, boolean])[])[];
  /** Per lane the stored checkpoint, 0 for none. */
  readonly checkpoints: readonly number[];
  /** What the engine reported as damaged; must stay empty. */
  readonly damages: readonly unknown[];
  /** Records whose content is not that of their number. */
  readonly wrong: readonly string[];
}

/** What a lane must hold, as far as it is settled, and how far it was acknowledged. */
export interface Lane {
  readonly state: LaneState;
  number: number;
  acknowledged: number;
}

const sameState = (state: LaneState, found: Found['lanes'][number]): boolean =>
  found.length === state.size &&
  found.every(([id, number, deleted]) => {
    const kept = state.get(id);
    return kept?.number === number && kept.deleted === deleted;
  });

/** Moves the model of a lane to where the found state is; throws when it is nowhere, and says `when`. */
export function settle(lane: Lane, index: number, found: Found, when = 'then'): void {
  const rows = found.lanes[index] ?? [];
  const least = lanes[index] === 'own' ? lane.acknowledged : (found.checkpoints[index] ?? 0);
  // One operation may have reached the disk without being acknowledged; a relaxed one may lie further back than was told.
  const most = Math.max(lane.acknowledged, least) + 1;
  while (lane.number < least) apply(lane.state, index, (lane.number += 1));
  while (!sameState(lane.state, rows)) {
    if (lane.number >= most) {
      throw new Error(
        `${when}: lane ${index} (${lanes[index]}): ${rows.length} records are stored that are no state between operation ${least} and ${most}; ` +
          `acknowledged ${lane.acknowledged}, checkpoint ${found.checkpoints[index]}`,
      );
    }
    apply(lane.state, index, (lane.number += 1));
  }
  lane.acknowledged = lane.number;
}
