/**
 * The way of a first sync past RxDB: full pages of records that this device has never held go to the storage as the text
 * that came, where the storage takes such (renderer/data/storage/ingest.ts). RxDB is given the first page that needs it, and goes
 * on from there. Its checkpoint is set by its own function, once a page and all before it are written.
 */
import { setCheckpoint } from 'rxdb';
import type { RxReplicationState } from 'rxdb/plugins/replication';
import { mayHoldWithdrawn } from '../../domain/access/withdrawn.ts';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { readMark } from '../../domain/protocol/mark.ts';
import type { Checkpoint, PullAnswer, WireDocument } from '../../domain/protocol/protocol.ts';
import type { Desk } from '../data/desk.ts';
import { type Ingests, ingests, pageFor } from '../data/storage/ingest.ts';
import { sameCheckpoint } from './served.ts';
import type { UnreadPage } from './wire.ts';

/** Pages that may be under way to the disk while the next one is asked for. */
const AHEAD = 3;

export interface ReadPage {
  /** Where it was asked from: as wanted, or earlier. */
  readonly from: Checkpoint | undefined;
  readonly answer: PullAnswer;
  readonly documents: readonly WireDocument[];
}
export type AnyPage = ReadPage | (Omit<ReadPage, 'answer'> & { readonly answer: UnreadPage });
const isUnread = (page: AnyPage): page is Exclude<AnyPage, ReadPage> => 'text' in page.answer;

/** Reads the page after a checkpoint; `unread`: its documents may stay a text. */
export type Read = (after: Checkpoint | undefined, unread: boolean) => Promise<AnyPage>;

type State = RxReplicationState<AnyDocument, Checkpoint>;
type Inner = NonNullable<State['internalReplicationState']>;

interface IngestParts {
  readonly desk: Desk;
  readonly collection: string;
  readonly state: () => State;
  /** Has the next page begin there at the latest. */
  readonly again: (from: Checkpoint | undefined) => Promise<void>;
  readonly received: (documents: number) => void;
}
interface Writing {
  readonly after: Checkpoint | undefined;
  readonly checkpoint: Checkpoint;
  /** How many documents were written; 0 when RxDB has to. */
  readonly done: Promise<number>;
}

export function makeIngest({ desk, collection, state, again, received }: IngestParts) {
  /** RxDB asks on from where it was given a page last; what was written past it since lies behind that. */
  let past: { readonly asked: Checkpoint | undefined; readonly upTo: Checkpoint } | undefined;

  const readWhole = async (read: Read, after: Checkpoint | undefined): Promise<ReadPage> => {
    const page = await read(after, false);
    if (isUnread(page)) throw new Error(`a page of ${collection} came unread without being asked so`);
    return page;
  };
  const write = async (inner: Inner, storage: Ingests, { text }: UnreadPage, least: number): Promise<number> => {
    try {
      return await desk.db.lockedRun(async () => storage.ingest(await pageFor(inner, text, least), inner.input.metaInstance));
    } catch {
      // A full disk, a closed database: RxDB meets it next, and tells of it as always.
      return 0;
    }
  };
  /** Nothing waits to be sent: whether an edit goes before what comes is RxDB's to decide. */
  const isPlain = async (): Promise<boolean> => (await desk.local.waiting.where('collection').equals(collection).count()) === 0;
  const isFit = ({ from, answer }: Exclude<AnyPage, ReadPage>, after: Checkpoint | undefined): boolean =>
    sameCheckpoint(from, after) && readMark(answer.checkpoint.id).change === undefined && !mayHoldWithdrawn(answer.text);

  return {
    /** The page after this checkpoint, or a later one when all before it could be written past RxDB. */
    async pull(asked: Checkpoint | undefined, limit: number, read: Read): Promise<ReadPage> {
      const { internalReplicationState: inner } = state();
      let after = past && sameCheckpoint(past.asked, asked) ? past.upTo : asked;
      const stored = inner?.lastCheckpointDoc.down?.checkpointData as Checkpoint | undefined;
      // Before all that RxDB was given is written, nothing behind it may be.
      const storage: unknown = desk.collection(collection).storageInstance.originalStorageInstance;
      if (!inner || !ingests(storage) || !sameCheckpoint(stored, after)) return readWhole(read, after);
      const writing: Writing[] = [];
      /** Waits until at most so many are unwritten. Answers the first that was not taken. */
      const downTo = async (most: number): Promise<Writing | undefined> => {
        for (let [first] = writing; first && writing.length > most; [first] = writing) {
          const documents = await first.done;
          if (documents === 0) return first;
          writing.shift();
          void setCheckpoint(inner, 'down', first.checkpoint);
          past = { asked, upTo: first.checkpoint };
          received(documents);
        }
        return undefined;
      };
      for (;;) {
        const page = await read(after, await isPlain());
        const fit = isUnread(page) && isFit(page, after);
        if (fit) writing.push({ after, checkpoint: page.answer.checkpoint, done: write(inner, storage, page.answer, limit) });
        const refused = await downTo(fit ? AHEAD - 1 : 0);
        if (!refused && !isUnread(page)) return page;
        if (refused || !fit) {
          await Promise.all(writing.map(({ done }) => done));
          // It was asked from further back for a reason.
          if (!sameCheckpoint(page.from, after)) await again(page.from);
          return readWhole(read, refused ? refused.after : after);
        }
        after = page.answer.checkpoint;
      }
    },
  };
}
