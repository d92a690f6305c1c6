/**
 * Makes a manifest again from the pages, when neither copy of it can be read. Heads name their collection and say of each
 * document its revision and when it was written, so of several pages that hold a document the latest counts. What only the
 * manifest knew is lost: which deleted documents had been forgotten for good. They may be back.
 */
import type { Disk } from './disk.ts';
import { StorageFault } from './fault.ts';
import { type Opened, isSealed, openFrame, storeOf, textOf } from './frame.ts';
import { decodeDocument, decodeLogRow } from './log.ts';
import type { Manifest, ManifestCollection, ManifestPage } from './manifest.ts';
import { makePace } from './pace.ts';
import { type OwnedHead, type PageOwner, decodeBody, decodeHead, packedAt } from './page.ts';

/** Heads read in one request: some 2 MB. */
const AT_ONCE = 32;
const LWT = '_meta.lwt';

export interface RebuildSettings {
  readonly key?: CryptoKey;
  readonly encryptExisting: boolean;
  /** Throws where a frame says that the whole store cannot be opened this way. */
  readonly refuse: (opened: Opened & { readonly ok: false }) => void;
  /** A page whose head and body are both unreadable: nobody knows what it held. */
  readonly lost: (page: number, reason: string) => void;
}

type Known = Pick<OwnedHead, 'owner' | 'ids' | 'revs' | 'lengths'> & { readonly written: readonly number[] };
const heightOf = (revision: string): number => Number.parseInt(revision, 10) || 0;

/** What a page says of its documents: its head, or else its body. */
async function readPage(
  disk: Disk,
  store: number,
  no: number,
  head: unknown,
  { key, mixed, refuse }: { readonly key: CryptoKey | undefined; readonly mixed: boolean; readonly refuse: RebuildSettings['refuse'] },
): Promise<Known | string> {
  const opened = await openFrame({ kind: 'head', position: no, store }, head, key, mixed);
  if (opened.ok) {
    const { owner, ids, revs, lengths, columns } = decodeHead(textOf(opened.payload));
    return { owner, ids, revs, lengths, written: ids.map((_, i) => Number(packedAt(columns[LWT], i) ?? 0)) };
  }
  refuse(opened);
  const [frame] = await disk.readBodies([no]);
  const body = await openFrame({ kind: 'body', position: no, store }, frame, key, mixed);
  if (!body.ok) return body.reason;
  const { owner, lengths, text, from } = decodeBody(textOf(body.payload));
  let at = from;
  const documents = lengths.map((length) => {
    const document = decodeDocument(text, at, length);
    at += length;
    return document;
  });
  return {
    owner,
    lengths,
    ids: documents.map((document) => String(document[owner.primary])),
    revs: documents.map(({ _rev }) => _rev),
    written: documents.map(({ _meta }) => _meta.lwt),
  };
}

/** Where the latest state of each document of one collection lies. */
class Latest {
  readonly owner: PageOwner;
  private readonly pages = new Map<number, { readonly known: Known; readonly dead: Set<number> }>();
  private readonly holders = new Map<string, { readonly no: number; readonly position: number }>();

  constructor(owner: PageOwner) {
    this.owner = owner;
  }

  add(no: number, known: Known): void {
    const dead = new Set<number>();
    this.pages.set(no, { known, dead });
    for (const [position, id] of known.ids.entries()) {
      const before = this.holders.get(id);
      if (before && !this.isLater({ no, position }, before)) {
        dead.add(position);
        continue;
      }
      if (before) this.pages.get(before.no)?.dead.add(before.position);
      this.holders.set(id, { no, position });
    }
  }

  private isLater(
    one: { readonly no: number; readonly position: number },
    other: { readonly no: number; readonly position: number },
  ): boolean {
    const [a, b] = [this.pages.get(one.no)?.known, this.pages.get(other.no)?.known];
    const written = (a?.written[one.position] ?? 0) - (b?.written[other.position] ?? 0);
    const height = heightOf(a?.revs[one.position] ?? '') - heightOf(b?.revs[other.position] ?? '');
    return written === 0 ? height > 0 : written > 0;
  }

  entry(): ManifestCollection {
    const pages = [...this.pages].flatMap(([no, { known, dead }]): ManifestPage[] => {
      const chars = known.lengths.reduce((sum, length) => sum + length, 0);
      return dead.size === known.ids.length ? [] : [{ no, count: known.ids.length, chars, dead: [...dead].sort((a, b) => a - b) }];
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
    for (const step of decodeLogRow(textOf(opened.payload)).steps) if (step[0] === 'page') named.add(step[2]);
  }
  return named;
}

/** A manifest of what the pages and the log hold. Throws StorageFault where they cannot be opened, or nothing can be read. */
export async function rebuildManifest(disk: Disk, settings: RebuildSettings): Promise<Manifest> {
  const { key, encryptExisting, refuse, lost } = settings;
  const log = await disk.readLog(0);
  const numbers = [...new Set([...(await disk.numbersIn('heads')), ...(await disk.numbersIn('bodies'))])].sort((a, b) => a - b);
  const sample = [...(await disk.readHeads(numbers.slice(0, AT_ONCE))), ...log.map(({ bytes }) => bytes)];
  const store = storeIn(sample);
  if (store === undefined) throw new StorageFault('manifest_lost', 'Neither the manifest nor any page can be read; nothing was changed.');
  // A store that was being encrypted has some of both; then only what is encrypted is believed.
  const mixed = key !== undefined && encryptExisting && sample.every((frame) => isSealed(frame) !== true);
  const named = await namedByLog(log, store, key, mixed);
  const collections = new Map<number, Latest>();
  const breathe = makePace();
  for (let start = 0; start < numbers.length; start += AT_ONCE) {
    const part = numbers.slice(start, start + AT_ONCE);
    const heads = await disk.readHeads(part);
    for (const [i, no] of part.entries()) {
      if (named.has(no)) continue;
      const known = await readPage(disk, store, no, heads[i], { key, mixed, refuse });
      if (typeof known === 'string') lost(no, known);
      else {
        const latest = collections.get(known.owner.number) ?? new Latest(known.owner);
        collections.set(known.owner.number, latest);
        latest.add(no, known);
      }
      await breathe();
    }
  }
  const orders = await disk.numbersIn('orders');
  return {
    store,
    generation: 1,
    logFrom: log[0]?.sequence ?? 1,
    nextPage: Math.max(0, ...numbers.slice(-1), ...orders.slice(-1)) + 1,
    nextCollection: Math.max(0, ...collections.keys()) + 1,
    ...(mixed ? { mixed } : {}),
    collections: [...collections.values()].map((latest) => latest.entry()),
  };
}
