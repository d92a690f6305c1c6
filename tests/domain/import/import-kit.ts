/** What the import tests stand on: the platform of Node, and a file built from lines. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Papa from 'papaparse';
import { type Company, usualCompany } from '../../../domain/access/company.ts';
import { type Batch, type Platform, type Sheet, headersOf, openSheet, planRows, prepareBatch } from '../../../domain/import/batch.ts';
import type { PlannedRow, StoredState } from '../../../domain/import/plan-row.ts';
import { type Profile, proposeColumns } from '../../../domain/import/profile.ts';
import { guessHeader } from '../../../domain/import/header.ts';
import { profileOf, profiles } from '../../../domain/import/profiles.ts';
import { nounOf } from '../../../domain/registry.ts';

export const platform: Platform = {
  decode: (bytes, encoding) => new TextDecoder(encoding).decode(bytes),
  parse: (text, settings) => Papa.parse<string[]>(text, settings),
  sha256: (text) => Promise.resolve(new Uint8Array(createHash('sha256').update(text).digest())),
};
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const REAL = path.join(import.meta.dirname, '../../../../shared/data');
/** A file of `../shared/data`; undefined where it is absent, which is said aloud. */
export function realFile(name: string): Uint8Array | undefined {
  const file = path.join(REAL, name);
  if (existsSync(file)) return readFileSync(file);
  console.warn(`SKIPPED: ${name} is not beside the project, so the tests over it did not run.`);
  return undefined;
}

export function sheetOf(input: string | Uint8Array): Sheet {
  const reading = openSheet(typeof input === 'string' ? bytesOf(input) : input, platform);
  if (!reading.ok) throw new Error(reading.refusal.message);
  return reading.sheet;
}

/** Detects and prepares as the window does; `profileId` overrules the guess. */
export async function batchOf(
  input: string | Uint8Array,
  profileId?: string,
  names: Readonly<Record<string, string>> = {},
  company: Company = usualCompany,
): Promise<Batch> {
  const sheet = sheetOf(input);
  const guess = guessHeader(sheet.rows, profiles);
  const profile: Profile | undefined = profileId === undefined ? guess.profile : profileOf(profileId);
  if (!profile) throw new Error('no profile');
  const noun = nounOf(profile.collection);
  if (!noun) throw new Error(`no noun for ${profile.collection}`);
  const targets = proposeColumns(profile, headersOf(sheet, guess.row));
  const setup = { profile, headerRow: guess.row, targets, source: profile.source, company };
  return prepareBatch(noun, sheet, setup, platform, (collection, name) => names[`${collection} ${name}`]);
}

export const moment = { actor: { userId: 'user-1', deskId: 'desk-1' }, now: '2026-11-20T10:00:00.000Z', w: 'w-1' };

export function planAll(
  batch: Batch,
  stored: ReadonlyMap<string, StoredState> = new Map(),
  more: { bringBackDeleted?: boolean; importId?: string; w?: string; company?: Company } = {},
): PlannedRow[] {
  const { bringBackDeleted = false, importId = 'import-1', w = 'w-1', company = usualCompany } = more;
  return planRows(batch, 0, batch.rows.length, stored, { ...moment, w, company }, { importId, source: batch.source, bringBackDeleted });
}

/** What a collection holds after the changes were written. */
export function afterWriting(rows: readonly PlannedRow[], before: ReadonlyMap<string, StoredState> = new Map()): Map<string, StoredState> {
  const states = new Map(before);
  for (const { change } of rows) if (change) states.set(change.after.id, { document: change.after, deleted: change.deleted });
  return states;
}
