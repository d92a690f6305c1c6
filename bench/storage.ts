/**
 * The device's storage beside RxDB's and bare IndexedDB, in a real Chromium with a profile on disk: filling, one durable
 * write, the questions of the lists, opening after a restart, first sync from the real server, what it takes of disk and memory.
 */
import { PULL_LIMIT_MAX } from '../domain/protocol/protocol.ts';
import { type Device, type Size, type Worked, openDevice } from './device/browser.ts';
import type { FirstSync } from './device/measured.ts';
import { type Answered, type Filled, type Kind, type Question, kinds, questions, storageKinds } from './device/storages-measured.ts';
import { benchDocuments } from './documents.ts';
import { measurePush, walk } from './load.ts';
import { type Running, broker, makeDatabase, startOurs } from './processes.ts';
import type { Line, Run, Subject } from './report.ts';

const PORTS = { ours: 8250, page: 8251 } as const;
const BATCH = 500;
const ROWS = 60;

const names: Readonly<Record<Kind, string>> = {
  worker: 'ours, in its worker',
  sealed: 'ours, in its worker, encrypted',
  window: 'ours, in the window',
  dexie: 'RxDB on Dexie',
  memory: 'RxDB in memory, keeps nothing',
  raw: 'bare IndexedDB, a row a document',
  'raw-packed': 'bare IndexedDB, a row a batch',
};
const asked: Readonly<Record<Question, string>> = {
  list: 'list window of 50',
  listDown: 'list window of 50, descending',
  page20: 'list window of 50 after 1,000',
  byId: 'one record by id',
  byIds: '50 records by id',
  in: '$in of 20',
  range: 'range, 50',
  prefix: 'prefix, 50',
  count: 'count of a filtered list',
  unindexed: 'fields without an index, 50',
  whole: 'whole list',
};

interface Measured {
  readonly filled: Worked<Filled>;
  readonly size: Size;
  readonly answered?: Worked<Answered>;
  /** Memory after the restart, with the first list on the screen. */
  readonly listed?: Size;
  /** Memory after the restart and the questions. */
  readonly later?: Size;
}

async function measureKind(kind: Kind, count: number, quick: boolean): Promise<Measured> {
  const device: Device = await openDevice('storages', PORTS.page);
  try {
    const filled = await device.fill({ kind, count, batch: BATCH, singles: quick ? 30 : 500 });
    const size = await device.size();
    const storage = storageKinds.find((one) => one === kind);
    if (!storage) return { filled, size };
    // What is kept in memory only is asked where it is.
    let listed: Size | undefined;
    if (storage !== 'memory') {
      await device.restart();
      await device.ask({ kind: storage, count, rounds: 0 });
      listed = await device.size();
      await device.restart();
    }
    const answered = await device.ask({ kind: storage, count, rounds: quick ? 5 : 25 });
    return { filled, size, answered, ...(listed ? { listed } : {}), later: await device.size() };
  } finally {
    await device.close();
  }
}

type All = Partial<Record<Kind, Measured>>;
const number = (value: number | undefined): number => value ?? Number.NaN;

/** One line: ours in its worker beside all others that have the number. */
function lineOf(all: All, what: string, unit: Line['unit'], value: (measured: Measured) => number | undefined): Line[] {
  const ours = all.worker && value(all.worker);
  if (ours === undefined) return [];
  const baselines = kinds.flatMap((kind) => {
    const measured = kind === 'worker' ? undefined : all[kind];
    const found = measured && value(measured);
    return found === undefined || Number.isNaN(found) ? [] : [{ name: names[kind], value: found }];
  });
  return [{ what, unit, ours, baselines }];
}

/** One line: ours in its worker beside IndexedDB itself at the same moments. */
function inTurns(all: All, what: string, values: (filled: Filled) => readonly [number, number]): Line[] {
  if (!all.worker) return [];
  const [ours, bare] = values(all.worker.filled);
  return [{ what: `${what}, in turns`, unit: 'ms', ours, baselines: [{ name: 'bare IndexedDB, one row', value: bare }] }];
}

function storageLines(all: All, count: number): Line[] {
  const at = `at ${count / 1000}k`;
  return [
    ...lineOf(all, `filling to ${count / 1000}k, ${BATCH} a write`, 'documents/s', ({ filled }) => filled.documentsPerSecond),
    ...lineOf(all, `longest block of the window, filling ${at}`, 'ms', ({ filled }) => filled.longestTask),
    ...lineOf(all, `longest work of the window at once, filling ${at}`, 'ms', ({ filled }) => filled.longestWork),
    ...lineOf(all, `lookup while filling, p99 ${at}`, 'ms', ({ filled }) => filled.lookup99),
    ...lineOf(all, `lookup while filling, longest ${at}`, 'ms', ({ filled }) => filled.lookupMax),
    ...lineOf(all, `one durable write, p50 ${at}`, 'ms', ({ filled }) => filled.single50),
    ...lineOf(all, `one durable write, p99 ${at}`, 'ms', ({ filled }) => filled.single99),
    ...inTurns(all, `one durable write, p50 ${at}`, ({ single50, bare50 }) => [single50, bare50]),
    ...inTurns(all, `one durable write, p99 ${at}`, ({ single99, bare99 }) => [single99, bare99]),
    ...lineOf(all, `disk ${at}`, 'MB', ({ size }) => size.disk),
    ...lineOf(all, `open after a restart ${at}`, 'ms', ({ answered }) => answered?.open),
    ...lineOf(all, `open to first list ${at}`, 'ms', ({ answered }) => answered?.firstList),
    ...lineOf(all, `memory of the renderers, with the first list ${at}`, 'MB', ({ listed }) => listed?.memory),
    ...lineOf(all, `memory of the renderers, opened and asked ${at}`, 'MB', ({ later }) => later?.memory),
    ...lineOf(all, `longest block of the window, opened and asked ${at}`, 'ms', ({ answered }) => answered?.longestTask),
    ...lineOf(all, `longest work of the window at once, opened and asked ${at}`, 'ms', ({ answered }) => answered?.longestWork),
    ...questions.flatMap((question) => [
      ...lineOf(all, `${asked[question]}, p50 ${at}`, 'ms', ({ answered }) => answered?.times[question].p50),
      ...lineOf(all, `${asked[question]}, p95 ${at}`, 'ms', ({ answered }) => answered?.times[question].p95),
    ]),
  ];
}

type SyncKind = 'packed' | 'dexie' | 'memory';
type Synced = Worked<FirstSync> & Size;
async function syncOf(storage: SyncKind, { target }: Running, expected: number): Promise<Synced> {
  const device = await openDevice('ours', PORTS.page);
  try {
    const sync = await device.firstSync({ name: 'bench', origin: target.origin, expected, ...broker, storage });
    return { ...sync, ...(await device.size()) };
  } finally {
    await device.close();
  }
}

async function syncLines({ postgres, quick, say }: Run, sizes: readonly number[]): Promise<Line[]> {
  await makeDatabase(postgres.url, 'bench_storage');
  const server = await startOurs(PORTS.ours, postgres.urlOf('bench_storage'));
  const lines: Line[] = [];
  try {
    let there = 0;
    const documents = benchDocuments(1, sizes.at(-1) ?? 0);
    for (const size of sizes) {
      say(`first sync of ${size / 1000}k: filling the server ...`);
      await measurePush(server.target, documents.slice(there, size), 20, ROWS);
      there = size;
      // The server keeps pages that somebody has asked for: so the first storage waits for it no longer than the last.
      await walk(server.target, PULL_LIMIT_MAX);
      const storages: readonly SyncKind[] = ['packed', 'dexie', 'memory'];
      const found: Partial<Record<SyncKind, Synced>> = {};
      for (const storage of storages) {
        say(`first sync of ${size / 1000}k on ${storage} ...`);
        found[storage] = await syncOf(storage, server, size);
      }
      const line = (what: string, unit: Line['unit'], value: (one: Synced) => number): Line => ({
        what: `${what}, first sync of ${size / 1000}k`,
        unit,
        ours: number(found.packed && value(found.packed)),
        baselines: (['dexie', 'memory'] as const).flatMap((storage) => {
          const one = found[storage];
          return one ? [{ name: names[storage], value: value(one) }] : [];
        }),
      });
      lines.push(
        line('documents', 'documents/s', (one) => one.documents / one.seconds),
        line('longest block of the window', 'ms', (one) => one.longestTask),
        line('longest work of the window at once', 'ms', (one) => one.longestWork),
        line('heap of the window', 'MB', (one) => one.heap),
        line('memory of the renderers', 'MB', (one) => one.memory),
        line('disk', 'MB', (one) => one.disk),
      );
    }
    if (quick) say('the server had small sizes only');
  } finally {
    await server.stop();
  }
  return lines;
}

export const storage: Subject = {
  notes: [
    'Storages are asked below RxDB, without its cache of queries: the same schema, indexes, documents and prepared queries for each. First sync goes through RxDB, the session and the stream, with all collections of the desk open, from a server that has had each page asked for before.',
    'Durable writes use strict durability in all but the memory storage, which keeps nothing; each is followed by the same document in IndexedDB itself, so that a disk that others use is as slow for both. A block of the window is a task by the clock, waiting for a processor included; work at once is the processor time of one task, from a trace. Memory is the proportional set of all renderer processes of that browser, the empty page included.',
  ],
  async measure(run) {
    const { quick, large, say } = run;
    const lines: Line[] = [];
    for (const count of quick ? [3000] : [10_000, 100_000, ...(large ? [500_000] : [])]) {
      const all: All = {};
      for (const kind of kinds) {
        // A row a document takes minutes at the large size and says there what it says at the small one.
        if (count > 10_000 && kind === 'raw') continue;
        if (count > 100_000 && kind !== 'worker') continue;
        say(`${count / 1000}k: ${names[kind]} ...`);
        all[kind] = await measureKind(kind, count, quick);
      }
      lines.push(...storageLines(all, count));
    }
    lines.push(...(await syncLines(run, quick ? [2000] : [10_000, 50_000, 100_000])));
    return lines;
  },
};
