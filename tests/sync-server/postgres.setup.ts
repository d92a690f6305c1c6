/** Starts one real Postgres for all test files, with the nouns of tests in its template. */
import type { TestProject } from 'vitest/node';
import { makeTemplate, startTestPostgres } from '../test-postgres.ts';
import { openNouns } from './open-nouns.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the maintenance database; a test puts its own database's name in. */
    postgresUrl: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startTestPostgres();
  await makeTemplate(postgres.url, (template) => openNouns(template, ['ranches', 'animals', 'sightings', 'herds', 'pens', 'sales']));
  project.provide('postgresUrl', postgres.url);
  return () => postgres.stop();
}
