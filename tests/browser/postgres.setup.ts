/** Starts one real Postgres for all browser tests; the processes of the tests find it in their environment. */
import { startTemplatePostgres } from '../postgres-template.ts';

export const POSTGRES_URL = 'DROVER_TEST_POSTGRES';

export default async function setup(): Promise<() => Promise<void>> {
  const postgres = await startTemplatePostgres();
  process.env[POSTGRES_URL] = postgres.url;
  return () => postgres.stop();
}
