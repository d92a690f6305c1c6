/** One real Postgres for many tests, each with a database of its own. */
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startPostgres } from '../build/postgres.ts';
import { nouns } from '../domain/registry.ts';
import { hashPassword } from '../sync-server/auth/password.ts';
import { type Database, openDatabase } from '../sync-server/db/database.ts';
import { createDemoAccounts } from '../sync-server/db/demo-accounts.ts';
import { prepareDatabase } from '../sync-server/db/prepare.ts';

export const TEMPLATE = 'drover_template';

export interface TestPostgres {
  /** Address of the maintenance database; see `cloneOf`. */
  readonly url: string;
  stop(): Promise<void>;
}

export async function startTestPostgres(): Promise<TestPostgres> {
  const folder = mkdtempSync(path.join(tmpdir(), 'drover-test-postgres-'));
  // Postgres runs as another user when the tests run as root, and must be able to enter.
  chmodSync(folder, 0o755);
  const postgres = await startPostgres({ folder: path.join(folder, 'postgres'), fast: true, temporary: true });
  return {
    url: postgres.url,
    stop: async () => {
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Makes the database that tests clone: migrations, registered tables, demo accounts. `more` puts in what they need besides. */
export async function makeTemplate(postgresUrl: string, more: (template: Database) => Promise<void>): Promise<void> {
  const main = openDatabase({ url: postgresUrl, connections: 1 });
  await main.rows({ text: `create database ${TEMPLATE}` });
  await main.close();
  const template = openDatabase({ url: databaseAt(postgresUrl, TEMPLATE), connections: 1 });
  await prepareDatabase(
    template,
    nouns.map((noun) => noun.entity),
  );
  await more(template);
  await createDemoAccounts(template, hashPassword, undefined);
  // Before every clone: a template with open connections cannot be cloned.
  await template.close();
}

/** Address of another database of the same Postgres. */
export function databaseAt(postgresUrl: string, name: string): string {
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return url.toString();
}

/** A database like the template, which takes itself for a restored one (SYN-11), as any copy does. `template0` gives an empty one, which does not. */
export async function cloneOf(postgresUrl: string, template: string = TEMPLATE): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const db = openDatabase({ url: postgresUrl, connections: 1 });
  await db.rows({ text: `create database ${name} template ${template}` });
  await db.close();
  return databaseAt(postgresUrl, name);
}
