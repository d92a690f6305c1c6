/** Starts one real Postgres for all test files and makes the template that each file clones. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { startPostgres } from '../../build/postgres.ts';
import { nouns } from '../../domain/registry.ts';
import { hashPassword } from '../../sync-server/auth/password.ts';
import { openDatabase } from '../../sync-server/db/database.ts';
import { createDemoAccounts } from '../../sync-server/db/demo-accounts.ts';
import { prepareDatabase } from '../../sync-server/db/prepare.ts';
import { openNouns } from './open-nouns.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the maintenance database; a test puts its own database's name in. */
    postgresUrl: string;
  }
}

export const TEMPLATE = 'drover_template';

export async function setup(project: TestProject): Promise<() => Promise<void>> {
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
  await openNouns(template, ['ranches', 'animals', 'sightings', 'herds', 'pens', 'sales']);
  await createDemoAccounts(template, hashPassword, undefined);
  // Before every other clone: a template with open connections cannot be cloned.
  await template.close();
  project.provide('postgresUrl', postgres.url);
  return async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
