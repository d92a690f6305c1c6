/**
 * Push and pull of ours and of stock rxdb-server while both grow from empty, in turns. What a server takes depends on how much it
 * holds already, so each size has a line for the way to it and one for all of the way from empty.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchDocument, benchDocument, benchDocuments, documentBytes } from './documents.ts';
import { type Page, type Rate, type Stretch, measureFirstPull, measurePull, measurePush, rateOf, walk } from './load.ts';
import { type Running, makeDatabase, startOurs, startStock } from './processes.ts';
import { measureRaw } from './raw-postgres.ts';
import type { Line, Run, Subject } from './report.ts';

const PORTS = { ours: 8305, stock: 8306 } as const;
const PAGE = 1000;
const CLIENTS = 20;
/** express, under stock rxdb-server, refuses bodies over 100 kB; both servers get requests of the same size below that. */
const BODY_BYTES = 90_000;
const ROWS = Math.floor(BODY_BYTES / (documentBytes() + 40));
/** Documents of another run than those that the servers grow by. */
const SINGLE_RUN = 2;
const FEW_RUN = 3;

type Side = 'ours' | 'stock';
type Pair<T> = Readonly<Record<Side, T>>;
const sides: readonly Side[] = ['stock', 'ours'];

/** Alternates between the two, so that whatever else the machine does hits both alike. */
async function inTurns(turns: number, work: (side: Side, turn: number) => Promise<Stretch>): Promise<Pair<Stretch[]>> {
  const stretches: Record<Side, Stretch[]> = { ours: [], stock: [] };
  for (let turn = 0; turn < turns; turn += 1) {
    for (const side of turn % 2 === 0 ? sides : sides.toReversed()) stretches[side].push(await work(side, turn));
  }
  return stretches;
}
const rates = (stretches: Pair<readonly Stretch[]>): Pair<Rate> => ({ ours: rateOf(stretches.ours), stock: rateOf(stretches.stock) });

async function wholeWalk({ target }: Running, size: number): Promise<Page[]> {
  const pages = await walk(target, PAGE);
  const found = pages.reduce((sum, page) => sum + page.count, 0);
  if (found !== size) throw new Error(`${target.origin} gives ${found} documents of ${size}`);
  return pages;
}

const stock = 'stock rxdb-server, memory';
const speed = (what: string, { ours, stock: other }: Pair<Rate>, more: Line['baselines'] = []): Line => ({
  what,
  unit: 'documents/s',
  ours: ours.docsPerSecond,
  baselines: [{ name: stock, value: other.docsPerSecond }, ...more],
});
const p99 = (what: string, { ours, stock: other }: Pair<Rate>): Line => ({
  what: `${what}, p99`,
  unit: 'ms',
  ours: ours.p99,
  baselines: [{ name: stock, value: other.p99 }],
});

interface Growth {
  readonly sizes: readonly number[];
  /** Enough that the first moment, when all clients send at once, and the last, when they run out, are a small part of it. */
  readonly perTurn: number;
  readonly pulls: number;
}
const growthOf = (quick: boolean): Growth =>
  quick ? { sizes: [1000, 3000], perTurn: 1000, pulls: 10 } : { sizes: [10_000, 50_000, 150_000, 300_000], perTurn: 10_000, pulls: 150 };

interface Size {
  /** As it is called in the lines. */
  readonly at: string;
  readonly size: number;
}

async function measurePulls(
  running: Pair<Running>,
  { at, size, pulls }: Size & { readonly pulls: number },
  copyTo: number,
): Promise<Line[]> {
  const pages: Pair<Page[]> = { stock: await wholeWalk(running.stock, size), ours: await wholeWalk(running.ours, size) };
  const pull = async (clients: number, count: number, turns: number): Promise<Pair<Rate>> =>
    rates(await inTurns(turns, (side) => measurePull(running[side].target, pages[side], clients, count)));
  await pull(4, 4, 1);
  const copy = [{ name: 'COPY TO, one stream', value: copyTo }];
  const one = await pull(1, Math.floor(pulls / 2), 4);
  const all = await pull(CLIENTS, pulls, 4);
  return [
    speed(`server pull at ${at}, 1 client`, one, copy),
    speed(`server pull at ${at}, ${CLIENTS} clients`, all, copy),
    p99(`server pull at ${at}, ${CLIENTS} clients`, all),
  ];
}

/** Ours keeps pages in memory for the next who asks for the same; this is the first. */
async function measureFirstPulls(running: Pair<Running>, { at, size }: Size, copyTo: number): Promise<Line> {
  const pages: Pair<Page[]> = { stock: await wholeWalk(running.stock, size), ours: await wholeWalk(running.ours, size) };
  const first = await inTurns(4, (side, turn) => measureFirstPull(running[side].target, pages[side], CLIENTS, PAGE - 1 - turn));
  const copy = [{ name: 'COPY TO, one stream', value: copyTo }];
  return speed(`server pull at ${at} of pages that nobody has asked for, ${CLIENTS} clients`, rates(first), copy);
}

/** One row a push, and one client, on the small servers. Adds as many documents as it answers. */
async function measureSmallPushes(running: Pair<Running>, quick: boolean): Promise<{ readonly lines: Line[]; readonly added: number }> {
  const count = quick ? 100 : 2000;
  const [singles, few] = [benchDocuments(SINGLE_RUN, count), benchDocuments(FEW_RUN, count)];
  const single = rates(await inTurns(1, (side) => measurePush(running[side].target, singles, CLIENTS, 1)));
  const alone = rates(await inTurns(1, (side) => measurePush(running[side].target, few, 1, ROWS)));
  const lines = [
    speed(`server push of single documents, ${CLIENTS} clients`, single),
    p99(`server push of single documents, ${CLIENTS} clients`, single),
    speed('server push, 1 client', alone),
  ];
  return { lines, added: 2 * count };
}

async function grow(running: Pair<Running>, { quick, say }: Run, raw: { readonly copyTo: number }): Promise<Line[]> {
  const { sizes, perTurn, pulls } = growthOf(quick);
  const all: Record<Side, Stretch[]> = { ours: [], stock: [] };
  const lines: Line[] = [];
  let [from, extra] = [0, 0];
  for (const size of sizes) {
    const start = from;
    // Made when they are needed: what the load generator holds costs it time, most of all while it pulls.
    const part = (turn: number): BenchDocument[] => Array.from({ length: perTurn }, (_, i) => benchDocument(1, start + turn * perTurn + i));
    const way = await inTurns((size - start) / perTurn, (side, turn) => measurePush(running[side].target, part(turn), CLIENTS, ROWS));
    for (const side of sides) all[side].push(...way[side]);
    const at = `${size / 1000}k`;
    say(`servers: grown to ${at}`);
    if (from > 0) lines.push(speed(`server push from ${from / 1000}k to ${at}, ${CLIENTS} clients`, rates(way)));
    lines.push(speed(`server push, growing to ${at}, ${CLIENTS} clients`, rates(all)));
    lines.push(p99(`server push to ${at}, ${CLIENTS} clients`, rates(way)));
    if (from === 0) {
      const small = await measureSmallPushes(running, quick);
      lines.push(...small.lines);
      extra = small.added;
    }
    const held = { at, size: size + extra };
    lines.push(...(await measurePulls(running, { ...held, pulls }, raw.copyTo)));
    // Last, because it fills what the server keeps.
    if (size === sizes.at(-1)) lines.push(await measureFirstPulls(running, held, raw.copyTo));
    from = size;
  }
  return lines;
}

async function measure(run: Run): Promise<Line[]> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-bench-servers-'));
  const url = run.postgres.urlOf('bench_servers');
  await makeDatabase(run.postgres.url, 'bench_servers');
  run.say('servers: COPY and bare inserts ...');
  const raw = await measureRaw(url, benchDocuments(1, growthOf(run.quick).sizes[1] ?? 0), ROWS);
  const other = await startStock(PORTS.stock);
  try {
    const ours = await startOurs(PORTS.ours, url, { DROVER_AUDIT: join(folder, 'audit') });
    try {
      const bare = [
        { name: `bare batched insert, ${CLIENTS} connections`, value: raw.batchedInsert20 },
        { name: 'COPY FROM, one stream', value: raw.copyFrom },
      ];
      const lines = await grow({ ours, stock: other }, run, raw);
      return lines.map((line) =>
        line.what.startsWith('server push, growing') ? { ...line, baselines: [...line.baselines, ...bare] } : line,
      );
    } finally {
      await ours.stop();
    }
  } finally {
    await other.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

export const servers: Subject = {
  notes: [
    'Both servers run at the same time and take the load in turns, from empty; ours writes and seals its audit meanwhile. COPY and bare inserts run by themselves before.',
    `Pull pages hold ${PAGE} documents, pushes send ${ROWS} rows (stock refuses bodies over 100 kB).`,
  ],
  measure,
};
