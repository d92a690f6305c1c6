/**
 * Changes of one collection that follow each other in the feed, as one event; its bytes are made once for all who listen in the
 * same scope, however many they are, and slow readers wait on the same bytes.
 */
import { isWithin } from '../../domain/access/condition.ts';
import type { Entity } from '../../domain/entity/entity.ts';
import { writeMark } from '../../domain/protocol/mark.ts';
import type { ReadScope } from '../access/access.ts';
import type { Change } from '../db/feed.ts';
import { textFor, withdrawnText } from '../pull/cast-text.ts';
import { eventOf } from './event-stream.ts';

/** Whom an event is for. */
export interface Sight {
  readonly entity: Entity;
  readonly version: number;
  readonly read: ReadScope;
  /** Of a stream of all collections, whose events say which one they are of. */
  readonly tagged: boolean;
}
export interface Frame {
  readonly collection: string;
  readonly seq: number;
  /** Undefined when nothing of the frame is for them. */
  eventFor(sight: Sight): Buffer | undefined;
}

type Document = Readonly<Record<string, unknown>>;

/** `collection`: where the event has to say it. */
export function frameEvent(
  collection: string | undefined,
  documents: readonly string[],
  checkpoint: { lwt: number; epoch: string; scope: string },
): Buffer {
  const { lwt, epoch, scope } = checkpoint;
  const tag = collection === undefined ? '' : `"collection":${JSON.stringify(collection)},`;
  const mark = JSON.stringify({ lwt, id: writeMark({ epoch, scope }) });
  return eventOf(`{${tag}"documents":[${documents.join(',')}],"checkpoint":${mark}}`);
}

function frameOf(run: readonly Change[], collection: string, seq: number, epoch: string): Frame {
  // Only parsed when somebody listens who may not see everything.
  const parsed = new Map<Change, Document>();
  const documentOf = (change: Change): Document => {
    const document = parsed.get(change) ?? (JSON.parse(change.text) as Document);
    parsed.set(change, document);
    return document;
  };
  const textsIn = ({ entity, version, read }: Sight): string[] => {
    const { scope } = read;
    const write = textFor(entity, version, read);
    return run.flatMap((change) => {
      if (scope.is === 'all' || isWithin(scope, documentOf(change))) return change.current ? [write(change)] : [];
      return change.before !== null && isWithin(scope, change.before) ? [withdrawnText(entity, version, change.id, change.seq)] : [];
    });
  };
  const written = new Map<string, Buffer | undefined>();
  return {
    collection,
    seq,
    eventFor(sight) {
      const { version, read, tagged } = sight;
      const key = `${version} ${tagged} ${read.key}`;
      if (written.has(key)) return written.get(key);
      const documents = textsIn(sight);
      const checkpoint = { lwt: seq, epoch, scope: read.key };
      const event = documents.length === 0 ? undefined : frameEvent(tagged ? collection : undefined, documents, checkpoint);
      written.set(key, event);
      return event;
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
