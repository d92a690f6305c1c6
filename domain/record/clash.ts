/** What a merge cannot decide: one place, and its three values. */

export interface Clash {
  /** `name`, `lines.<lineId>.price`, `lines.<lineId>` for a whole row, `_deleted` for the record itself. */
  readonly path: string;
  /** Values as they were, as the author wants them, as they are stored; absent for none. */
  readonly base?: unknown;
  readonly mine?: unknown;
  readonly theirs?: unknown;
  /** The paths that are decided together with this one, itself included. */
  readonly together?: readonly string[];
}
/** The three values of one place. */
export interface Three<Value> {
  readonly base: Value;
  readonly mine: Value;
  readonly theirs: Value;
}
export type Values = Readonly<Record<string, unknown>>;
export type FindClash = (clash: Clash) => void;

/** Absent values leave no key, so that a clash is the same before and after it was stored as JSON. */
export function clashAt(path: string, { base, mine, theirs }: Three<unknown>, together?: readonly string[]): Clash {
  return {
    path,
    ...(base === undefined ? {} : { base }),
    ...(mine === undefined ? {} : { mine }),
    ...(theirs === undefined ? {} : { theirs }),
    ...(together === undefined ? {} : { together }),
  };
}
