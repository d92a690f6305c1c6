/** Commands that work on the database of the sync server itself. */
import { type Database, DatabaseFault, openDatabase } from '../db/database.ts';
import { CliFault } from './sync-client.ts';

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
}

/** Postgres for: there is no such table. */
const UNDEFINED_TABLE = '42P01';

/** Runs work on the database of DATABASE_URL; answers the exit code. Throws CliFault when it is not named or cannot be reached. */
export async function onDatabase(
  { environment }: Pick<Surroundings, 'environment'>,
  work: (db: Database) => Promise<void>,
): Promise<number> {
  const url = environment['DATABASE_URL'];
  if (url === undefined || url === '') throw new CliFault('usage', 'Set DATABASE_URL to the database of the sync server.');
  const db = openDatabase({ url, connections: 1 });
  try {
    await work(db);
    return 0;
  } catch (cause) {
    if (cause instanceof DatabaseFault) throw new CliFault('unreachable', 'The database of DATABASE_URL cannot be reached.', cause);
    if (cause instanceof Error && 'code' in cause && cause.code === UNDEFINED_TABLE)
      throw new CliFault('usage', 'The database of DATABASE_URL is no Drover database yet. Start the sync server on it once.', cause);
    throw cause;
  } finally {
    await db.close();
  }
}
