/**
 * Brings a pushed row to the server's version before it is decided. A device one version behind patches the fields that it
 * knows; a device that was just updated, or whose user sees more fields since, built on a base that lacks them, and patches likewise.
 */
import { completed } from '../../domain/access/field-limits.ts';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { hard } from '../../domain/entity/problem.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { liftOnto, overlay } from '../../domain/record/overlay.ts';
import { type PushedRow, type Seen, sameState } from './decide-push.ts';

export const UNREADABLE = hard(
  '',
  'unreadable_version',
  'This record is not of the version that the device named. Update Drover on that device, then save the record again.',
);

interface VersionedRow extends PushedRow {
  readonly noun: Noun;
  /** The version that the device speaks; absent for the entity's own. */
  readonly version?: number;
}

/** The state that the device most likely looked at: its own earlier write where this is a repetition, else what is stored. */
export function lookedAt({ doc, base }: PushedRow, { stored, applied, waiting }: Seen): AnyDocument | undefined {
  if (applied) return applied.doc;
  if (waiting && (waiting.w === doc.w || waiting.w === base?.w)) return waiting.doc;
  return stored?.doc;
}

/** The row as it was stored when it came the first time, though its author may not see all of it; undefined when it is another one. */
export function storedBefore<Row extends PushedRow & { readonly noun: Noun }>(row: Row, applied: Seen['applied']): Row | undefined {
  if (!applied) return undefined;
  const whole = { ...row, doc: completed(row.noun.entity, row.doc, applied.doc) };
  return sameState(applied, whole) ? whole : undefined;
}

/** The row in the entity's own version; undefined when the document cannot be read as one of the device's version. */
export function raised<Row extends VersionedRow>(row: Row, seen: Seen): Row | undefined {
  const { entity } = row.noun;
  const { version = entity.version, base, doc } = row;
  const { applied } = seen;
  if (version === entity.version) {
    const before = base?.w === doc.w ? undefined : storedBefore(row, applied);
    if (before) return before;
    // The same write id and yet another content: of a base that was brought up on the device, or from before its user saw the fields.
    const built = [seen.stored, seen.waiting].find((one) => one && one.w === base?.w);
    if (!base || !built) return row;
    return { ...row, doc: overlay(built.doc, base, doc) as AnyDocument, base: built.doc };
  }
  const kept = lookedAt(row, seen);
  try {
    // Decided again after somebody was faster, it is of the entity's own version.
    const lifted = { ...row, doc: liftOnto(entity, version, doc, kept) as AnyDocument, version: entity.version };
    return base ? { ...lifted, base: liftOnto(entity, version, base, kept) as AnyDocument } : lifted;
  } catch (cause) {
    // The steps are ours, but what they are given here came over the wire.
    if (cause instanceof TypeError || cause instanceof RangeError) return undefined;
    throw cause;
  }
}
