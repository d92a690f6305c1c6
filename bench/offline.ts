/**
 * Three weeks without network, ours beside stock: own edits wait on the device while others change ten times as much, a part of
 * it in the same records and a part of that in the same field. Then the network is back. Counts what became of every edit.
 */
import type { PullAnswer, WireDocument } from '../domain/protocol/protocol.ts';
import { type PageName, openDevice } from './device/browser.ts';
import type { Back } from './device/measured.ts';
import { COLLECTION, benchDocuments } from './documents.ts';
import { measurePush, pushRows } from './load.ts';
import { type Running, broker, makeDatabase, startOurs, startStock } from './processes.ts';
import type { Line, Run, Subject } from './report.ts';

const PORTS = { ours: 8895, stock: 8896, page: 8897 } as const;
const ROWS = 30;
const MARK = 'away-';

interface Plan {
  /** Records that all have at first. */
  readonly records: number;
  readonly edits: number;
  /** How many of the edited records others change too; in every second of them the same field. */
  readonly overlap: number;
}
const planOf = (quick: boolean): Plan =>
  quick ? { records: 500, edits: 50, overlap: 10 } : { records: 20_000, edits: 2_000, overlap: 100 };

interface Outcome {
  readonly back: Back;
  /** Own edits that neither the server's records nor any inbox holds afterwards. */
  readonly lost: number;
  readonly clashes: number;
}

async function everything({ target }: Running, collection: string): Promise<WireDocument[]> {
  const path = target.path.replace(COLLECTION, collection);
  const all: WireDocument[] = [];
  for (let from = 'lwt=0&id='; ; ) {
    const response = await fetch(`${target.origin}${path}/pull?${from}&limit=1000`, { headers: target.headers });
    const { documents, checkpoint } = (await response.json()) as PullAnswer;
    if (documents.length === 0) return all;
    all.push(...documents);
    from = `lwt=${checkpoint.lwt}&id=${encodeURIComponent(checkpoint.id)}`;
  }
}

/** What the others do meanwhile: each record from the overlap on changes once, and a tenth as many are new. */
async function workOfOthers(running: Running, { records, edits, overlap }: Plan, ids: readonly string[]): Promise<void> {
  const stored = new Map((await everything(running, COLLECTION)).map((document) => [document.id, document]));
  const rows = ids.slice(edits - overlap, records).map((id, i) => {
    const base = stored.get(id);
    if (!base) throw new Error(`the server lacks ${id}`);
    const change = i < overlap && i % 2 === 0 ? { fsisCircuit: `theirs-${i}` } : { fsisDistrict: `theirs-${i}` };
    return { assumedMasterState: base, newDocumentState: { ...base, ...change, w: `theirs-${i}` } };
  });
  await pushRows(running.target, rows, 4, ROWS);
  await measurePush(running.target, benchDocuments(5, edits - overlap), 4, ROWS);
}

async function countLost(running: Running, edited: readonly string[], inbox: readonly WireDocument[]): Promise<Omit<Outcome, 'back'>> {
  const stored = new Map((await everything(running, COLLECTION)).map((document) => [document.id, document]));
  const told = new Set(inbox.map((entry) => entry['recordId']));
  const missing = edited.filter((id, i) => stored.get(id)?.['fsisCircuit'] !== `${MARK}${i}`);
  return { lost: missing.filter((id) => !told.has(id)).length, clashes: missing.filter((id) => told.has(id)).length };
}

async function measureSide(page: PageName & ('ours' | 'stock'), running: Running, plan: Plan): Promise<Outcome> {
  const documents = benchDocuments(1, plan.records);
  await measurePush(running.target, documents, 4, ROWS);
  const ids = documents.map(({ id }) => id);
  const edited = ids.slice(0, plan.edits);
  const device = await openDevice(page, PORTS.page);
  try {
    await device.leave({ name: 'away', origin: running.target.origin, expected: plan.records, ...broker });
    await device.edit(edited, MARK);
    await workOfOthers(running, plan, ids);
    const back = await device.comeBack();
    const inbox = page === 'ours' ? await everything(running, 'activities') : [];
    return { back, ...(await countLost(running, edited, inbox)) };
  } finally {
    await device.close();
  }
}

const linesOf = (plan: Plan, ours: Outcome, stock: Outcome): Line[] => {
  const what = `${plan.edits} own edits, ${plan.records - plan.overlap} changes of others, back`;
  const name = 'stock RxDB 15, Dexie, rxdb-server';
  const line = (about: string, unit: Line['unit'], of: (outcome: Outcome) => number): Line => ({
    what: `${what}: ${about}`,
    unit,
    ours: of(ours),
    baselines: [{ name, value: of(stock) }],
  });
  return [
    line('until all is sent and received', 'ms', ({ back }) => back.seconds * 1000),
    line('longest block of the window', 'ms', ({ back }) => back.longestTask),
    line('own edits that are nowhere any more', 'edits', ({ lost }) => lost),
    line('own edits that wait in the inbox as clashes', 'edits', ({ clashes }) => clashes),
  ];
};

export const offline: Subject = {
  notes: [
    'Offline: the stock client resolves conflicts as RxDB does unless told otherwise, the server wins; an edit is lost when neither the record at the server nor an inbox entry holds it.',
  ],
  async measure({ postgres, quick, say }: Run) {
    const plan = planOf(quick);
    const stock = await startStock(PORTS.stock);
    let stockOutcome: Outcome;
    try {
      say('offline: stock ...');
      stockOutcome = await measureSide('stock', stock, plan);
    } finally {
      await stock.stop();
    }
    await makeDatabase(postgres.url, 'bench_offline');
    const ours = await startOurs(PORTS.ours, postgres.urlOf('bench_offline'));
    try {
      say('offline: ours ...');
      return linesOf(plan, await measureSide('ours', ours, plan), stockOutcome);
    } finally {
      await ours.stop();
    }
  },
};
