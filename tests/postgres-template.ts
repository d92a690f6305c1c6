/** One real Postgres for many tests: each clones a database that has its tables and the demo accounts already. */
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

export interface TemplatePostgres {
  /** Address of the maintenance database; see `cloneOf`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** `more` puts into the template what these tests need besides. */
export async function startTemplatePostgres(
  more: (template: Database) => Promise<void> = () => Promise.resolve(),
): Promise<TemplatePostgres> {
  const folder = mkdtempSync(path.join(tmpdir(), 'drover-test-postgres-'));
  // Postgres runs as another user when the tests run as root, and must be able to enter.
  chmodSync(folder, 0o755);
  const postgres = await startPostgres({ folder: path.join(folder, 'postgres'), fast: true, temporary: true });
  const main = openDatabase({ url: postgres.url, connections: 1 });
  await main.rows({ text: `create database ${TEMPLATE}` });
  await main.close();
  const template = openDatabase({ url: postgres.urlOf(TEMPLATE), connections: 1 });
  await prepareDatabase(
    template,
    nouns.map((noun) => noun.entity),
  );
  await more(template);
  await createDemoAccounts(template, hashPassword, undefined);
  // Before every clone: a template with open connections cannot be cloned.
  await template.close();
  return {
    url: postgres.url,
    stop: async () => {
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Address of another database of the same Postgres. */
export function databaseAt(postgresUrl: string, name: string): string {
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return url.toString();
}

/** A database like the template, with nobody else in it. `template0` gives an empty one. */
export async function cloneOf(postgresUrl: string, template: string = TEMPLATE): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const db = openDatabase({ url: postgresUrl, connections: 1 });
  await db.rows({ text: `create database ${name} template ${template}` });
  await db.close();
  return databaseAt(postgresUrl, name);
}
