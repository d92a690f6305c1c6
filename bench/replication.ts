/** Replication of one collection into the browser, ours beside stock rxdb-server, at several sizes: first sync, then queries on the device. */
import { type Device, openDevice } from './device/browser.ts';
import type { FirstSync, OpenTimes } from './device/measured.ts';
import { benchDocument, benchDocuments, documentBytes } from './documents.ts';
import { measurePush } from './load.ts';
import { type Running, broker, makeDatabase, startOurs, startStock } from './processes.ts';
import type { Line, Run, Subject } from './report.ts';

const PORTS = { ours: 8890, stock: 8891, page: 8892 } as const;
const CLIENTS = 20;
/** express, under stock rxdb-server, refuses bodies over 100 kB; both servers get requests of the same size below that. */
const BODY_BYTES = 90_000;

const sizesOf = (quick: boolean): number[] => (quick ? [1000, 3000] : [10_000, 50_000]);
/** Rows of a push, so that both servers take it. */
const rowsPerPush = (): number => Math.floor(BODY_BYTES / (documentBytes() + 40));

interface DeviceNumbers {
  readonly sync: FirstSync;
  readonly open: OpenTimes;
}

type Side = 'ours' | 'stock';
type Pair<T> = Readonly<Record<Side, T>>;
const sides: readonly Side[] = ['stock', 'ours'];

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
  say(`${at}: bare IndexedDB ...`);
  const rawInsert = await measureRawDevice(Math.min(size, 10_000));
  const stock = await startStock(PORTS.stock);
  try {
    const ours = await startOurs(PORTS.ours, postgres.urlOf(name));
    try {
      for (const { target } of [stock, ours]) await measurePush(target, benchDocuments(1, size), CLIENTS, rows);
      say(`${at}: both devices in turns, first sync and queries ...`);
      const device = await measureDevices({ ours, stock }, size, quick);
      return deviceLines(size, device.ours, device.stock, rawInsert);
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
    'Bare IndexedDB runs by itself before the servers start: on a busy machine its ratio says little.',
    'Drover opens all its collections on the device; the baseline opens one.',
    'Drover asks for 1,000 documents at a time, the baseline for 500.',
  ],
  async measure(run) {
    const lines: Line[] = [];
    for (const size of sizesOf(run.quick)) lines.push(...(await measureSize(run, size)));
    return lines;
  },
};
