/// <reference lib="dom" />
/** The page of the kill tests: opens the storage in its worker, tells what it found, then writes and tells what was acknowledged. */
import {
  type RxDocumentData,
  type RxJsonSchema,
  type RxStorageInstance,
  fillWithDefaultSettings,
  normalizeMangoQuery,
  prepareQuery,
} from 'rxdb';
import { workerConnection } from '../../renderer/data/storage/host/connect-worker.ts';
import { getRxStorageRemote } from '../../renderer/data/storage/host/remote-storage.ts';
import { type Found, contentOf, lanes, operation } from './storage-lanes.ts';

interface Kept {
  readonly id: string;
  readonly number: number;
  readonly content: string;
}
type Stored = RxDocumentData<Kept>;
type Instance = RxStorageInstance<Kept, object, object>;

const schema: RxJsonSchema<Stored> = fillWithDefaultSettings<Kept>({
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: { type: 'string', maxLength: 40 },
    number: { type: 'integer', minimum: 0, maximum: 1_000_000_000, multipleOf: 1 },
    content: { type: 'string' },
  },
  required: ['id', 'number', 'content'],
  indexes: ['number'],
});

const damages: unknown[] = [];
const connect = workerConnection();
if (!connect) throw new Error('this browser has no workers');
const storage = getRxStorageRemote({ connect, onNotice: (notice) => damages.push(notice) });
const open = (collectionName: string): Promise<Instance> =>
  storage.createStorageInstance<Kept>({
    databaseInstanceToken: 'page',
    databaseName: 'kill',
    collectionName,
    schema,
    options: {},
    multiInstance: true,
    devMode: false,
  });
const everything = async (instance: Instance): Promise<Stored[]> => {
  const query = normalizeMangoQuery<Kept>(schema, { selector: {} });
  return (await instance.query(prepareQuery(schema, query))).documents;
};

let clock = Date.now();
const tick = (): number => (clock += 1);
const rowOf = (previous: Stored | undefined, kept: Kept, deleted: boolean) => {
  const height = previous ? Number(previous._rev.split('-')[0]) + 1 : 1;
  const document: Stored = { ...kept, _deleted: deleted, _attachments: {}, _rev: `${height}-page`, _meta: { lwt: tick() } };
  return previous ? { previous, document } : { document };
};

const tell = async (path: string, body: unknown): Promise<unknown> => {
  const answer = await fetch(path, { method: 'POST', body: JSON.stringify(body) });
  return answer.json();
};

async function writeRows(instance: Instance, known: Map<string, Stored>, rows: ReturnType<typeof rowOf>[], context: string): Promise<void> {
  if (rows.length === 0) return;
  const { error } = await instance.bulkWrite(rows, context);
  if (error.length > 0) throw new Error(`refused: ${JSON.stringify(error[0])}`);
  for (const { document } of rows) known.set(document.id, document);
}

/** Writes on and on; whoever started this ends it by killing the browser. */
async function runLane(lane: number, from: number, records: Instance, checkpoints: Instance, known: Map<string, Stored>): Promise<void> {
  const pulled = lanes[lane] === 'pulled';
  for (let number = from + 1; ; number += 1) {
    const { write, remove } = operation(lane, number);
    const content = contentOf(lane, number);
    const gone = remove.flatMap((id) => {
      const before = known.get(id);
      return before && !before._deleted ? [rowOf(before, { id, number, content }, true)] : [];
    });
    const rows = [...gone, ...write.map((id) => rowOf(known.get(id), { id, number, content }, false))];
    await writeRows(records, known, rows, pulled ? 'replication-downstream-kill' : 'kill');
    if (pulled) {
      const id = `checkpoint-${lane}`;
      await writeRows(checkpoints, known, [rowOf(known.get(id), { id, number, content: '' }, false)], 'replication-set-checkpoint');
    }
    await tell('/acknowledged', { lane, number });
  }
}

/** One write of so many records, as a page of a replication brings them. */
async function fill(records: Instance, count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, i) => rowOf(undefined, { id: `fill-${i}`, number: i, content: contentOf(0, i) }, false));
  await writeRows(records, new Map(), rows, 'replication-downstream-kill');
  await tell('/filled', {});
}

async function main(): Promise<void> {
  const [records, checkpoints] = await Promise.all([open('records'), open('checkpoints')]);
  const stored = await everything(records);
  const points = await everything(checkpoints);
  const known = new Map([...stored, ...points].map((document) => [document.id, document]));
  const found: Found = {
    lanes: lanes.map((_, lane) =>
      stored.filter(({ id }) => id.startsWith(`${lane}-`)).map(({ id, number, _deleted }) => [id, number, _deleted] as const),
    ),
    checkpoints: lanes.map((_, lane) => known.get(`checkpoint-${lane}`)?.number ?? 0),
    damages,
    wrong: stored.filter(({ id, number, content }) => content !== contentOf(Number(id.split('-')[0]), number)).map(({ id }) => id),
  };
  const { from } = (await tell('/found', found)) as { readonly from: readonly number[] };
  const asked = new URLSearchParams(location.search);
  if (asked.has('fill')) return fill(records, Number(asked.get('fill')));
  // A window may be told to keep to some of the lanes, so that two can write at once.
  const own = asked.get('lanes')?.split(',').map(Number);
  const running = from.flatMap((number, lane) => (own && !own.includes(lane) ? [] : [runLane(lane, number, records, checkpoints, known)]));
  await Promise.all(running);
}

main().catch((error: unknown) => tell('/failed', error instanceof Error ? (error.stack ?? error.message) : String(error)));
