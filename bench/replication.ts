/** Replication of one collection, ours beside stock rxdb-server, at several sizes: pull, push, first sync, queries on the device. */
import { type Device, openDevice } from './device/browser.ts';
import type { FirstSync, OpenTimes } from './device/measured.ts';
import { type BenchDocument, benchDocument, benchDocuments, documentBytes } from './documents.ts';
import { type Page, type Rate, type Stretch, measurePull, measurePush, rateOf, walk } from './load.ts';
import { type Running, broker, makeDatabase, startOurs, startStock } from './processes.ts';
import { type RawRates, measureRaw } from './raw-postgres.ts';
import type { Line, Run, Subject } from './report.ts';

const PORTS = { ours: 8890, stock: 8891, page: 8892 } as const;
const PAGE = 1000;
/** express, under stock rxdb-server, refuses bodies over 100 kB; both servers get requests of the same size below that. */
const BODY_BYTES = 90_000;

const sizesOf = (quick: boolean): number[] => (quick ? [1000, 3000] : [10_000, 50_000]);
/** Rows of a push, so that both servers take it. */
const rowsPerPush = (): number => Math.floor(BODY_BYTES / (documentBytes() + 40));

interface ServerNumbers {
  readonly push1: Rate;
  readonly push20: Rate;
  readonly pull1: Rate;
  readonly pull20: Rate;
}
interface DeviceNumbers {
  readonly sync: FirstSync;
  readonly open: OpenTimes;
}

type Side = 'ours' | 'stock';
type Pair<T> = Readonly<Record<Side, T>>;
const sides: readonly Side[] = ['stock', 'ours'];

/** Alternates between the two, so that whatever else the machine does hits both alike. */
async function inTurns(turns: number, work: (side: Side, turn: number) => Promise<Stretch>): Promise<Pair<Rate>> {
  const stretches: Record<Side, Stretch[]> = { ours: [], stock: [] };
  for (let turn = 0; turn < turns; turn += 1) {
    for (const side of turn % 2 === 0 ? sides : sides.toReversed()) stretches[side].push(await work(side, turn));
  }
  return { ours: rateOf(stretches.ours), stock: rateOf(stretches.stock) };
}

async function wholeWalk({ target }: Running, size: number): Promise<Page[]> {
  const pages = await walk(target, PAGE);
  const found = pages.reduce((sum, page) => sum + page.count, 0);
  if (found !== size) throw new Error(`${target.origin} gives ${found} documents of ${size}`);
  return pages;
}

/** Fills both empty servers with `size` documents, a tenth of them by one client, and pulls them again. */
async function measureServers(running: Pair<Running>, size: number, rows: number, quick: boolean): Promise<Pair<ServerNumbers>> {
  const turns = 5;
  const documents = benchDocuments(1, size);
  const alone = Math.floor(size / 10);
  const slice = (from: number, to: number, turn: number): BenchDocument[] => {
    const step = Math.ceil((to - from) / turns);
    return documents.slice(from + turn * step, Math.min(to, from + (turn + 1) * step));
  };
  const push1 = await inTurns(turns, (side, turn) => measurePush(running[side].target, slice(0, alone, turn), 1, rows));
  const push20 = await inTurns(turns, (side, turn) => measurePush(running[side].target, slice(alone, size, turn), 20, rows));
  const pages: Pair<Page[]> = { stock: await wholeWalk(running.stock, size), ours: await wholeWalk(running.ours, size) };
  const requests = quick ? 10 : 60;
  const pull = (clients: number, count: number) => inTurns(turns, (side) => measurePull(running[side].target, pages[side], clients, count));
  await pull(4, 4);
  const pull1 = await pull(1, Math.floor(requests / 2));
  const pull20 = await pull(20, requests);
  const of = (side: Side): ServerNumbers => ({ push1: push1[side], push20: push20[side], pull1: pull1[side], pull20: pull20[side] });
  return { ours: of('ours'), stock: of('stock') };
}

async function measureDevice(page: Side, { target }: Running, size: number, rounds: number): Promise<DeviceNumbers> {
  const device: Device = await openDevice(page, PORTS.page);
  try {
    const sync = await device.firstSync({ name: 'bench', origin: target.origin, expected: size, ...broker });
    await device.restart();
    return {
      sync,
      open: await device.open({
        name: 'bench',
        rounds,
        ids: Array.from({ length: rounds }, (_, i) => benchDocument(1, Math.floor(size / 2) + 5 * i).id),
      }),
    };
  } finally {
    await device.close();
  }
}

/** Medians, key by key, over runs on fresh profiles. */
function medianOf<T extends object>(runs: readonly T[]): T {
  const [first] = runs;
  if (!first) throw new Error('there was no run');
  const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  return Object.fromEntries(Object.keys(first).map((key) => [key, middle(runs.map((run) => Number(run[key as keyof T])))])) as T;
}

async function measureDevices(running: Pair<Running>, size: number, quick: boolean): Promise<Pair<DeviceNumbers>> {
  const runs: Record<Side, DeviceNumbers[]> = { ours: [], stock: [] };
  const turns = !quick && size <= 10_000 ? 3 : 1;
  for (let turn = 0; turn < turns; turn += 1) {
    for (const side of turn % 2 === 0 ? sides : sides.toReversed())
      runs[side].push(await measureDevice(side, running[side], size, quick ? 3 : 9));
  }
  const of = (side: Side): DeviceNumbers => ({
    sync: medianOf(runs[side].map((run) => run.sync)),
    open: medianOf(runs[side].map((run) => run.open)),
  });
  return { ours: of('ours'), stock: of('stock') };
}

const serverLines = (size: number, ours: ServerNumbers, stock: ServerNumbers, raw: RawRates): Line[] => {
  const at = `${size / 1000}k`;
  const rate = (what: string, key: keyof ServerNumbers, more: { name: string; value: number }[]): Line => ({
    what,
    unit: 'documents/s',
    ours: ours[key].docsPerSecond,
    baselines: [{ name: 'stock rxdb-server, memory', value: stock[key].docsPerSecond }, ...more],
  });
  const p99 = (what: string, key: keyof ServerNumbers): Line => ({
    what,
    unit: 'ms',
    ours: ours[key].p99,
    baselines: [{ name: 'stock rxdb-server, memory', value: stock[key].p99 }],
  });
  return [
    rate(`server pull at ${at}, 1 client`, 'pull1', [{ name: 'COPY TO, one stream', value: raw.copyTo }]),
    rate(`server pull at ${at}, 20 clients`, 'pull20', [{ name: 'COPY TO, one stream', value: raw.copyTo }]),
    p99(`server pull at ${at}, 20 clients, p99`, 'pull20'),
    rate(`server push to ${at}, 1 client`, 'push1', [{ name: 'bare batched insert, 1 connection', value: raw.batchedInsert }]),
    rate(`server push to ${at}, 20 clients`, 'push20', [
      { name: 'bare batched insert, 20 connections', value: raw.batchedInsert20 },
      { name: 'COPY FROM, one stream', value: raw.copyFrom },
    ]),
    p99(`server push to ${at}, 20 clients, p99`, 'push20'),
  ];
};

const deviceLines = (size: number, ours: DeviceNumbers, stock: DeviceNumbers, rawInsert: number): Line[] => {
  const at = `${size / 1000}k`;
  const name = 'stock RxDB 15, Dexie';
  const time = (what: string, key: keyof OpenTimes): Line => ({
    what: `${what} at ${at}`,
    unit: 'ms',
    ours: ours.open[key],
    baselines: [{ name, value: stock.open[key] }],
  });
  return [
    {
      what: `first sync of ${at}`,
      unit: 'documents/s',
      ours: ours.sync.documents / ours.sync.seconds,
      baselines: [
        { name: `${name}, rxdb-server`, value: stock.sync.documents / stock.sync.seconds },
        { name: 'bare IndexedDB puts, same indexes', value: rawInsert },
      ],
    },
    {
      what: `longest block of the window, first sync of ${at}`,
      unit: 'ms',
      ours: ours.sync.longestTask,
      baselines: [{ name, value: stock.sync.longestTask }],
    },
    { what: `heap after first sync of ${at}`, unit: 'MB', ours: ours.sync.heap, baselines: [{ name, value: stock.sync.heap }] },
    time('cold open', 'open'),
    time('cold open to first list', 'firstList'),
    time('list window of 50', 'listWindow'),
    time('one record by id', 'byId'),
    time('EST prefix, 50', 'prefix'),
    time('count of a filtered list', 'count'),
    time('whole list, no window', 'wholeList'),
  ];
};

async function measureRawDevice(count: number): Promise<number> {
  const device = await openDevice('raw', PORTS.page);
  try {
    return await device.insert(count, 500);
  } finally {
    await device.close();
  }
}

async function measureSize({ postgres, quick, say }: Run, size: number): Promise<Line[]> {
  const rows = rowsPerPush();
  const at = `${size / 1000}k`;
  const name = `bench_${size}`;
  await makeDatabase(postgres.url, name);
  say(`${at}: raw COPY and bare inserts ...`);
  const raw = await measureRaw(postgres.urlOf(name), benchDocuments(1, size), rows);
  say(`${at}: bare IndexedDB ...`);
  const rawInsert = await measureRawDevice(Math.min(size, 10_000));
  const stock = await startStock(PORTS.stock);
  try {
    const ours = await startOurs(PORTS.ours, postgres.urlOf(name));
    try {
      say(`${at}: both servers in turns, push and pull ...`);
      const server = await measureServers({ ours, stock }, size, rows, quick);
      say(`${at}: both devices in turns, first sync and queries ...`);
      const device = await measureDevices({ ours, stock }, size, quick);
      return [...serverLines(size, server.ours, server.stock, raw), ...deviceLines(size, device.ours, device.stock, rawInsert)];
    } finally {
      await ours.stop();
    }
  } finally {
    await stock.stop();
  }
}

export const replication: Subject = {
  notes: [
    'Both servers run at the same time and take the load in turns, so that other work on the machine hits both alike; device figures at 10k are medians of three fresh profiles, at 50k a single run.',
    'COPY, bare inserts and bare IndexedDB run by themselves before the servers start: on a busy machine their ratios say little.',
    'Drover opens all its collections on the device; the baseline opens one.',
    `Pull pages hold ${PAGE} documents, first syncs ask for 500 at a time, pushes send ${rowsPerPush()} rows (stock refuses bodies over 100 kB).`,
  ],
  async measure(run) {
    const lines: Line[] = [];
    for (const size of sizesOf(run.quick)) lines.push(...(await measureSize(run, size)));
    return lines;
  },
};
