/**
 * Changes of one collection that follow each other in the feed, as the text of one event; written once for all who listen in
 * the same scope, however many they are.
 */
import { isWithin } from '../../domain/access/condition.ts';
import type { Entity } from '../../domain/entity/entity.ts';
import { writeMark } from '../../domain/protocol/mark.ts';
import type { ReadScope } from '../access/access.ts';
import type { Change } from '../db/feed.ts';
import { textFor, withdrawnText } from '../pull/cast-text.ts';

/** The event's data for the stream of this collection alone, and for the stream of all. */
interface FrameText {
  readonly plain: string;
  readonly tagged: string;
}
export interface Frame {
  readonly collection: string;
  readonly seq: number;
  /** For devices of this version that may read this much; undefined when nothing of the frame is for them. */
  textFor(entity: Entity, version: number, read: ReadScope): FrameText | undefined;
}

type Document = Readonly<Record<string, unknown>>;

export function frameText(
  collection: string,
  documents: readonly string[],
  checkpoint: { lwt: number; epoch: string; scope: string },
): FrameText {
  const { lwt, epoch, scope } = checkpoint;
  const plain = `"documents":[${documents.join(',')}],"checkpoint":${JSON.stringify({ lwt, id: writeMark({ epoch, scope }) })}}`;
  return { plain: `{${plain}`, tagged: `{"collection":${JSON.stringify(collection)},${plain}` };
}

function frameOf(run: readonly Change[], collection: string, seq: number, epoch: string): Frame {
  // Only parsed when somebody listens who may not see everything.
  const parsed = new Map<Change, Document>();
  const documentOf = (change: Change): Document => {
    const document = parsed.get(change) ?? (JSON.parse(change.text) as Document);
    parsed.set(change, document);
    return document;
  };
  const textsIn = (entity: Entity, version: number, read: ReadScope): string[] => {
    const { scope } = read;
    const write = textFor(entity, version, read);
    return run.flatMap((change) => {
      if (scope.is === 'all' || isWithin(scope, documentOf(change))) return change.current ? [write(change)] : [];
      return change.before !== null && isWithin(scope, change.before) ? [withdrawnText(entity, version, change.id, change.seq)] : [];
    });
  };
  const written = new Map<string, FrameText | undefined>();
  return {
    collection,
    seq,
    textFor(entity, version, read) {
      const key = `${version} ${read.key}`;
      if (written.has(key)) return written.get(key);
      const documents = textsIn(entity, version, read);
      const text = documents.length === 0 ? undefined : frameText(collection, documents, { lwt: seq, epoch, scope: read.key });
      written.set(key, text);
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
