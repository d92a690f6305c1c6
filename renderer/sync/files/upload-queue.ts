/**
 * Sends the files that wait, one after another, whenever the server is in reach. Everything it knows is in the device's own
 * database, so that it goes on after a restart where it was; how much the server has of a file, it asks the server.
 */
import { liveQuery } from 'dexie';
import { storedStates } from '../../data/commit.ts';
import type { Desk } from '../../data/desk.ts';
import { dropUnnamed } from '../../data/files/held-files.ts';
import { settleAdding } from '../../data/files/uploads.ts';
import type { UploadRow } from '../../data/local-store.ts';
import { paced } from '../../data/pace.ts';
import type { Noun } from '../../../domain/record/noun.ts';
import { SyncFault } from '../fault.ts';
import type { Background } from '../gate.ts';
import type { Session } from '../session.ts';
import { FileAnswerFault, askMissing } from './file-wire.ts';
import { makeSender } from './send-file.ts';

/** Contents that are asked for at a time. */
const ASKED_AT_ONCE = 500;

export interface UploadQueue {
  /** Requests may go out from now on. */
  resume(): void;
  /** They may not; one that is under way is given up. */
  pause(): void;
  stop(): void;
}
const idle: UploadQueue = { resume: () => undefined, pause: () => undefined, stop: () => undefined };

/** Runs `work` whenever it is asked to, one run at a time; what is asked during a run is done by one more. */
function makeRunner(background: Background, work: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  const loop = async (): Promise<void> => {
    while (again) {
      again = false;
      await work();
    }
  };
  return () => {
    again = true;
    if (running) return;
    running = true;
    background.run(
      loop().finally(() => {
        running = false;
      }),
    );
  };
}

/**
 * What this device holds and the server has not, such as after a restore from a backup, is sent again (SYN-11). Contents
 * that were only fetched here are offered too: the device that added them may be gone.
 */
async function offerAgain(desk: Desk, session: Session, noun: Noun): Promise<void> {
  const { files, uploads } = desk.local;
  const waiting = new Set(await uploads.toCollection().primaryKeys());
  const held = (await files.toArray()).flatMap(({ sha256, recordIds }) => recordIds.map((recordId) => ({ recordId, sha256 })));
  const wanted = held.filter(({ recordId }) => !waiting.has(recordId));
  for (let at = 0; at < wanted.length; at += ASKED_AT_ONCE) {
    const part = wanted.slice(at, at + ASKED_AT_ONCE);
    const ids = part.map(({ recordId }) => recordId);
    const missing = new Set(await askMissing(session, ids));
    const states = await storedStates(desk, noun.entity.collection, [...missing]);
    const rows = part.flatMap(({ recordId, sha256 }): UploadRow[] => {
      const record = missing.has(recordId) ? states.get(recordId) : undefined;
      const file = record && noun.files?.named(record);
      if (file?.sha256 !== sha256) return [];
      const { name, size } = file;
      return [
        { recordId, sha256, name, size, sent: 0, state: 'waiting', addedAt: new Date().toISOString(), tries: 0, nextAt: 0, offered: true },
      ];
    });
    await uploads.bulkPut(rows);
  }
}

/** Starts with requests held back. On a desk without files it does nothing. */
export function startUploads(desk: Desk, session: Session, background: Background): UploadQueue {
  const noun = desk.nouns.find((one) => one.files !== undefined);
  if (!noun) return idle;
  const { collection } = noun.entity;
  const { uploads, waiting } = desk.local;
  const sender = makeSender(desk, session);
  let online: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let offered = false;

  const due = async (): Promise<UploadRow[]> => {
    const rows = (await uploads.where('state').equals('waiting').sortBy('addedAt')).filter(({ nextAt }) => nextAt <= Date.now());
    const marks = await waiting.bulkGet(rows.map(({ recordId }) => `${collection}/${recordId}`));
    // The server takes a file only for a record that it has.
    return rows.filter((_, i) => marks[i] === undefined);
  };
  const wakeLater = async (): Promise<void> => {
    clearTimeout(timer);
    const times = (await uploads.where('state').equals('waiting').toArray()).map(({ nextAt }) => nextAt).filter((at) => at > Date.now());
    if (times.length > 0 && online) timer = setTimeout(run, Math.max(50, Math.min(...times) - Date.now()));
  };
  const offer = async (): Promise<void> => {
    if (offered) return;
    try {
      await offerAgain(desk, session, noun);
      offered = true;
    } catch (error) {
      // Asked again with the next connection; the files that wait go out in any case.
      if (!(error instanceof SyncFault) && !(error instanceof FileAnswerFault)) throw error;
    }
  };
  const run = makeRunner(background, async () => {
    if (online) await offer();
    for (let [next] = await due(); next && online; [next] = await due()) await sender.send(next, online.signal);
    if (online) await wakeLater();
  });

  const tidy = paced(() => dropUnnamed(desk, collection));
  const subs = [
    // A file was added or is to be tried again, or its record has been sent.
    liveQuery(() =>
      Promise.all([uploads.where('state').equals('waiting').count(), waiting.where('collection').equals(collection).count()]),
    ).subscribe(() => online && run()),
    // A record that is gone takes its content along.
    desk.collection(collection).eventBulks$.subscribe(() => tidy.poke()),
  ];
  background.run(settleAdding(desk, collection));
  tidy.poke();
  return {
    resume() {
      if (online) return;
      online = new AbortController();
      offered = false;
      // A new connection is a reason to try at once what failed over the old one.
      background.run(uploads.where('state').equals('waiting').modify({ nextAt: 0 }).then(run));
    },
    pause() {
      clearTimeout(timer);
      online?.abort();
      online = undefined;
    },
    stop() {
      this.pause();
      tidy.stop();
      for (const sub of subs) sub.unsubscribe();
    },
  };
}
