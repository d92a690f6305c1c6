/**
 * What the command line remembers of an import, so that it can be undone: one file of JSON lines in DROVER_DATA/imports.
 * A record is noted before it is sent, so that an import that was killed can be undone as well.
 */
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { JournalEntry } from '../../domain/import/undo.ts';
import { CliFault } from './sync-client.ts';

export interface JournalHead {
  readonly importId: string;
  readonly fileName: string;
  readonly collection: string;
  readonly server: string;
  readonly startedAt: string;
}
export interface Journal {
  readonly head: JournalHead;
  readonly entries: readonly JournalEntry[];
}

const ID = /^[0-9a-f-]{36}$/u;

function fileOf(folder: string, importId: string): string {
  if (!ID.test(importId)) throw new CliFault('usage', `"${importId}" is no import id. It is the long id that the import printed.`);
  return path.join(folder, 'imports', `${importId}.jsonl`);
}

export async function startJournal(folder: string, head: JournalHead): Promise<void> {
  const file = fileOf(folder, head.importId);
  // Before-images are business data: nobody else on the machine reads them.
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, `${JSON.stringify(head)}\n`, { mode: 0o600, flag: 'wx' });
}

export async function noteEntries(folder: string, importId: string, entries: readonly JournalEntry[]): Promise<void> {
  await appendFile(fileOf(folder, importId), entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}

/** Reads a journal; a last line that a crash cut off is left out, for its record was never sent. */
export async function readJournal(folder: string, importId: string): Promise<Journal> {
  const file = fileOf(folder, importId);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new CliFault(
      'journal',
      `Import ${importId} is not known here. An import is undone on the machine and with the DROVER_DATA folder that it ran with.`,
      cause,
    );
  }
  const [first = '', ...rest] = text.slice(0, text.lastIndexOf('\n')).split('\n');
  return { head: JSON.parse(first) as JournalHead, entries: rest.map((line) => JSON.parse(line) as JournalEntry) };
}
