/** What documents that are handed out are read by: a role of the database that sees only its scope, where the database lets us. */
import { type Database, openDatabase } from '../db/database.ts';
import { READER, type ReadAs, fencedBy } from '../db/fence.ts';
import type { Log } from '../log.ts';

export interface Readers {
  readonly readAs: ReadAs;
  close(): Promise<void>;
}

export function openReaders(
  db: Database,
  { databaseUrl, databaseConnections = 8 }: { readonly databaseUrl: string; readonly databaseConnections?: number },
  fenced: boolean,
  log: Log,
): Readers {
  if (fenced) {
    const onError = (error: Error): void => log.error({ err: error }, 'a reading connection failed');
    const readers = openDatabase({ url: databaseUrl, connections: Math.ceil(databaseConnections / 2), onError, role: READER });
    return { readAs: fencedBy(readers), close: () => readers.close() };
  }
  log.warn(
    `row level security is off: the login of DATABASE_URL may not make the role ${READER}. Rights are checked in each statement only. ` +
      `To turn it on: create role ${READER} nologin; grant ${READER} to <that login>; then start again.`,
  );
  return { readAs: () => db, close: async () => undefined };
}
