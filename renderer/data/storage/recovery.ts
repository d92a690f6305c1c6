/** What the disk says when a store is opened: the manifest, and the log behind it. Damage is told, never passed over. */
import type { Disk } from './disk.ts';
import { type Damage, type OnDamage, StorageFault } from './fault.ts';
import { type Opened, type Unreadable, isSealed, openFrame, storeOf, textOf } from './frame.ts';
import { type LogStep, decodeLogRow } from './log.ts';
import { type Manifest, decodeManifest } from './manifest.ts';
import { rowsOf } from './page.ts';
import { rebuildManifest } from './rebuild.ts';
import type { Segment } from './segment.ts';

/** What the log still has to do to one collection. */
export type Pending =
  | { readonly kind: 'put'; readonly segment: Segment; readonly from: number; readonly lengths: readonly number[] }
  | { readonly kind: 'page'; readonly page: number; readonly rows: number; readonly since: number }
  | { readonly kind: 'purge'; readonly ids: readonly string[] };

export interface KnownCollection {
  readonly number: number;
  readonly name: string;
  readonly version: number;
  readonly primary: string;
  /** In the order of the log. */
  readonly pending: Pending[];
}

export interface Recovered {
  readonly manifest: Manifest;
  /** The manifest was made again and is not on the disk. */
  readonly remade: boolean;
  readonly collections: Map<number, KnownCollection>;
  readonly nextSequence: number;
  readonly nextPage: number;
  readonly nextCollection: number;
  /** Characters of documents in the log. */
  readonly logChars: number;
  /** Left behind by a crash: named by nothing. */
  readonly orphans: readonly number[];
  /** No row of the log was unreadable or missing. */
  readonly logWhole: boolean;
}

export interface RecoverySettings {
  readonly key?: CryptoKey;
  /** With a key, a store without encryption is taken over to be encrypted. */
  readonly encryptExisting: boolean;
  readonly onDamage: OnDamage;
}

/** Throws where a frame says that the whole store cannot be opened this way. */
function refuse(reason: Unreadable): void {
  if (reason === 'newer')
    throw new StorageFault('newer_format', 'The data was written by a newer version. Update, and open it again; nothing was changed.');
  if (reason === 'sealed') throw new StorageFault('key_missing', 'The data is encrypted. Open it with its key; nothing was changed.');
  if (reason === 'open')
    throw new StorageFault('key_unexpected', 'The data is not encrypted, but a key was given. Open it without one; nothing was changed.');
  if (reason === 'other_key') throw new StorageFault('wrong_key', 'The data was encrypted with another key. Nothing was changed.');
}

async function readManifest(disk: Disk, { key, encryptExisting, onDamage }: RecoverySettings): Promise<Manifest | undefined> {
  const copies = await disk.readManifest();
  let found: Manifest | undefined;
  const bad: { readonly position: number; readonly reason: Unreadable }[] = [];
  for (const [i, copy] of copies.entries()) {
    const opened: Opened = await openFrame({ kind: 'manifest', position: i + 1, store: storeOf(copy) ?? 0 }, copy, key, encryptExisting);
    if (!opened.ok) {
      bad.push({ position: i + 1, reason: opened.reason });
      continue;
    }
    const manifest = decodeManifest(textOf(opened.payload));
    const own: Manifest = key && isSealed(copy) === false ? { ...manifest, mixed: true } : manifest;
    if (!found || own.generation > found.generation) found = own;
  }
  if (!found) {
    for (const { reason } of bad) refuse(reason);
    return undefined;
  }
  for (const { position, reason } of bad) onDamage({ kind: 'manifest_copy', position, ids: [], healed: true, reason });
  return found;
}

/** The manifest, made again from the pages, and that told; undefined for a database that never held anything. */
async function remake(disk: Disk, { key, encryptExisting, onDamage }: RecoverySettings): Promise<Manifest | undefined> {
  const [copy] = await disk.readManifest();
  const empty = (await disk.pageNumbers()).length === 0 && (await disk.readLog(0)).length === 0;
  const damage: Damage = { kind: 'manifest', position: 0, ids: [], healed: empty, reason: copy === undefined ? 'missing' : 'unreadable' };
  if (empty) {
    if (copy !== undefined) onDamage(damage);
    return undefined;
  }
  const lostPages: Damage[] = [];
  const manifest = await rebuildManifest(disk, {
    ...(key ? { key } : {}),
    encryptExisting,
    refuse: (opened) => refuse(opened.reason),
    lost: (position, why) => lostPages.push({ kind: 'body_page', position, ids: [], healed: false, reason: why }),
  });
  for (const one of [damage, ...lostPages]) onDamage(one);
  return manifest;
}

interface Row {
  readonly sequence: number;
  readonly steps: readonly LogStep[];
  readonly text: string;
  readonly from: number;
}

async function readLog(
  disk: Disk,
  manifest: Manifest,
  key: CryptoKey | undefined,
  onDamage: OnDamage,
): Promise<{ readonly rows: Row[]; readonly next: number; readonly whole: boolean }> {
  const found = await disk.readLog(manifest.logFrom);
  const rows: Row[] = [];
  let next = manifest.logFrom;
  const last = found.at(-1)?.sequence;
  for (const { sequence, bytes } of found) {
    for (; next < sequence; next += 1) onDamage({ kind: 'log_row', position: next, ids: [], healed: false, reason: 'missing' });
    next = sequence + 1;
    const opened = await openFrame({ kind: 'log', position: sequence, store: manifest.store }, bytes, key, manifest.mixed === true);
    if (opened.ok) rows.push({ sequence, ...decodeLogRow(textOf(opened.payload)) });
    else {
      refuse(opened.reason);
      onDamage({ kind: sequence === last ? 'log_tail' : 'log_row', position: sequence, ids: [], healed: false, reason: opened.reason });
    }
  }
  return { rows, next, whole: rows.length === next - manifest.logFrom };
}

class Replay {
  readonly collections = new Map<number, KnownCollection>();
  nextPage: number;
  nextCollection: number;
  logChars = 0;

  constructor(manifest: Manifest) {
    this.nextPage = manifest.nextPage;
    this.nextCollection = manifest.nextCollection;
    for (const { number, name, version, primary } of manifest.collections) {
      this.collections.set(number, { number, name, version, primary, pending: [] });
    }
  }

  row({ sequence, steps, text, from }: Row): void {
    const segment: Segment = { page: 0, row: 0, text };
    let at = from;
    for (const step of steps) {
      const pending = this.collections.get(step[1])?.pending;
      switch (step[0]) {
        case 'new':
          if (!this.collections.has(step[1])) {
            this.collections.set(step[1], { number: step[1], name: step[2], version: step[3], primary: step[4], pending: [] });
          }
          this.nextCollection = Math.max(this.nextCollection, step[1] + 1);
          break;
        case 'put':
          pending?.push({ kind: 'put', segment, from: at, lengths: step[2] });
          at += step[2].reduce((sum, length) => sum + length, 0);
          break;
        case 'page':
          // Its numbers are used up even when the collection is gone since.
          this.nextPage = Math.max(this.nextPage, step[2] + step[3]);
          pending?.push({ kind: 'page', page: step[2], rows: step[3], since: sequence });
          break;
        case 'purge':
          pending?.push({ kind: 'purge', ids: step[2] });
          break;
        case 'drop':
          this.collections.delete(step[1]);
          break;
      }
    }
    this.logChars += text.length;
  }

  /** Every page that something names. */
  named(manifest: Manifest): Set<number> {
    const named = new Set<number>();
    for (const { number, pages, order } of manifest.collections) {
      if (!this.collections.has(number)) continue;
      for (const { no, rows } of pages) for (const row of rowsOf(no, rows)) named.add(row);
      named.add(order);
    }
    for (const { pending } of this.collections.values()) {
      for (const one of pending) if (one.kind === 'page') for (const row of rowsOf(one.page, one.rows)) named.add(row);
    }
    return named;
  }
}

/**
 * Reads what is there; undefined for a database that holds nothing yet. Throws StorageFault where the store as a whole
 * cannot be opened (wrong key, newer format, nothing readable at all).
 */
export async function recover(disk: Disk, settings: RecoverySettings): Promise<Recovered | undefined> {
  const { key, onDamage } = settings;
  const read = await readManifest(disk, settings);
  const manifest = read ?? (await remake(disk, settings));
  if (!manifest) return undefined;
  const { rows, next, whole } = await readLog(disk, manifest, key, onDamage);
  const replay = new Replay(manifest);
  for (const row of rows) replay.row(row);
  const named = replay.named(manifest);
  const present = await disk.pageNumbers();
  return {
    // The log may be the last to know of a removed one, and goes with the next compaction.
    manifest: { ...manifest, collections: manifest.collections.filter(({ number }) => replay.collections.has(number)) },
    remade: read === undefined,
    collections: replay.collections,
    nextSequence: next,
    nextPage: present.reduce((most, no) => Math.max(most, no + 1), replay.nextPage),
    nextCollection: replay.nextCollection,
    logChars: replay.logChars,
    orphans: present.filter((no) => !named.has(no)),
    logWhole: whole,
  };
}
