/** The index itself: MiniSearch over search rows, with exact numbers first. Runs in a worker, or in place in Node. */
import MiniSearch, { type Query, type SearchResult } from 'minisearch';
import { establishmentQuery } from '../../domain/location/location.rules.ts';
import type { Hit, SearchOptions } from './hit.ts';
import { type SearchRow, rowFields, words } from './search-row.ts';

/** Words that say which number follows. They help nobody to find it, and must not keep it from being found. */
const LABELS = new Set([
  'po',
  'so',
  'est',
  'establishment',
  'mc',
  'dot',
  'usdot',
  'no',
  'number',
  'bol',
  'release',
  'invoice',
  'order',
  'confirmation',
]);
const BOOST = { title: 6, codes: 5, names: 3, places: 2, rest: 1 };
/** Points that put a sort of match above every other sort. Word scores stay below some hundreds. */
const EXACT_CODE = 10_000;
/** A code of letters only may be part of an e-mail address or of a number; it says less than a name that starts so. */
const EXACT_LETTERS = 300;
const EXACT_TITLE = 5000;
const TITLE_STARTS = 1000;
/** A company before what merely bears its name: its plants, its payment account. */
const OWN_NAME = 500;
const COMPANIES = 'parties';
/** Outdated entries, and their share of all, from which on they are swept out: some 100 ms for 10,000 records. */
const DIRT = 200;
const DIRT_SHARE = 0.2;

interface Asked {
  readonly words: readonly string[];
  /** The whole query as one number: "EST. 86K" -> 86k, "PO-2026-0012" -> po20260012. */
  readonly whole: string;
}
export function readQuery(typed: string): Asked {
  const all = words(typed);
  const whole = establishmentQuery(typed).toLowerCase();
  // establishmentQuery takes "EST." and "EST No." off the front; what is left is then one number.
  if (whole !== '' && whole !== all.join('')) return { words: [whole], whole };
  const wanted = all.filter((word) => !LABELS.has(word));
  return { words: wanted.length > 0 ? wanted : all, whole: wanted.length === 1 ? (wanted[0] ?? '') : all.join('') };
}

/** By code unit: a language's own order costs more than the search where thousands score the same. */
const before = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export interface SearchIndex {
  put(rows: readonly SearchRow[]): void;
  remove(keys: readonly string[]): void;
  search(typed: string, options: SearchOptions): Hit[];
  size(): number;
}

export function makeIndex(): SearchIndex {
  const index = new MiniSearch<SearchRow>({
    idField: 'key',
    fields: [...rowFields],
    storeFields: ['collection', 'heading', 'subtitle', 'active', 'facets', 'title'],
    tokenize: (text) => text.split(' '),
    processTerm: (term) => (term === '' ? null : term),
    // MiniSearch sweeps in slices and breaks when the index changes between two of them; tidy() sweeps in one go.
    autoVacuum: false,
  });
  const tidy = (): void => {
    if (index.dirtCount >= DIRT && index.dirtFactor >= DIRT_SHARE) void index.vacuum({ batchSize: Number.MAX_SAFE_INTEGER, batchWait: 0 });
  };
  const query = (asked: Asked, combineWith: 'AND' | 'OR'): Query => ({
    combineWith: 'OR',
    queries: [
      {
        combineWith,
        queries: [...asked.words],
        prefix: (term) => term.length > 1 || asked.words.length === 1,
        // Typing errors only in words: a number that is one digit off is another number.
        fuzzy: (term) => (term.length >= 5 && /^[a-z]+$/.test(term) ? 0.2 : false),
      },
      { queries: [asked.whole], fields: ['codes'], prefix: (term) => term.length > 2 },
    ],
  });
  const scored = (result: SearchResult, asked: Asked): number => {
    const title = String(result['title']);
    const exactCode = result.match[asked.whole]?.includes('codes') === true;
    const phrase = asked.words.join(' ');
    return (
      result.score * (result['active'] === true ? 1 : 0.5) +
      (exactCode ? (/\d/.test(asked.whole) ? EXACT_CODE : EXACT_LETTERS) : 0) +
      (title === phrase ? EXACT_TITLE : title.startsWith(phrase) ? TITLE_STARTS : 0) +
      (title.startsWith(phrase) && result['collection'] === COMPANIES ? OWN_NAME : 0)
    );
  };
  return {
    put(rows) {
      for (const row of rows) {
        if (index.has(row.key)) index.replace(row);
        else index.add(row);
      }
      tidy();
    },
    remove(keys) {
      for (const key of keys) if (index.has(key)) index.discard(key);
      tidy();
    },
    search(typed, { limit = 20, collections, where = {} }) {
      const asked = readQuery(typed);
      if (asked.words.length === 0) return [];
      const facets = Object.entries(where).map(([key, value]) => `${key}=${value}`);
      const filter = (result: SearchResult): boolean =>
        (collections === undefined || collections.includes(String(result['collection']))) &&
        facets.every((facet) => (result['facets'] as readonly string[]).includes(facet));
      const options = { boost: BOOST, filter };
      const strict = index.search(query(asked, 'AND'), options);
      const results = strict.length > 0 || asked.words.length === 1 ? strict : index.search(query(asked, 'OR'), options);
      return results
        .map((result) => ({ result, score: scored(result, asked) }))
        .toSorted(
          (a, b) =>
            b.score - a.score ||
            before(String(a.result['title']), String(b.result['title'])) ||
            before(String(a.result.id), String(b.result.id)),
        )
        .slice(0, limit)
        .map(({ result, score }) => ({
          collection: String(result['collection']),
          id: String(result.id).slice(String(result['collection']).length + 1),
          title: String(result['heading']),
          subtitle: String(result['subtitle']),
          score,
        }));
    },
    size: () => index.documentCount,
  };
}
