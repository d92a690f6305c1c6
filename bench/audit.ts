/**
 * What the audit costs a push: four of our servers on databases of their own in one Postgres, in turns. One writes no audit and
 * has no rules of the trade, one writes no audit, one writes it, one seals it too. The time until everything is sealed counts as
 * time of the push.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { benchDocuments, documentBytes } from './documents.ts';
import { type Stretch, measurePush, rateOf } from './load.ts';
import { type Running, makeDatabase, startOurs } from './processes.ts';
import type { Line, Run, Subject } from './report.ts';

const lanes = ['bare', 'none', 'written', 'sealed'] as const;
type Lane = (typeof lanes)[number];
const FIRST_PORT = 8320;
const CLIENTS = 20;
const BODY_BYTES = 90_000;
const SEALED_MS = 10;

/** The writing function without its audit. The key of writes (`applied`) stays: pushes need it to be repeatable. */
async function takeAuditOut(client: pg.Client): Promise<void> {
  const found = await client.query<{ body: string }>(`select pg_get_functiondef('sync_apply'::regproc) as body`);
  const body = found.rows[0]?.body ?? '';
  const without = body.replace(/insert into audit \([^;]*;/, '');
  if (without === body) throw new Error('sync_apply writes its audit in another way than this bench knows');
  await client.query(without);
}

async function untilSealed(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ open: boolean }>(
      `select (select seq from feed_head) > (select coalesce(max(to_seq), 0) from audit_blocks where log = 'audit') as open`,
    );
    if (rows[0]?.open !== true) return;
    await new Promise((resolve) => setTimeout(resolve, SEALED_MS));
  }
}

async function measure({ postgres, quick, say }: Run): Promise<Line[]> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-bench-audit-'));
  const rows = Math.floor(BODY_BYTES / (documentBytes() + 40));
  const [turns, perTurn] = quick ? [3, 400] : [7, 8000];
  const running: Partial<Record<Lane, Running>> = {};
  const clients: pg.Client[] = [];
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
    const documents = benchDocuments(7, turns * perTurn);
    for (let turn = 0; turn < turns; turn += 1) {
      // Each lane comes first, second and last as often as the others.
      for (let place = 0; place < lanes.length; place += 1) {
        const at = (turn + place) % lanes.length;
        const lane = lanes[at];
        const server = lane && running[lane];
        const client = clients[at];
        if (!lane || !server || !client) throw new Error('a lane was not started');
        const from = performance.now();
        const stretch = await measurePush(server.target, documents.slice(turn * perTurn, (turn + 1) * perTurn), CLIENTS, rows);
        if (lane === 'sealed') await untilSealed(client);
        const seconds = lane === 'sealed' ? (performance.now() - from) / 1000 : stretch.seconds;
        // The first turn warms all of them.
        if (turn > 0) stretches[lane].push({ ...stretch, seconds });
      }
      say(`audit: turn ${turn + 1} of ${turns}`);
    }
  } finally {
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
