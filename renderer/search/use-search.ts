/** React's view of the search. */
import { type ReactNode, createContext, createElement, useContext, useEffect, useState } from 'react';
import { useLive } from '../data/live.ts';
import type { Hit, SearchOptions } from './hit.ts';
import type { Search } from './search.ts';

const SearchContext = createContext<Search | undefined>(undefined);
export const SearchProvider = ({ search, children }: { readonly search: Search; readonly children: ReactNode }): ReactNode =>
  createElement(SearchContext, { value: search }, children);
export function useSearch(): Search {
  const search = useContext(SearchContext);
  if (!search) throw new Error('useSearch outside of SearchProvider');
  return search;
}

export interface HitsState {
  readonly hits: readonly Hit[];
  /** True when the hits answer the query as it is now. */
  readonly settled: boolean;
  /** False while the index is still being built; hits may be missing. */
  readonly ready: boolean;
}
const none: readonly Hit[] = [];

/** Hits for what is typed, following the typing and the index. The last hits stay until the new ones are there. */
export function useHits(query: string, options: SearchOptions = {}): HitsState {
  const search = useSearch();
  const status = useLive(search.status);
  const key = JSON.stringify(options);
  const [found, setFound] = useState<{ readonly hits: readonly Hit[]; readonly query: string }>({ hits: none, query: '' });
  useEffect(() => {
    let stale = false;
    const run = async (): Promise<void> => {
      const hits = query.trim() === '' ? none : await search.search(query, JSON.parse(key) as SearchOptions);
      if (!stale) setFound({ hits, query });
    };
    void run();
    return () => {
      stale = true;
    };
  }, [search, query, key, status.revision]);
  return { hits: found.hits, settled: found.query === query, ready: status.ready };
}
