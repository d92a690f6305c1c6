/**
 * What a change that waits to be sent was built on, kept in its bookkeeping. RxDB notes what it pulls a moment after it has written
 * it; of a device that died in that moment only the edit itself can tell (`renderer/sync/waiting-marks.ts` makes up for the note).
 */
import { type RxDocumentData, type RxDocumentMeta, type WithDeleted, writeDocToDocState } from 'rxdb';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { isPulled } from './storage/kept-origin.ts';

type Stored = RxDocumentData<AnyDocument>;

export interface BuiltOn {
  /** As it was pulled. */
  readonly state: WithDeleted<AnyDocument>;
  /** Write ids of the edits in between: what the server took of them it is known to hold, and that is newer. */
  readonly since: readonly string[];
}

/** Where it is kept in a document's `_meta`. */
export const BUILT_ON = 'builtOn';
export const builtOn = ({ _meta }: Stored): BuiltOn | undefined => _meta[BUILT_ON] as unknown as BuiltOn | undefined;

function nextBuiltOn(stored: Stored, waits: boolean): BuiltOn | undefined {
  if (isPulled(stored)) return { state: writeDocToDocState(stored, false, false), since: [] };
  const before = waits ? builtOn(stored) : undefined;
  return before && { ...before, since: [...before.since, stored.w] };
}

/** The bookkeeping of a change of this state; `waits`: it is itself one that the server has not answered. */
export function metaOver(stored: Stored, waits: boolean): RxDocumentMeta {
  const { [BUILT_ON]: _, ...meta } = stored._meta;
  const next = nextBuiltOn(stored, waits);
  return { ...meta, ...(next ? { [BUILT_ON]: next as unknown as RxDocumentMeta[string] } : {}) };
}
