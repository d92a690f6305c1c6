/** Letters that nobody waits for: sent in the background, tried again for a while, and noted in the log when the mail server takes none. */
import { setTimeout as delay } from 'node:timers/promises';
import type { LettersHealth } from '../../domain/protocol/admin.ts';
import type { Letter } from './letters.ts';
import type { Mailer } from './mailer.ts';

export type Tell = (to: string, letter: Letter) => void;

const TRIES = 3;
const RETRY_MS = 5_000;
/** Rejects when the mail server took none of the tries. With `hurry` the next one is the last, and comes at once. */
export async function sendStubbornly(mailer: Mailer, to: string, letter: Letter, hurry?: AbortSignal): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    const isLast = tried >= TRIES || hurry?.aborted === true;
    try {
      await mailer.send(to, letter);
      return;
    } catch (cause) {
      if (isLast) throw new Error('a letter could not be sent', { cause });
      // Cut short by `hurry`.
      await delay(RETRY_MS * tried, undefined, hurry ? { signal: hurry } : {}).catch(() => undefined);
    }
  }
}

/** Work that goes on after its request was answered; a server that closes waits for it. */
export interface Telling {
  /** Without a mailer nobody is told. */
  readonly tell: Tell;
  /** What leads to a letter. Its failures go to the log. */
  afterwards(work: () => Promise<void>): void;
  state(): LettersHealth;
  /** When all of it is done; what waits for another try is tried once more. */
  close(): Promise<void>;
}

export function openTelling(mailer: Mailer | undefined, now: () => Date, onError: (error: Error) => void): Telling {
  const hurry = new AbortController();
  const underway = new Set<Promise<void>>();
  let lost: LettersHealth = { lost: 0, lastLostAt: null };
  const follow = (work: Promise<void>): void => {
    const followed: Promise<void> = work.catch(onError).finally(() => underway.delete(followed));
    underway.add(followed);
  };
  const send = async (own: Mailer, to: string, letter: Letter): Promise<void> => {
    try {
      await sendStubbornly(own, to, letter, hurry.signal);
    } catch (cause) {
      lost = { lost: lost.lost + 1, lastLostAt: now().toISOString() };
      throw cause;
    }
  };
  return {
    tell(to, letter) {
      if (mailer) follow(send(mailer, to, letter));
    },
    afterwards: (work) => follow(work()),
    state: () => lost,
    async close() {
      hurry.abort();
      // What is under way may bring a letter of its own.
      while (underway.size > 0) await Promise.all(underway);
      mailer?.close();
    },
  };
}
