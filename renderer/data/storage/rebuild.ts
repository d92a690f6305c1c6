/**
 * Makes a manifest again from the pages, when neither copy of it can be read. Heads name their collection and say of each
 * document its revision and when it was written, so of several pages that hold a document the latest counts: by the revision,
 * which counts writes, because a clock may have been set back. What only the
 * manifest knew is lost: which deleted documents had been forgotten for good. They may be back.
 */
import type { Disk } from './disk.ts';
import { StorageFault } from './fault.ts';
import { type Opened, isSealed, openFrame, storeOf, textOf } from './frame.ts';
import { decodeLogRow } from './log.ts';
import type { Manifest, ManifestCollection, ManifestPage } from './manifest.ts';
import { makePace } from './pace.ts';
import { type BodyRow, type OwnedHead, type PageOwner, decodeHead, decodeRow, documentsIn, packedAt, rowsOf } from './page.ts';

/** Heads read in one request: some 2 MB. */
const AT_ONCE = 32;
const LWT = '_meta.lwt';
const DELETED = '_deleted';

export interface RebuildSettings {
  readonly key?: CryptoKey;
  readonly encryptExisting: boolean;
  /** Throws where a frame says that the whole store cannot be opened this way. */
  readonly refuse: (opened: Opened & { readonly ok: false }) => void;
  /** A page whose head and body are both unreadable: nobody knows what it held. */
  readonly lost: (page: number, reason: string) => void;
}

interface Known extends Pick<OwnedHead, 'owner' | 'ids' | 'lengths'> {
  readonly revs: readonly string[];
  readonly written: readonly number[];
  readonly deleted: readonly boolean[];
  /** Rows of the body. */
  readonly rows: number;
}
const heightOf = (revision: string): number => Number.parseInt(revision, 10) || 0;

interface Opening {
  readonly store: number;
  readonly key: CryptoKey | undefined;
  readonly mixed: boolean;
  readonly refuse: RebuildSettings['refuse'];
}

/** What a head says of the documents of its page, or why it cannot be read. */
async function readHead(no: number, frame: unknown, { store, key, mixed, refuse }: Opening): Promise<Known | string> {
  const opened = await openFrame({ kind: 'head', position: no, store }, frame, key, mixed);
  if (!opened.ok) {
    refuse(opened);
    return opened.reason;
  }
  const { owner, ids, revs, lengths, counts, columns } = decodeHead(textOf(opened.payload));
  const written = ids.map((_, i) => Number(packedAt(columns[LWT], i) ?? 0));
  const deleted = ids.map((_, i) => packedAt(columns[DELETED], i) === 1);
  return { owner, ids, revs: ids.map((_, i) => String(packedAt(revs, i))), lengths, written, deleted, rows: counts.length };
}

/** A page whose head cannot be read, from what the rows of its body say. What no row tells is a gap: an empty id. */
class Headless implements Known {
  readonly owner: PageOwner;
  readonly ids: string[] = [];
  readonly revs: string[] = [];
  readonly lengths: number[] = [];
  readonly written: number[] = [];
  readonly deleted: boolean[] = [];
  rows = 0;

  constructor(owner: PageOwner) {
    this.owner = owner;
  }

  add({ row, first, lengths, text }: BodyRow): void {
    this.rows = Math.max(this.rows, row + 1);
    for (let gap = this.ids.length; gap < first; gap += 1) this.put(gap, '', '', 0, 0, true);
    for (const [i, document] of documentsIn(text, 0, lengths).entries())
      this.put(first + i, String(document[this.owner.primary]), document._rev, lengths[i] ?? 0, document._meta.lwt, document._deleted);
  }

  private put(position: number, id: string, rev: string, length: number, written: number, deleted: boolean): void {
    this.ids[position] = id;
    this.revs[position] = rev;
    this.lengths[position] = length;
    this.written[position] = written;
    this.deleted[position] = deleted;
  }
}

interface Held {
  readonly no: number;
  readonly position: number;
}

/** Where the latest state of each document of one collection lies. */
class Latest {
  readonly owner: PageOwner;
  private readonly pages = new Map<number, { readonly known: Known; readonly dead: Set<number> }>();
  private readonly holders = new Map<string, Held>();

  constructor(owner: PageOwner) {
    this.owner = owner;
  }

  add(no: number, known: Known): void {
    const dead = new Set<number>();
    this.pages.set(no, { known, dead });
    for (const [position, id] of known.ids.entries()) {
      const before = this.holders.get(id);
      if (id === '' || (before && !this.isLater({ no, position }, before))) {
        dead.add(position);
        continue;
      }
      if (before) this.pages.get(before.no)?.dead.add(before.position);
      this.holders.set(id, { no, position });
    }
  }

  private isLater(one: Held, other: Held): boolean {
    const [a, b] = [this.stateAt(one), this.stateAt(other)];
    const [higher, lower] = a.height > b.height ? [a, b] : [b, a];
    // Only a tombstone can have been forgotten for good, and what comes after it under the same id begins to count anew.
    const isReborn = higher.deleted && higher.written < lower.written;
    return a.height === b.height || isReborn ? a.written > b.written : a.height > b.height;
  }

  private stateAt({ no, position }: Held): { readonly height: number; readonly written: number; readonly deleted: boolean } {
    const known = this.pages.get(no)?.known;
    return {
      height: heightOf(known?.revs[position] ?? ''),
      written: known?.written[position] ?? 0,
      deleted: known?.deleted[position] === true,
    };
  }

  entry(): ManifestCollection {
    const pages = [...this.pages].flatMap(([no, { known, dead }]): ManifestPage[] => {
      const chars = known.lengths.reduce((sum, length) => sum + length, 0);
      const page = { no, rows: known.rows, count: known.ids.length, chars };
      return dead.size === known.ids.length ? [] : [{ ...page, dead: [...dead].sort((a, b) => a - b) }];
    });
    return { ...this.owner, pages, order: 0 };
  }
}

/** The store number that most frames carry; undefined when nothing is whole. */
function storeIn(frames: readonly unknown[]): number | undefined {
  const counts = new Map<number, number>();
  for (const frame of frames) {
    const store = storeOf(frame);
    if (store !== undefined) counts.set(store, (counts.get(store) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** Pages that the log names: its replay brings them in, in their turn. */
async function namedByLog(
  log: readonly { readonly sequence: number; readonly bytes: unknown }[],
  store: number,
  key: CryptoKey | undefined,
  mixed: boolean,
): Promise<Set<number>> {
  const named = new Set<number>();
  for (const { sequence, bytes } of log) {
    const opened = await openFrame({ kind: 'log', position: sequence, store }, bytes, key, mixed);
    // What is unreadable is told when the log is replayed.
    if (!opened.ok) continue;
    for (const step of decodeLogRow(textOf(opened.payload)).steps) {
      if (step[0] === 'page') for (const row of rowsOf(step[2], step[3])) named.add(row);
    }
  }
  return named;
}

/** The pages that `named` does not hold, each by its head or else by the rows of its body. What neither tells is told as lost. */
async function knownPages(
  disk: Disk,
  opening: Opening,
  named: ReadonlySet<number>,
  lost: RebuildSettings['lost'],
): Promise<Map<number, Known>> {
  const pages = new Map<number, Known>();
  const covered = new Set(named);
  const headless = new Map<number, string>();
  const breathe = makePace();
  for (const part of parts((await disk.numbersIn('heads')).filter((no) => !named.has(no)))) {
    const frames = await disk.readHeads(part);
    for (const [i, no] of part.entries()) {
      const known = await readHead(no, frames[i], opening);
      if (typeof known === 'string') headless.set(no, known);
      else {
        pages.set(no, known);
        for (const row of rowsOf(no, known.rows)) covered.add(row);
      }
      await breathe();
    }
  }
  const remade = new Map<number, Headless>();
  for (const part of parts((await disk.numbersIn('bodies')).filter((row) => !covered.has(row)))) {
    const frames = await disk.readBodies(part);
    for (const [i, position] of part.entries()) {
      const opened = await openFrame({ kind: 'body', position, store: opening.store }, frames[i], opening.key, opening.mixed);
      if (!opened.ok) {
        opening.refuse(opened);
        headless.set(position, opened.reason);
      } else {
        const row = decodeRow(textOf(opened.payload));
        const page = remade.get(position - row.row) ?? new Headless(row.owner);
        remade.set(position - row.row, page);
        page.add(row);
      }
      await breathe();
    }
  }
  for (const [no, page] of remade) {
    pages.set(no, page);
    // Told when the page is loaded.
    for (const row of rowsOf(no, page.rows)) headless.delete(row);
  }
  for (const [no, reason] of headless) lost(no, reason);
  return pages;
}

function parts(numbers: readonly number[]): number[][] {
  const all: number[][] = [];
  for (let start = 0; start < numbers.length; start += AT_ONCE) all.push(numbers.slice(start, start + AT_ONCE));
  return all;
}

/** A manifest of what the pages and the log hold. Throws StorageFault where they cannot be opened, or nothing can be read. */
export async function rebuildManifest(disk: Disk, settings: RebuildSettings): Promise<Manifest> {
  const { key, encryptExisting, refuse, lost } = settings;
  const log = await disk.readLog(0);
  const heads = await disk.numbersIn('heads');
  const sample = [...(await disk.readHeads(heads.slice(0, AT_ONCE))), ...log.map(({ bytes }) => bytes)];
  const store = storeIn(sample);
  if (store === undefined) throw new StorageFault('manifest_lost', 'Neither the manifest nor any page can be read; nothing was changed.');
  // A store that was being encrypted has some of both; then only what is encrypted is believed.
  const mixed = key !== undefined && encryptExisting && sample.every((frame) => isSealed(frame) !== true);
  const named = await namedByLog(log, store, key, mixed);
  const collections = new Map<number, Latest>();
  const pages = await knownPages(disk, { store, key, mixed, refuse }, named, lost);
  for (const [no, known] of [...pages].sort(([a], [b]) => a - b)) {
    const latest = collections.get(known.owner.number) ?? new Latest(known.owner);
    collections.set(known.owner.number, latest);
    latest.add(no, known);
  }
  return {
    store,
    generation: 1,
    logFrom: log[0]?.sequence ?? 1,
    nextPage: (await disk.pageNumbers()).reduce((most, no) => Math.max(most, no + 1), 1),
    nextCollection: Math.max(0, ...collections.keys()) + 1,
    ...(mixed ? { mixed } : {}),
    collections: [...collections.values()].map((latest) => latest.entry()),
  };
}
