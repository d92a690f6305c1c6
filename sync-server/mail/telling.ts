/**
 * Letters that nobody waits for. Each is written in the transaction of what it tells of, so that it is neither lost nor tells of
 * what did not happen, and sent by whichever server process comes to it first. One that was sent just before its process was
 * killed may come twice.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { LettersHealth } from '../../domain/protocol/admin.ts';
import { SealBroken, type Seal } from '../auth/seal.ts';
import type { Database, Runner } from '../db/database.ts';
import { type WaitingLetter, addLetter, lettersHealth, loseLetter, postponeLetter, removeLetter, takeLetter } from '../db/letters.ts';
import type { Letter } from './letters.ts';
import type { Mailer } from './mailer.ts';

export interface Outgoing {
  /** Whom it is for. */
  readonly accountId: string;
  readonly to: string;
  readonly letter: Letter;
  /** How long its link works; absent, the letter is of use for a day. */
  readonly minutes?: number;
}
/** Within the transaction of what the letter tells of. Without a mailer nobody is told. */
export type Tell = (runner: Runner, outgoing: Outgoing) => Promise<void>;

const MINUTE_MS = 60_000;
const USEFUL_MINUTES = 24 * 60;
const FIRST_WAIT_MS = 5_000;
const WAIT_MS_MAX = 15 * MINUTE_MS;
/** Letters of other processes, and those that wait for another try, are looked for so often. */
const LOOK_MS = 1_000;
/** What was written a moment ago is committed by then. */
const SOON_MS = 30;
const LOST_IS_KEPT_MS = 7 * 24 * 60 * MINUTE_MS;

const TRIES = 3;
/** For who waits for it, as the command line does. Rejects when the mail server took none of the tries. */
export async function sendStubbornly(mailer: Mailer, to: string, letter: Letter): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      await mailer.send(to, letter);
      return;
    } catch (cause) {
      if (tried >= TRIES) throw new Error('a letter could not be sent', { cause });
      await delay(FIRST_WAIT_MS * tried);
    }
  }
}

/** Letters, and work that goes on after its request was answered; a server that closes waits for it. */
export interface Telling {
  readonly tell: Tell;
  /** What leads to a letter. Its failures go to the log. */
  afterwards(work: () => Promise<void>): void;
  state(): Promise<LettersHealth>;
  /** When all of it is done; what is due is tried once more, and what nobody takes waits for the next start. */
  close(): Promise<void>;
}

interface TellingDependencies {
  readonly db: Database;
  readonly mailer: Mailer | undefined;
  /** The present seal first, then those before it. */
  readonly seals: readonly [Seal, ...Seal[]];
  readonly now: () => Date;
  readonly onError: (error: Error) => void;
  readonly lookMs?: number;
}
type Written = { readonly to: string } & Letter;

function opened(seals: readonly Seal[], { id, sealed }: WaitingLetter): Written {
  for (const seal of seals) {
    try {
      return JSON.parse(seal.open(sealed, id)) as Written;
    } catch (cause) {
      if (!(cause instanceof SealBroken)) throw cause;
    }
  }
  throw new Error('a letter was sealed with another secret');
}

/** One letter, if one is due. Answers what became of it. */
async function sendNext({ db, seals, now, onError }: TellingDependencies, mailer: Mailer): Promise<'none' | 'gone' | 'refused'> {
  return db.transaction(async (runner) => {
    const at = now();
    const waiting = await takeLetter(runner, at.toISOString());
    if (!waiting) return 'none';
    const { id, until, tries } = waiting;
    const lose = (error: Error): Promise<void> => {
      onError(error);
      return loseLetter(runner, id, at.toISOString(), new Date(at.getTime() - LOST_IS_KEPT_MS).toISOString());
    };
    if (until <= at.toISOString()) {
      await lose(new Error('a letter was of no use any more when it could be sent'));
      return 'gone';
    }
    try {
      const { to, subject, text } = opened(seals, waiting);
      await mailer.send(to, { subject, text });
    } catch (cause) {
      const next = new Date(at.getTime() + Math.min(WAIT_MS_MAX, FIRST_WAIT_MS * 2 ** tries)).toISOString();
      if (next >= until) await lose(new Error('a letter could not be sent', { cause }));
      else {
        await postponeLetter(runner, id, next);
        // Once: the same every few minutes would drown everything else in the log.
        if (tries === 0) onError(new Error('a letter could not be sent yet', { cause }));
      }
      return 'refused';
    }
    await removeLetter(runner, id);
    return 'gone';
  });
}

export function openTelling(dependencies: TellingDependencies): Telling {
  const { db, mailer, seals, now, onError, lookMs = LOOK_MS } = dependencies;
  const underway = new Set<Promise<void>>();
  const follow = (work: Promise<void>): void => {
    const followed: Promise<void> = work.catch(onError).finally(() => underway.delete(followed));
    underway.add(followed);
  };
  let sending: Promise<void> | undefined;
  const sendAll = async (own: Mailer): Promise<void> => {
    let became = await sendNext(dependencies, own);
    while (became === 'gone') became = await sendNext(dependencies, own);
  };
  const look = (): void => {
    if (!mailer || sending) return;
    sending = sendAll(mailer)
      .catch(onError)
      .finally(() => {
        sending = undefined;
      });
  };
  const looking = mailer && setInterval(look, lookMs);
  let soon: NodeJS.Timeout | undefined;
  return {
    async tell(runner, { accountId, to, letter, minutes = USEFUL_MINUTES }) {
      if (!mailer) return;
      const at = now();
      const id = randomUUID();
      const sealed = seals[0].close(JSON.stringify({ to, ...letter } satisfies Written), id);
      const until = new Date(at.getTime() + minutes * MINUTE_MS).toISOString();
      await addLetter(runner, { id, accountId, sealed, at: at.toISOString(), until });
      clearTimeout(soon);
      soon = setTimeout(look, SOON_MS);
    },
    afterwards: (work) => follow(work()),
    state: () => lettersHealth(db, new Date(now().getTime() - LOST_IS_KEPT_MS).toISOString()),
    async close() {
      clearInterval(looking);
      // What is under way may bring a letter of its own.
      while (underway.size > 0) await Promise.all(underway);
      clearTimeout(soon);
      await sending;
      if (mailer) await sendAll(mailer).catch(onError);
      mailer?.close();
    },
  };
}
