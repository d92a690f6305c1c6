/**
 * The manifest: what the pages hold, and from which row on the log has to be replayed. It changes only in the transaction
 * that also drops what it no longer names. Two copies, because it is the one row that everything hangs on.
 */
export interface ManifestPage {
  readonly no: number;
  /** Rows of its body: numbers from `no` on. */
  readonly rows: number;
  /** Documents in the page, dead ones included. */
  readonly count: number;
  /** Characters of the body, so that the garbage can be judged without reading it. */
  readonly chars: number;
  /** Positions that were replaced by a later write or purged. */
  readonly dead: readonly number[];
}
export interface ManifestCollection {
  readonly number: number;
  readonly name: string;
  readonly version: number;
  /** Name of the primary key. */
  readonly primary: string;
  /** In the order in which they were written; a slot is counted in this order, dead positions left out. */
  readonly pages: readonly ManifestPage[];
  /** Page that holds the sorted orders of the live documents of `pages`; 0 for none. */
  readonly order: number;
}
export interface Manifest {
  /** Random; in every frame of this store. */
  readonly store: number;
  /** Counts the switches. */
  readonly generation: number;
  /** First row of the log that is not in the pages. */
  readonly logFrom: number;
  /** No page with this number or a higher one is named here; what is found there is a remainder of a crash, or named by the log. */
  readonly nextPage: number;
  readonly nextCollection: number;
  /** Pages and rows of the log may still be without encryption, although this manifest is not: they are being encrypted. */
  readonly mixed?: true;
  readonly collections: readonly ManifestCollection[];
}

export const firstManifest = (store: number): Manifest => ({
  store,
  generation: 0,
  logFrom: 1,
  nextPage: 1,
  nextCollection: 1,
  collections: [],
});

export const encodeManifest = (manifest: Manifest): string => JSON.stringify(manifest);
export const decodeManifest = (text: string): Manifest => JSON.parse(text) as Manifest;
