/**
 * What people are told of a change of theirs that was not, or not wholly, stored: why, and the whole of what they had
 * written (SYN-2). The server makes the entry; the noun that keeps entries says what it is as a record.
 */
import type { AnyDocument, Entity } from '../entity/entity.ts';
import type { Problem } from '../entity/problem.ts';
import type { Clash } from './clash.ts';

export interface InboxEntry {
  readonly kind: 'refusal' | 'clash';
  readonly title: string;
  readonly collection: string;
  readonly recordId: string;
  readonly recordTitle: string;
  /** Account of the author. */
  readonly author: string;
  /** Code of the refusal, or `clash`. */
  readonly code: string;
  /** Paths of the fields that need the author: where a problem lies, or what clashes. */
  readonly fieldNames: readonly string[];
  /** JSON of `Kept`. */
  readonly keptContent?: string;
  /** JSON of the state that is stored, when there is one. */
  readonly storedContent?: string;
  /** What whoever handed it back wrote. */
  readonly note?: string;
}
/** What `keptContent` holds, as JSON. */
export interface Kept {
  readonly mine: Readonly<Record<string, unknown>>;
  /** What the author's change was built on. */
  readonly base?: Readonly<Record<string, unknown>>;
  /** The author had deleted the record. */
  readonly deleted: boolean;
  readonly problems: readonly Problem[];
  readonly clashes: readonly Clash[];
  /** Name of who wrote it, where the entry was handed to somebody else. */
  readonly author?: string;
}
/** Longest content that an entry holds, in characters; the field of the entry has the same limit. */
export const KEPT_MAX = 200_000;

export interface Setback extends Omit<Kept, 'author'> {
  readonly entity: Entity;
  /** Account whose inbox it is for. */
  readonly author: string;
  /** Name of who wrote it, where that is somebody else. */
  readonly writer?: string;
  readonly note?: string;
  readonly code: string;
  readonly stored?: { readonly doc: AnyDocument; readonly deleted: boolean };
}

/** Texts that a database can hold: no NUL, no half of a surrogate pair. */
const storable = (text: string, most: number): string => text.slice(0, most).replaceAll(/\0|\p{Surrogate}/gu, '\uFFFD');

/** The content, or as much of it as fits: the base can be found elsewhere, the author's own words cannot. */
function keptContent({ mine, base, deleted, problems, clashes, writer }: Setback): string | undefined {
  const bare = { mine, deleted, ...(writer === undefined ? {} : { author: writer }) };
  return [
    { ...bare, ...(base ? { base } : {}), problems, clashes },
    { ...bare, problems, clashes },
    { ...bare, problems: [], clashes: [] },
  ]
    .map((kept) => JSON.stringify(kept))
    .find((json) => json.length <= KEPT_MAX);
}

function sentence({ entity, code, problems, clashes, writer }: Setback, name: string): string {
  const what = `${entity.label}${name === '' ? '' : ` "${name}"`}`;
  if (code !== 'clash') {
    // What was said to its author, such as what the own role lacks, need not hold for whoever has it now.
    if (writer !== undefined) return `A change by ${writer} of ${what} was not accepted.`;
    const [first] = problems;
    return `Your change of ${what} was not accepted${first ? `: ${first.message}` : '.'}`;
  }
  const count = clashes.length === 1 ? 'one field' : `${clashes.length} fields`;
  return `Somebody else changed ${what} too: decide about ${count}.`;
}

/** The entry of a refused or clashing change. Bears content of any shape. */
export function inboxEntry(setback: Setback): InboxEntry {
  const { entity, author, code, mine, problems, clashes, stored, note } = setback;
  const title = mine[entity.title];
  const recordTitle = typeof title === 'string' ? storable(title, 850) : '';
  const kept = keptContent(setback);
  const storedContent = stored ? JSON.stringify({ ...stored.doc, _deleted: stored.deleted }) : undefined;
  const paths = [...clashes.map(({ path }) => path), ...problems.map(({ field }) => field)];
  return {
    kind: code === 'clash' ? 'clash' : 'refusal',
    title: storable(sentence(setback, recordTitle.slice(0, 120)), 300),
    collection: entity.collection,
    recordId: storable(String(mine['id']), 36),
    recordTitle,
    author,
    code: storable(code, 60),
    fieldNames: [...new Set(paths.map((path) => storable(path, 200).trim()))].filter((path) => path !== '').slice(0, 100),
    ...(kept === undefined ? {} : { keptContent: kept }),
    ...(storedContent === undefined || storedContent.length > KEPT_MAX ? {} : { storedContent }),
    ...(note === undefined ? {} : { note }),
  };
}
