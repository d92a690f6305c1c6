/** What the search is asked and what it answers. */

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
