/**
 * `npm run bench [-- subject ...] [--json] [--quick]`: ours beside its baselines in one run, on one machine, with the same
 * documents. Never a timed test: numbers go to a person, with their ratios. Without a subject all of them are measured;
 * --quick takes small sizes and is only good to see that it works; --large adds 500,000 documents on the storage of the device.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../build/postgres.ts';
import { checkBenchDocument, documentBytes } from './documents.ts';
import { audit } from './audit.ts';
import { live } from './live/live.ts';
import { mixed } from './mixed.ts';
import { offline } from './offline.ts';
import { replication } from './replication.ts';
import { rights } from './rights.ts';
import { servers } from './servers.ts';
import { type Line, type Report, type Subject, tableOf, withRatios } from './report.ts';
import { storage } from './storage.ts';

const subjects: Readonly<Record<string, Subject>> = { servers, replication, rights, audit, live, mixed, offline, storage };

const words = process.argv.slice(2);
const json = words.includes('--json');
const quick = words.includes('--quick');
const large = words.includes('--large');
const named = words.filter((word) => !word.startsWith('--'));

async function measureAll(chosen: readonly Subject[]): Promise<Line[]> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-bench-'));
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), temporary: true });
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const lines: Line[] = [];
  try {
    for (const subject of chosen) lines.push(...(await subject.measure({ postgres, quick, large, say })));
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
  return lines;
}

async function main(): Promise<Report> {
  const unknown = named.find((word) => !(word in subjects));
  if (unknown !== undefined) throw new Error(`There is nothing to measure called ${unknown}. Known: ${Object.keys(subjects).join(', ')}.`);
  const chosen = Object.entries(subjects).flatMap(([name, subject]) => (named.length === 0 || named.includes(name) ? [subject] : []));
  checkBenchDocument();
  const loadBefore = loadavg()[0] ?? 0;
  const lines = await measureAll(chosen);
  const [cpu] = cpus();
  return {
    date: new Date().toISOString(),
    machine: {
      cpu: cpu?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      node: process.version,
      loadBefore,
    },
    documentBytes: documentBytes(),
    lines,
    notes: [
      'Servers, Postgres, load generator and browser share the cores. Drover is durable (fsync on) and authenticates, validates and audits; stock rxdb-server keeps everything in memory and does none of it.',
      ...chosen.flatMap((subject) => subject.notes),
      ...(loadBefore > 0.5
        ? [`The machine was not idle before the run (load ${loadBefore.toFixed(1)}): believe the ratios more than the numbers.`]
        : []),
      ...(quick ? ['A --quick run: too small to be believed.'] : []),
    ],
  };
}

const report = await main();
const { machine } = report;
if (json) process.stdout.write(`${JSON.stringify(withRatios(report))}\n`);
else {
  process.stdout.write(`\n${tableOf(report)}\n\n${report.notes.map((note) => `- ${note}`).join('\n')}\n`);
  process.stdout.write(
    `- ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}, ${report.date}, documents of ${report.documentBytes} bytes.\n`,
  );
}
