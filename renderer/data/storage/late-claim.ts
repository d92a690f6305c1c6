/**
 * The claim of an engine that was opened on a full disk: it reads, and becomes the one that writes with its first write that
 * finds room, unless anything was written since by the one before it or claimed by one after it. What it knows is old then.
 */

/** What any write to a store changes. */
export interface StoreState {
  readonly owner: unknown;
  readonly lastRow: number | undefined;
  readonly manifest: unknown;
}

const sameBytes = (a: unknown, b: unknown): boolean =>
  a === b ||
  (a instanceof Uint8Array && b instanceof Uint8Array && a.length === b.length && a.every((byte, position) => byte === b[position]));

export interface LateClaim {
  /** The claim could not be made; `state` is asked for before anything else of the store is read. */
  put(state: () => Promise<StoreState>): Promise<void>;
  /** Before every write: makes the claim that could not be made. Rejects as `claim` does; it is tried again by the next write. */
  due(): Promise<void>;
}

/** `claim` claims the store in one transaction if its state is as before, and rejects otherwise. */
export function makeLateClaim(claim: (isAsBefore: (now: StoreState) => boolean) => Promise<void>): LateClaim {
  let before: StoreState | undefined;
  let claiming: Promise<void> | undefined;
  const make = async ({ owner, lastRow, manifest }: StoreState): Promise<void> => {
    await claim((now) => now.owner === owner && now.lastRow === lastRow && sameBytes(now.manifest, manifest));
    before = undefined;
  };
  return {
    async put(state) {
      before = await state();
    },
    async due() {
      if (!before) return;
      claiming ??= make(before).finally(() => {
        claiming = undefined;
      });
      await claiming;
    },
  };
}
