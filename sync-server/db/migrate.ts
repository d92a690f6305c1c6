/** Numbered plain SQL files, each run once in its own transaction; a file that was run may never change again. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Runner } from './database.ts';

/** The database and this program do not fit together; the message says the way out. */
export class MigrationFault extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'MigrationFault';
    this.code = code;
  }
}

const ownFolder = path.join(import.meta.dirname, 'migrations');
const FILE = /^\d{4}-[a-z0-9-]+\.sql$/;

/** Line ends do not count, so that a checkout on Windows gives the same sum. */
const checksum = (sql: string): string => createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex');

/**
 * Runs what has not been run yet, in order; returns the names that ran. The caller holds the migration lock.
 * Throws MigrationFault when a file that was run has changed, or when the database was used by a newer program.
 */
export async function migrate(runner: Runner, folder: string = ownFolder): Promise<string[]> {
  await runner.rows({
    text: 'create table if not exists migrations (name text primary key, checksum text not null, ran_at timestamptz not null default now())',
  });
  const ran = new Map(
    (await runner.rows<{ name: string; checksum: string }>({ text: 'select name, checksum from migrations' })).map((row) => [
      row.name,
      row.checksum,
    ]),
  );
  const files = readdirSync(folder)
    .filter((name) => FILE.test(name))
    .sort();
  const unknown = [...ran.keys()].filter((name) => !files.includes(name));
  if (unknown.length > 0) {
    throw new MigrationFault(
      'database_newer',
      `The database has been used by a newer Drover (${unknown.join(', ')}). Start that version, or restore an older backup.`,
    );
  }
  const done: string[] = [];
  for (const name of files) {
    const sql = readFileSync(path.join(folder, name), 'utf8');
    const sum = checksum(sql);
    const before = ran.get(name);
    if (before === sum) continue;
    if (before !== undefined) {
      throw new MigrationFault(
        'migration_changed',
        `The migration ${name} has changed since it was run on this database. Put it back as it was and add a new file instead.`,
      );
    }
    await runner.rows({ text: 'begin' });
    try {
      await runner.rows({ text: sql });
      await runner.rows({ text: 'insert into migrations (name, checksum) values ($1, $2)', values: [name, sum] });
      await runner.rows({ text: 'commit' });
    } catch (cause) {
      await runner.rows({ text: 'rollback' });
      throw cause;
    }
    done.push(name);
  }
  return done;
}
