/** Letters that nobody waits for: sent in the background, tried again for a while, and noted in the log when the mail server takes none. */
import type { Letter } from './letters.ts';
import type { Mailer } from './mailer.ts';

export type Tell = (to: string, letter: Letter) => void;

const TRIES = 3;
const RETRY_MS = 5_000;
/** Rejects when the mail server took none of the tries. */
export async function sendStubbornly(mailer: Mailer, to: string, letter: Letter): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      await mailer.send(to, letter);
      return;
    } catch (cause) {
      if (tried >= TRIES) throw new Error('a letter could not be sent', { cause });
      await new Promise((done) => setTimeout(done, RETRY_MS * tried));
    }
  }
}

/** Without a mailer nobody is told. */
export const openTell =
  (mailer: Mailer | undefined, onError: (error: Error) => void): Tell =>
  (to, letter) => {
    if (mailer) sendStubbornly(mailer, to, letter).catch(onError);
  };
