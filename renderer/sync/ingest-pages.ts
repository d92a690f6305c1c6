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
import type { PullPages } from './pull-pages.ts';
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
type UnreadAnswer = Omit<ReadPage, 'answer'> & { readonly answer: UnreadPage };
export type AnyPage = ReadPage | UnreadAnswer;
const isUnread = (page: AnyPage): page is UnreadAnswer => 'text' in page.answer;

/** Reads the page after a checkpoint; `unread`: its documents may stay a text. */
export type Read = (after: Checkpoint | undefined, unread: boolean) => Promise<AnyPage>;

type State = RxReplicationState<AnyDocument, Checkpoint>;
type Inner = NonNullable<State['internalReplicationState']>;

interface IngestParts {
  readonly desk: Desk;
  readonly collection: string;
  readonly state: () => State;
  /** What RxDB was given and has not written. */
  readonly pages: Pick<PullPages, 'downTo'>;
  readonly rewind: { to(from: Checkpoint | undefined): Promise<void> };
  readonly events: { received(collection: string, documents: number): void };
  /** Runs work that nobody awaits. */
  readonly run: (work: Promise<unknown>) => void;
}
interface Through {
  readonly inner: Inner;
  readonly storage: Ingests;
  /** The checkpoint that RxDB named, and the one to begin at. */
  readonly asked: Checkpoint | undefined;
  readonly begin: Checkpoint | undefined;
  readonly limit: number;
  readonly read: Read;
}

async function readWhole(read: Read, after: Checkpoint | undefined): Promise<ReadPage> {
  const page = await read(after, false);
  if (isUnread(page)) throw new Error('a page came unread that was to be read');
  return page;
}
/** Until every checkpoint is stored that was to be. */
const noted = (inner: Inner): Promise<unknown> => Promise.allSettled([inner.checkpointQueue]);
const isFit = ({ from, answer }: UnreadAnswer, after: Checkpoint | undefined): boolean =>
  sameCheckpoint(from, after) && readMark(answer.checkpoint.id).change === undefined && !mayHoldWithdrawn(answer.text);

/** When a page is worth a try: after each one that was not taken, twice as many are left to RxDB. A device that pulls what it holds hardly asks twice. */
function makeTurns() {
  let left = 0;
  let next = 1;
  return {
    isDue(): boolean {
      left -= 1;
      return left < 0;
    },
    taken(): void {
      next = 1;
    },
    refused(): void {
      left = next;
      next *= 2;
    },
  };
}

export function makeIngest({ desk, collection, state, pages, rewind, events, run }: IngestParts) {
  const turns = makeTurns();
  /** RxDB asks on from where it was given a page last; what was written past it since lies behind that. */
  let past: { readonly asked: Checkpoint | undefined; readonly upTo: Checkpoint } | undefined;
  /** Until every page that came is written, or known not to be. */
  let last = Promise.resolve();

  const write = async (inner: Inner, storage: Ingests, text: string, least: number): Promise<number> => {
    try {
      return await desk.db.lockedRun(async () => storage.ingest(await pageFor(inner, text, least), inner.input.metaInstance));
    } catch {
      // A full disk, a closed database: RxDB meets it next, and tells of it as always.
      return 0;
    }
  };
  /** Nothing waits to be sent: whether an edit goes before what comes is RxDB's to decide. */
  const isPlain = async (): Promise<boolean> => (await desk.local.waiting.where('collection').equals(collection).count()) === 0;
  /** Before all that RxDB was given is written, nothing behind it may be. */
  const isReached = async (inner: Inner, after: Checkpoint | undefined): Promise<boolean> => {
    const isStored = (): boolean => sameCheckpoint(inner.lastCheckpointDoc.down?.checkpointData as Checkpoint | undefined, after);
    if (isStored()) return true;
    await pages.downTo(0);
    await noted(inner);
    return isStored();
  };
  /** Writes pages as long as they can be; answers the first that RxDB has to take. */
  const through = async ({ inner, storage, asked, begin, limit, read }: Through): Promise<ReadPage> => {
    const writing: Promise<void>[] = [];
    let refused: { readonly after: Checkpoint | undefined } | undefined;
    let most = 0;
    const start = (after: Checkpoint | undefined, { checkpoint, text }: UnreadPage): void => {
      const done = write(inner, storage, text, limit);
      last = last.then(async () => {
        const documents = await done;
        // What was written behind a page that was not stays without its checkpoint, and comes once more.
        if (documents === 0 || refused) refused ??= { after };
        else {
          run(setCheckpoint(inner, 'down', checkpoint));
          past = { asked, upTo: checkpoint };
          turns.taken();
          events.received(collection, documents);
        }
      });
      writing.push(last);
    };
    const downTo = async (left: number): Promise<void> => {
      while (writing.length > left) await writing.shift();
    };
    for (let after = begin; ; ) {
      const page = await read(after, await isPlain());
      const fit = isUnread(page) && isFit(page, after);
      if (fit) start(after, page.answer);
      await downTo(fit ? most : 0);
      if (fit && !refused) {
        after = page.answer.checkpoint;
        // One was taken: from now on the next ones may be under way.
        most = AHEAD - 1;
        continue;
      }
      if (!refused && !isUnread(page)) return page;
      turns.refused();
      await downTo(0);
      // What was asked from further back has a reason that is still there.
      if (!sameCheckpoint(page.from, after)) await rewind.to(page.from);
      return readWhole(read, refused ? refused.after : after);
    }
  };

  return {
    written: (): Promise<void> => last,
    /** The page after this checkpoint, or a later one when all before it could be written past RxDB. */
    async pull(asked: Checkpoint | undefined, limit: number, read: Read): Promise<ReadPage> {
      const { internalReplicationState: inner } = state();
      const storage: unknown = desk.collection(collection).storageInstance.originalStorageInstance;
      const begin = past && sameCheckpoint(past.asked, asked) ? past.upTo : asked;
      const able = inner && ingests(storage) && turns.isDue() && (await isPlain()) && (await isReached(inner, begin));
      if (!able) return readWhole(read, begin);
      const page = await through({ inner, storage, asked, begin, limit, read });
      // Whoever hears that all is here looks at how far it is stored.
      await noted(inner);
      return page;
    },
  };
}
