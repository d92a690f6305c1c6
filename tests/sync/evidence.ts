/** What the checker is given of a history, and what it answers. */
import type { Entity } from '../../domain/entity/entity.ts';
import type { WireDocument } from '../../domain/protocol/protocol.ts';
import type { CollectedSeries } from '../../domain/record/series.ts';
import type { Commit, Device } from './device.ts';
import type { StoredState } from './stored-state.ts';

export interface Violation {
  readonly rule: string;
  readonly what: string;
}
export interface Evidence {
  readonly state: StoredState;
  readonly devices: readonly Device[];
  readonly entities: readonly Entity[];
  readonly commits: readonly Commit[];
  /** `collection/id/w` of what restores took from the server and no device was left that knew it. */
  readonly gone: ReadonlySet<string>;
  /** `collection/id/w` of everything that a server has ever had and a restore took. */
  readonly taken: ReadonlySet<string>;
  /** `collection/id` of what waited when a restore came: it is offered again over another state than it was built on; see docs/known-gaps.md. */
  readonly uprooted: ReadonlySet<string>;
  /** By lost state: the states that followed it in the lost history, and that hold what it said. */
  readonly later: ReadonlyMap<string, readonly string[]>;
  /** The database was put back to an earlier state in this history. */
  readonly restored: boolean;
  /** People who do not see all fields are in this history. */
  readonly limited: boolean;
  readonly maySee: (userId: string, collection: string, document: WireDocument) => boolean;
  /** What of a stored document this device shows. */
  readonly shownOn: (device: Device, collection: string, document: WireDocument) => WireDocument;
  /** Somebody who in this history did not always see all of the fields that can be hidden. */
  readonly isLimited: (userId: string) => boolean;
  /** Whether this person at some time did not see that field. */
  readonly hides: (userId: string, collection: string, path: string) => boolean;
  readonly series: readonly CollectedSeries[];
}

/** A write of a record. */
export const keyOf = (collection: string, id: string, w: unknown): string => `${collection}/${id}/${String(w)}`;
