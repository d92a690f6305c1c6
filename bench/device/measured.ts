/// <reference lib="dom" />
/** What is measured inside the browser, the same way for ours and for the baselines. */

export interface SyncOrder {
  /** Name of the database on the device. */
  readonly name: string;
  readonly origin: string;
  readonly expected: number;
  readonly email: string;
  readonly password: string;
  /** Ours only; the one the product uses by default. */
  readonly storage?: 'packed' | 'dexie' | 'memory';
}
export interface FirstSync {
  readonly documents: number;
  /** From the start of the replication until everything is stored. */
  readonly seconds: number;
  /** Longest time in which the window could not have answered a key, in milliseconds. */
  readonly longestTask: number;
  /** Megabytes of JavaScript heap when done. */
  readonly heap: number;
}
export interface OpenOrder {
  readonly name: string;
  readonly rounds: number;
  /** Stored ids to look up, one a round: RxDB answers a known document from memory. */
  readonly ids: readonly string[];
}
/** Milliseconds; medians over the rounds, except `open` and `firstList`, which happen once. */
export interface OpenTimes {
  /** Until the database answers. */
  readonly open: number;
  /** From the same start until the first screen of a list is there. */
  readonly firstList: number;
  readonly listWindow: number;
  readonly byId: number;
  readonly prefix: number;
  readonly count: number;
  readonly wholeList: number;
}
/** A device that was away for long and has come back. */
export interface Back {
  /** From the moment the network is there until everything is sent, answered and received. */
  readonly seconds: number;
  readonly longestTask: number;
}
/** What a page of the bench offers to the process that drives it. */
export interface DevicePage {
  firstSync(order: SyncOrder): Promise<FirstSync>;
  open(order: OpenOrder): Promise<OpenTimes>;
  /** First sync, then the network is gone. */
  leave(order: SyncOrder): Promise<void>;
  /** Edits these records as a user would, one after the other: `fsisCircuit` becomes `mark` and the number of the record. */
  edit(ids: readonly string[], mark: string): Promise<void>;
  comeBack(): Promise<Back>;
}
/** The page without any database: bare IndexedDB. */
export interface RawPage {
  /** Documents a second into one object store with the entity's indexes, `rows` a transaction, strict durability. */
  insert(count: number, rows: number): Promise<number>;
}

interface Query {
  readonly selector: Readonly<Record<string, unknown>>;
  readonly sort?: Record<string, 'asc'>[];
  readonly limit?: number;
}
/** What RxDB 15 and 17 have in common. */
export interface QueryableCollection {
  find(query: Query): { exec(): Promise<readonly unknown[]> };
  findOne(id: string): { exec(): Promise<unknown> };
  count(query: Query): { exec(): Promise<number> };
}

/** Watches for long tasks; the answer is the longest so far, in milliseconds. */
export function watchTasks(): { longest(): number; stop(): void } {
  let longest = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) longest = Math.max(longest, entry.duration);
  });
  observer.observe({ entryTypes: ['longtask'] });
  return { longest: () => longest, stop: () => observer.disconnect() };
}

export function heapMegabytes(): number {
  const memory = (performance as Performance & { readonly memory?: { readonly usedJSHeapSize: number } }).memory;
  return memory ? memory.usedJSHeapSize / 1024 / 1024 : Number.NaN;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Runs a different query each round, because RxDB answers a repeated one from its cache. */
async function rounds(count: number, work: (round: number) => Promise<unknown>, enough: (answer: unknown) => boolean): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const from = performance.now();
    const answer = await work(i);
    times.push(performance.now() - from);
    if (!enough(answer)) throw new Error(`a query of the bench found nothing: ${JSON.stringify(answer).slice(0, 200)}`);
  }
  return median(times);
}
const some = (answer: unknown): boolean =>
  Array.isArray(answer) ? answer.length > 0 : typeof answer === 'number' ? answer > 0 : answer !== null && answer !== undefined;

/** Opens, shows a first list, then measures the queries that lists are made of. */
export async function measureOpen(openCollection: () => Promise<QueryableCollection>, order: OpenOrder): Promise<OpenTimes> {
  const from = performance.now();
  const collection = await openCollection();
  const open = performance.now() - from;
  const plants = { kind: 'plant', status: 'active' };
  const window = (limit: number): Promise<readonly unknown[]> =>
    collection.find({ selector: plants, sort: [{ name: 'asc' }], limit }).exec();
  const first = await window(50);
  const firstList = performance.now() - from;
  if (first.length !== 50) throw new Error(`the first list holds ${first.length} records instead of 50`);
  const n = order.rounds;
  return {
    open,
    firstList,
    listWindow: await rounds(n, (i) => window(51 + i), some),
    byId: await rounds(n, (i) => collection.findOne(order.ids[i] ?? '').exec(), some),
    prefix: await rounds(
      n,
      (i) =>
        collection
          .find({
            selector: { establishment: { $gte: `M10${i % 10}`, $lt: `M10${i % 10}\uffff` } },
            sort: [{ establishment: 'asc' }],
            limit: 50,
          })
          .exec(),
      some,
    ),
    count: await rounds(
      n,
      (i) =>
        collection
          .count({ selector: { kind: i % 2 === 0 ? 'plant' : 'supplier_location', status: 'active', name: { $gte: String(i) } } })
          .exec(),
      some,
    ),
    wholeList: await rounds(1, () => collection.find({ selector: plants, sort: [{ name: 'asc' }] }).exec(), some),
  };
}

export const publish = <Page extends object>(page: Page): void => {
  Object.assign(globalThis, { bench: page });
};
