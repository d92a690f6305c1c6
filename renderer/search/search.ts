/** One search box over every record of the desk. */
import type { Desk } from '../data/desk.ts';
import type { Live } from '../data/observe.ts';

export interface Hit {
  readonly collection: string;
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  readonly score: number;
}
export interface SearchOptions {
  /** Most hits; 20 unless told. */
  readonly limit?: number;
  readonly collections?: readonly string[];
  /** Field values a hit must have, as in `Field.where`: `{ roles: 'supplier' }`. */
  readonly where?: Readonly<Record<string, string>>;
}
export interface SearchStatus {
  readonly ready: boolean;
  readonly indexed: number;
}
export interface Search {
  readonly status: Live<SearchStatus>;
  search(query: string, options?: SearchOptions): Promise<Hit[]>;
  close(): void;
}
export declare function startSearch(desk: Desk): Search;
