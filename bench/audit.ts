/**
 * What the audit costs a push: four of our servers on databases of their own in one Postgres, in turns. One writes no audit and
 * has no rules of the trade, one writes no audit, one writes it, one seals it too, as often as in production. What is left at the
 * end of its stretch is sealed at once, and the time until everything is sealed counts as time of the push. Stretches differ more
 * than the audit costs, so what it adds is said for each turn, which compares what was measured within a minute.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type Sealer, openSealer } from '../sync-server/audit/sealer.ts';
import { openDatabase } from '../sync-server/db/database.ts';
import { benchDocument, documentBytes } from './documents.ts';
import { type Stretch, measurePush, rateOf } from './load.ts';
import { type Running, makeDatabase, startOurs } from './processes.ts';
import type { Line, Run, Subject } from './report.ts';

const lanes = ['bare', 'none', 'written', 'sealed'] as const;
type Lane = (typeof lanes)[number];
const FIRST_PORT = 8320;
const CLIENTS = 20;
const BODY_BYTES = 90_000;
/** Until a pass of the server's own sealer is over. */
const TURN_MS = 10;

const NEVER_MS = 3_600_000;
const fail = (error: Error): never => {
  throw error;
};

/** The writing function without its audit. The key of writes (`applied`) stays: pushes need it to be repeatable. */
async function takeAuditOut(client: pg.Client): Promise<void> {
  const found = await client.query<{ body: string }>(`select pg_get_functiondef('sync_apply'::regproc) as body`);
  const body = found.rows[0]?.body ?? '';
  const without = body.replace(/insert into audit \([^;]*;/, '');
  if (without === body) throw new Error('sync_apply writes its audit in another way than this bench knows');
  await client.query(without);
}

async function untilSealed(client: pg.Client, sealer: Sealer): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ open: boolean }>(
      `select (select seq from feed_head) > (select coalesce(max(to_seq), 0) from audit_blocks where log = 'audit') as open`,
    );
    if (rows[0]?.open !== true) return;
    if ((await sealer.seal()) === 0) await new Promise((resolve) => setTimeout(resolve, TURN_MS));
  }
}

/** How much longer each turn took than without the audit, in percent. */
function added(stretches: Record<Lane, Stretch[]>, lane: Lane): number[] {
  const perDocument = (stretch: Stretch | undefined): number => (stretch ? stretch.seconds / stretch.documents : Number.NaN);
  return stretches[lane].map((stretch, i) => (perDocument(stretch) / perDocument(stretches.none[i]) - 1) * 100);
}
function spread(percent: readonly number[]): string {
  const sorted = percent.toSorted((a, b) => a - b);
  const [below, above] = [Math.floor, Math.ceil].map((round) => sorted[round((sorted.length - 1) / 2)] ?? Number.NaN);
  const middle = ((below ?? Number.NaN) + (above ?? Number.NaN)) / 2;
  return `${middle.toFixed(0)} percent in the middle (${sorted.map((one) => one.toFixed(0)).join(', ')})`;
}

async function measure({ postgres, quick, say }: Run): Promise<Line[]> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-bench-audit-'));
  const rows = Math.floor(BODY_BYTES / (documentBytes() + 40));
  // Stretches of many seconds, so that most of it is sealed while it lasts. The first, short one warms all of them.
  const [turns, perTurn, warming] = quick ? [2, 400, 400] : [4, 100_000, 4_000];
  const running: Partial<Record<Lane, Running>> = {};
  const clients: pg.Client[] = [];
  const db = openDatabase({ url: postgres.urlOf('bench_audit_sealed') });
  let sealer: Sealer | undefined;
  const stretches: Record<Lane, Stretch[]> = { bare: [], none: [], written: [], sealed: [] };
  try {
    for (const [i, lane] of lanes.entries()) {
      const database = `bench_audit_${lane}`;
      await makeDatabase(postgres.url, database);
      const sealing = lane === 'sealed' ? { DROVER_AUDIT: join(folder, 'audit') } : {};
      running[lane] = await startOurs(FIRST_PORT + i, postgres.urlOf(database), lane === 'bare' ? { BENCH_RULES: 'none' } : sealing);
      const client = new pg.Client({ connectionString: postgres.urlOf(database) });
      await client.connect();
      clients.push(client);
      if (lane === 'none' || lane === 'bare') await takeAuditOut(client);
    }
    sealer = openSealer(db, { folder: join(folder, 'audit'), everyMs: NEVER_MS }, { now: () => new Date(), onError: fail });
    for (let turn = 0; turn <= turns; turn += 1) {
      const from = turn === 0 ? 0 : warming + (turn - 1) * perTurn;
      const part = Array.from({ length: turn === 0 ? warming : perTurn }, (_, i) => benchDocument(7, from + i));
      // Each lane comes first, second, third and last as often as the others.
      for (let place = 0; place < lanes.length; place += 1) {
        const at = (turn + place) % lanes.length;
        const lane = lanes[at];
        const server = lane && running[lane];
        const client = clients[at];
        if (!lane || !server || !client) throw new Error('a lane was not started');
        const began = performance.now();
        const stretch = await measurePush(server.target, part, CLIENTS, rows);
        if (lane === 'sealed') await untilSealed(client, sealer);
        const seconds = lane === 'sealed' ? (performance.now() - began) / 1000 : stretch.seconds;
        if (turn > 0) stretches[lane].push({ ...stretch, seconds });
      }
      say(`audit: turn ${turn} of ${turns}`);
    }
    for (const lane of ['written', 'sealed'] as const) say(`audit ${lane}: adds ${spread(added(stretches, lane))}`);
  } finally {
    await sealer?.close();
    await db.close();
    for (const client of clients) await client.end();
    for (const lane of lanes) await running[lane]?.stop();
    await rm(folder, { recursive: true, force: true });
  }
  const rate = (lane: Lane): number => rateOf(stretches[lane]).docsPerSecond;
  const none = { name: 'no audit', value: rate('none') };
  const bare = { name: 'no audit, no rules', value: rate('bare') };
  return [
    { what: 'server push with audit, 20 clients', unit: 'documents/s', ours: rate('written'), baselines: [none, bare] },
    {
      what: 'server push with audit, all of it sealed, 20 clients',
      unit: 'documents/s',
      ours: rate('sealed'),
      baselines: [none, bare, { name: 'audit without seal', value: rate('written') }],
    },
  ];
}

export const audit: Subject = {
  notes: [
    'The audit is measured against the same server whose writing function leaves it out; of the sealed one, the time until all is sealed counts.',
  ],
  measure,
};
