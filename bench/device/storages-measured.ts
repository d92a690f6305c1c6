/** What `bench -- storage` asks its page for. */

/** Ours in its worker, the same encrypted, and in the window; what RxDB brings; IndexedDB itself with a row a document, and a row a batch. */
export const kinds = ['worker', 'sealed', 'window', 'dexie', 'memory', 'raw', 'raw-packed'] as const;
export type Kind = (typeof kinds)[number];
/** Those with queries. */
export const storageKinds = ['worker', 'sealed', 'window', 'dexie', 'memory'] as const satisfies readonly Kind[];
export type StorageKind = (typeof storageKinds)[number];

export interface FillOrder {
  readonly kind: Kind;
  readonly count: number;
  /** Documents a write. */
  readonly batch: number;
  /** Single writes afterwards, one after another. */
  readonly singles: number;
}
export interface Filled {
  readonly documentsPerSecond: number;
  /** Longest time in which the window could not have answered a key, in milliseconds, from the first write until all is quiet. */
  readonly longestTask: number;
  /** One document written and acknowledged, in milliseconds. */
  readonly single50: number;
  readonly single99: number;
  /** The same document as one row of IndexedDB itself, each after one of those: the disk at the same moments. */
  readonly bare50: number;
  readonly bare99: number;
  /** A lookup by id while everything is written, at worst and at the 99th percentile, in milliseconds. NaN without queries. */
  readonly lookup99: number;
  readonly lookupMax: number;
}

export const questions = ['list', 'listDown', 'page20', 'byId', 'byIds', 'in', 'range', 'prefix', 'count', 'unindexed', 'whole'] as const;
export type Question = (typeof questions)[number];

export interface AskOrder {
  readonly kind: StorageKind;
  readonly count: number;
  /** 0: only opens, and shows a first list. */
  readonly rounds: number;
}
export interface Answered {
  /** Milliseconds until the storage is open; until the first screen of a list is there. */
  readonly open: number;
  readonly firstList: number;
  readonly longestTask: number;
  readonly times: Readonly<Record<Question, { readonly p50: number; readonly p95: number }>>;
}
export interface StoragesPage {
  fill(order: FillOrder): Promise<Filled>;
  ask(order: AskOrder): Promise<Answered>;
}
