/** Changes of one collection that follow each other in the feed, as the text of one event; written once for all who listen. */
import type { Entity } from '../../domain/entity/entity.ts';
import { type Change, wireText } from '../db/feed.ts';
import { textFor } from '../pull/cast-text.ts';

/** The event's data for the stream of this collection alone, and for the stream of all. */
interface FrameText {
  readonly plain: string;
  readonly tagged: string;
}
export interface Frame extends FrameText {
  readonly collection: string;
  readonly seq: number;
  /** The same for devices of an older version; written when the first of them listens. */
  castTo(entity: Entity, version: number): FrameText;
}

function frameOf(run: readonly Change[], collection: string, seq: number, epoch: string): Frame {
  const textWith = (write: (change: Change) => string): FrameText => {
    const plain = `"documents":[${run.map(write).join(',')}],"checkpoint":${JSON.stringify({ lwt: seq, id: epoch })}}`;
    return { plain: `{${plain}`, tagged: `{"collection":${JSON.stringify(collection)},${plain}` };
  };
  const own = textWith(wireText);
  const older = new Map<number, FrameText>();
  return {
    collection,
    seq,
    ...own,
    castTo(entity, version) {
      if (version === entity.version) return own;
      const text = older.get(version) ?? textWith(textFor(entity, version));
      older.set(version, text);
      return text;
    },
  };
}

/** Cuts changes, in feed order, into runs of one collection. */
export function framesOf(changes: readonly Change[], epoch: string): Frame[] {
  const runs: Change[][] = [];
  for (const change of changes) {
    const run = runs.at(-1);
    if (run?.[0]?.collection === change.collection) run.push(change);
    else runs.push([change]);
  }
  return runs.flatMap((run) => {
    const last = run.at(-1);
    return last ? [frameOf(run, last.collection, last.seq, epoch)] : [];
  });
}
