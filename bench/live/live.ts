/** Many clients at once, ours beside stock rxdb-server: changes as they happen, coming back together, and what an idle client costs. */
import { readFile } from 'node:fs/promises';
import type { Checkpoint, PullAnswer } from '../../domain/protocol/protocol.ts';
import { nouns } from '../../domain/registry.ts';
import { COLLECTION, STOCK_VERSION, benchDocument, benchDocuments, checkBenchDocument } from '../documents.ts';
import { type Target, measurePush, openPusher } from '../load.ts';
import { type Running, makeDatabase, signInAll, startOurs, startStock } from '../processes.ts';
import type { Line, Run, Subject } from '../report.ts';
import { type Listeners, startListeners } from './listeners.ts';
import { type Caught, type Clients, type Heard, type Return, sentMark } from './order.ts';

const PORTS = { ours: 8893, stock: 8894 } as const;
const CLIENTS = 200;
const CHANGES_PER_SECOND = 20;
/** What each client has missed when all come back at once. */
const MISSED = 200;
const ROWS = 60;

interface Numbers {
  readonly calm: Heard;
  readonly afterBulk: Heard;
  readonly caught: Caught;
  /** KiB of resident memory for one more idle client. */
  readonly perClient: number;
}
interface Side {
  readonly running: Running;
  readonly clients: Omit<Clients, 'count'>;
  /** What each user asks for who stood here, at this moment, and comes back. */
  readonly comeBack: () => Promise<Return[][]>;
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function residentKiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/u.exec(status)?.[1] ?? Number.NaN);
}

/** Sends `count` single changes at an even pace, however long each takes. */
async function sendChanges(target: Target, from: number, count: number): Promise<void> {
  const sending: Promise<unknown>[] = [];
  const pusher = openPusher(target);
  for (let i = 0; i < count; i += 1) {
    sending.push(pusher.push({ ...benchDocument(7, from + i), notes: sentMark(process.hrtime.bigint()) }));
    await pause(1000 / CHANGES_PER_SECOND);
  }
  await Promise.all(sending);
  pusher.close();
}

async function hearChanges(listeners: Listeners, target: Target, from: number, count: number): Promise<Heard> {
  await listeners.report();
  await sendChanges(target, from, count);
  await pause(1_000);
  const heard = await listeners.report();
  if (heard.changes !== CLIENTS * count) throw new Error(`${CLIENTS} clients heard ${heard.changes} times of ${count} changes`);
  return heard;
}

/**
 * Memory for a thousand clients more, so that what the first ones warm up is not counted; on a server that has done nothing yet,
 * because room that work has left behind would hide them.
 */
async function memoryOfOne(listeners: Listeners, { running, clients }: Side, quick: boolean): Promise<number> {
  const more = quick ? 200 : 1000;
  await listeners.open({ ...clients, count: CLIENTS });
  await pause(2_000);
  const before = await residentKiB(running.pid);
  await listeners.open({ ...clients, count: more });
  await pause(3_000);
  const after = await residentKiB(running.pid);
  await listeners.closeAll();
  return (after - before) / more;
}

const queryOf = ({ lwt, id }: Checkpoint): string => `lwt=${lwt}&id=${encodeURIComponent(id)}`;
const START: Checkpoint = { lwt: 0, id: '' };

/** The position behind everything that is there now. */
async function checkpointAt(pull: string, headers: Readonly<Record<string, string>>): Promise<Checkpoint> {
  for (let from = START; ; ) {
    const response = await fetch(`${pull}?${queryOf(from)}&limit=1000`, { headers });
    const { documents, checkpoint } = (await response.json()) as PullAnswer;
    // Stock answers none when it found nothing.
    if (documents.length === 0) return checkpoint ?? from;
    from = checkpoint;
  }
}

async function measureSide(side: Side, quick: boolean): Promise<Numbers> {
  const { running, clients, comeBack } = side;
  const changes = quick ? 40 : 400;
  const listeners = startListeners();
  try {
    const perClient = await memoryOfOne(listeners, side, quick);
    await measurePush(running.target, benchDocuments(2, quick ? 500 : 5_000), 4, ROWS);
    const returns = await comeBack();
    await measurePush(running.target, benchDocuments(3, MISSED), 1, ROWS);
    const caught = await listeners.reconnect({ ...clients, count: CLIENTS }, returns, MISSED);
    await hearChanges(listeners, running.target, 0, 20);
    const calm = await hearChanges(listeners, running.target, 1_000, changes);
    await measurePush(running.target, benchDocuments(4, quick ? 1_000 : 10_000), 20, ROWS);
    const afterBulk = await hearChanges(listeners, running.target, 5_000, changes / 2);
    await listeners.closeAll();
    return { calm, afterBulk, caught, perClient };
  } finally {
    listeners.stop();
  }
}

const collections = nouns.map(({ entity }) => ({ name: entity.collection, version: entity.version }));

async function ourSide(running: Running): Promise<Side> {
  const { origin } = running.target;
  const names = collections.map(({ name, version }) => `${name}:${version}`).join(',');
  const users = await signInAll(origin);
  // The desk asks it with each connection.
  const company: Return = { path: '/me/company', collection: '' };
  const standing = async (headers: Readonly<Record<string, string>>, { name, version }: (typeof collections)[number]): Promise<Return> => {
    const path = `/sync/${name}/${version}/pull`;
    const stood = await checkpointAt(`${origin}${path}`, headers);
    return { path: `${path}?${queryOf(stood)}&limit=500`, collection: name, stood };
  };
  return {
    running,
    clients: { origin, headers: users, streams: [`/sync/stream?collections=${names}`] },
    comeBack: () =>
      Promise.all(users.map(async (headers) => [company, ...(await Promise.all(collections.map((one) => standing(headers, one))))])),
  };
}
/** As the client of rxdb-server does: a stream and a pull for each collection. */
const stockSide = (running: Running): Side => ({
  running,
  clients: {
    origin: running.target.origin,
    headers: [{}],
    streams: collections.map(({ name }) => `/${name}/${STOCK_VERSION}/pullStream`),
  },
  async comeBack() {
    const stood = await checkpointAt(`${running.target.origin}${running.target.path}/pull`, {});
    return [
      collections.map(({ name }) => ({
        path: `/${name}/${STOCK_VERSION}/pull?${queryOf(name === COLLECTION ? stood : START)}&limit=500`,
        collection: name,
      })),
    ];
  },
});

const lines = (ours: Numbers, stock: Numbers): Line[] => {
  const line = (what: string, unit: Line['unit'], of: (numbers: Numbers) => number): Line => ({
    what,
    unit,
    ours: of(ours),
    baselines: [{ name: 'stock rxdb-server, memory', value: of(stock) }],
  });
  const live = `${CLIENTS} clients, ${CHANGES_PER_SECOND} changes/s`;
  return [
    line(`live change, ${live}, p50`, 'ms', ({ calm }) => calm.p50),
    line(`live change, ${live}, p99`, 'ms', ({ calm }) => calm.p99),
    line('the same after a bulk load of 10k, p50', 'ms', ({ afterBulk }) => afterBulk.p50),
    line('the same after a bulk load of 10k, p99', 'ms', ({ afterBulk }) => afterBulk.p99),
    line(`${CLIENTS} clients come back at once, all caught up`, 'ms', ({ caught }) => caught.all),
    line('memory of one idle client', 'KiB', ({ perClient }) => perClient),
  ];
};

export const live: Subject = {
  notes: [
    `Live clients hold bare streams in one process of their own; a client of stock rxdb-server has a stream and a pull for each of ${collections.length} collections, as its replication does. Each client that comes back has missed ${MISSED} documents.`,
    'Memory of an idle client is the growth of the resident memory of the server over a thousand more of them.',
  ],
  async measure({ postgres, quick, say }: Run) {
    checkBenchDocument();
    await makeDatabase(postgres.url, 'bench_live');
    const stock = await startStock(PORTS.stock);
    let stockNumbers: Numbers;
    try {
      say('live: stock rxdb-server ...');
      stockNumbers = await measureSide(stockSide(stock), quick);
    } finally {
      await stock.stop();
    }
    const ours = await startOurs(PORTS.ours, postgres.urlOf('bench_live'));
    try {
      say('live: ours ...');
      return lines(await measureSide(await ourSide(ours), quick), stockNumbers);
    } finally {
      await ours.stop();
    }
  },
};
