/** Starts one real Postgres for all browser tests; the processes of the tests find it in their environment. */
import { startTestPostgres } from '../test-postgres.ts';

export const POSTGRES_URL = 'DROVER_TEST_POSTGRES';

export default async function setup(): Promise<() => Promise<void>> {
  const postgres = await startTestPostgres();
  process.env[POSTGRES_URL] = postgres.url;
  return () => postgres.stop();
}
