/** Letters from the command line, as the server sends them, where the environment says how. */
import type { Database } from '../db/database.ts';
import type { EmailDependencies } from '../auth/email-change.ts';
import { mailSettingsFrom, openMailer } from '../mail/mailer.ts';
import { type Outgoing, sendStubbornly } from '../mail/telling.ts';
import { publicUrlFrom } from '../public-url.ts';
import type { Surroundings } from './on-database.ts';

/** Resolves when every letter was sent, or said to be lost: nothing goes on after a command. None is sent of work that failed. */
export async function withLetters(
  db: Database,
  { environment, out }: Surroundings,
  work: (making: EmailDependencies) => Promise<void>,
): Promise<void> {
  const mail = mailSettingsFrom({ ...environment });
  const mailer = mail && openMailer(mail);
  const written: Outgoing[] = [];
  try {
    await work({
      db,
      now: () => new Date(),
      mailer,
      publicUrl: publicUrlFrom({ ...environment }),
      onError: (error) => out(`${error.message}. Hand the link on yourself.`),
      // Sent from here: the seal of the servers is not known to every command.
      tell: (_, outgoing) => Promise.resolve(void written.push(outgoing)),
    });
    const sending = mailer
      ? written.map(({ to, letter }) => sendStubbornly(mailer, to, letter).catch((error: Error) => out(`${to}: ${error.message}.`)))
      : [];
    await Promise.all(sending);
  } finally {
    mailer?.close();
  }
}
export const shownLink = (link: string): string =>
  link.startsWith('/') ? `${link}   (after the address at which people open the desk)` : link;
