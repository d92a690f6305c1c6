/**
 * Once a day the newest anchor of the seal goes where whoever holds the database and the folder of the key does not reach: to a
 * folder on another mount, or to somebody by mail. What went is noted beside the key.
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { AnchorsHealth } from '../../domain/protocol/admin.ts';
import { eachDay } from '../daily.ts';
import { anchorLetter } from '../mail/letters.ts';
import { type MailSettings, openMailer } from '../mail/mailer.ts';
import { ANCHORS_FILE, SealKeyFault, anchorLines, readText, replaceOnDisk } from './seal-key.ts';

export type AnchorPlace = { readonly kind: 'folder'; readonly folder: string } | { readonly kind: 'mail'; readonly to: string };

/** DROVER_ANCHORS: a folder that is there, or `mailto:` and an address; undefined when it is not set. */
export function anchorPlaceFrom(environment: Readonly<Record<string, string | undefined>>, sealFolder: string): AnchorPlace | undefined {
  const text = environment['DROVER_ANCHORS'] ?? '';
  if (text === '') return undefined;
  const [, to] = /^mailto:([^\s@,]+@[^\s@,]+)$/u.exec(text) ?? [];
  if (to !== undefined) return { kind: 'mail', to };
  if (/^[a-z][a-z0-9+]+:/iu.test(text) && !path.isAbsolute(text))
    throw new Error(`DROVER_ANCHORS must be a folder on another mount or mailto:somebody@example.com, not "${text}".`);
  const folder = path.resolve(text);
  if (folder === sealFolder) throw new Error('DROVER_ANCHORS must lead away from the folder of the key (DROVER_AUDIT).');
  return { kind: 'folder', folder };
}

export interface AnchorsAway {
  /** Of the day, unless it went already. Rejects with the reason when it could not. */
  send(): Promise<void>;
  state(): AnchorsHealth;
}
export interface AnchorsAwayOptions {
  /** Of the key. */
  readonly folder: string;
  readonly place: AnchorPlace;
  readonly mail: MailSettings | undefined;
}

/** What was noted beside the key. */
const SENT_FILE = 'anchors-sent.json';
interface Sent {
  readonly at: string;
}

/** A folder that is not there is not made: an unmounted disk would be taken for this one. */
async function keepIn(folder: string, lines: readonly string[]): Promise<void> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new SealKeyFault(`There is no folder ${folder}. Is its disk mounted? (DROVER_ANCHORS)`);
  const file = path.join(folder, ANCHORS_FILE);
  const kept = (readText(file) ?? '').split('\n').filter((line) => line !== '');
  await replaceOnDisk(file, `${[...new Set([...kept, ...lines])].join('\n')}\n`);
}
async function mailTo(to: string, line: string, mail: MailSettings | undefined): Promise<void> {
  if (!mail) throw new SealKeyFault('No mail server is set (DROVER_SMTP_URL).');
  const mailer = openMailer(mail);
  try {
    await mailer.send(to, anchorLetter(line));
  } finally {
    mailer.close();
  }
}

export function openAnchorsAway({ folder, place, mail }: AnchorsAwayOptions, now: () => Date): AnchorsAway {
  let problem: string | null = null;
  const sentFile = path.join(folder, SENT_FILE);
  const sentAt = (): string | null => {
    const text = readText(sentFile);
    return text === undefined ? null : (JSON.parse(text) as Sent).at;
  };
  async function deliver(at: string): Promise<void> {
    const lines = anchorLines(folder);
    const newest = lines.at(-1);
    if (newest === undefined || sentAt()?.slice(0, 10) === at.slice(0, 10)) return;
    await (place.kind === 'folder' ? keepIn(place.folder, lines) : mailTo(place.to, newest, mail));
    const sent: Sent = { at };
    await replaceOnDisk(sentFile, `${JSON.stringify(sent)}\n`);
  }
  return {
    async send() {
      try {
        await deliver(now().toISOString());
        problem = null;
      } catch (cause) {
        problem = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`the anchor of the audit's seal was not sent away: ${problem}`, { cause });
      }
    },
    state: () => ({ place: place.kind, sentAt: sentAt(), problem }),
  };
}

/** Sends each day until the server closes; undefined for a process that does not seal or was given no place. */
export function keepAnchorsAway(
  app: FastifyInstance,
  { audit, mail }: { readonly audit?: { readonly folder: string; readonly anchors?: AnchorPlace }; readonly mail?: MailSettings },
  now: () => Date,
  onError: (error: Error) => void,
): AnchorsAway | undefined {
  if (!audit?.anchors) return undefined;
  const away = openAnchorsAway({ folder: audit.folder, place: audit.anchors, mail }, now);
  eachDay(app, now, away.send, onError);
  return away;
}
