/** Files as the server has them: the store, the routes, and the sweep that goes round while the server runs. */
import type { FastifyInstance } from 'fastify';
import type { Noun } from '../../domain/record/noun.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Database } from '../db/database.ts';
import type { Log } from '../log.ts';
import type { FileRightsOf } from './file-rights.ts';
import { fileRoutes } from './file-routes.ts';
import { type FileSettings, openFileStore } from './file-settings.ts';
import { sweepFiles } from './file-sweep.ts';
import { turnstile } from './turnstile.ts';

export interface FileParts {
  readonly db: Database;
  readonly now: () => Date;
  readonly log: Log;
  readonly onError: (error: Error) => void;
}
export interface Files {
  /** Where records name files. */
  readonly collection: string;
  /** Adds the routes and begins to sweep. */
  serve(app: FastifyInstance, authenticate: Authenticate, rightsOf: FileRightsOf): Promise<void>;
  close(): Promise<void>;
}

const SWEEP_MS = 60 * 60_000;
/** Each of them keeps a database connection while a whole file is read and checked. */
const FINISHED_AT_ONCE = 2;

/** Opens the place for files and tries it. Undefined when none is wanted, or no noun has files. Throws FileStoreFault. */
export async function openFiles(
  settings: FileSettings | undefined,
  nouns: readonly Noun[],
  { db, now, log, onError }: FileParts,
): Promise<Files | undefined> {
  const noun = nouns.find((one) => one.files !== undefined);
  if (!settings || !noun?.files) return undefined;
  const rules = noun.files;
  const store = await openFileStore(settings);
  const names = { collection: noun.entity.collection, hashField: rules.hashField };
  let sweeping: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const sweep = (): void => {
    sweeping = sweepFiles({ db, store, names, now, log }).catch(onError);
  };
  return {
    collection: names.collection,
    async serve(app, authenticate, rightsOf) {
      const dependencies = { db, store, rules, names, rightsOf, now, log, inTurn: turnstile(FINISHED_AT_ONCE) };
      // Apart from the other routes, which take no bodies but JSON.
      await app.register(async (scope) => fileRoutes(scope, dependencies, authenticate));
      timer = setInterval(sweep, SWEEP_MS);
      sweep();
    },
    async close() {
      clearInterval(timer);
      await sweeping;
      await store.close();
    },
  };
}
