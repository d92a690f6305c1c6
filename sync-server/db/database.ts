/** The connection pool, and the few forms in which the rest of the server talks to Postgres. Only this folder knows pg. */
import pg from 'pg';

/** The database cannot be reached or does not answer in time: a fault of the world, worth a retry. */
export class DatabaseFault extends Error {
  readonly code = 'database_unavailable';
  constructor(cause: unknown) {
    super('The database cannot be reached at the moment.', { cause });
    this.name = 'DatabaseFault';
  }
}
/** Somebody else held what was needed for longer than the statement may wait; in a moment it may be free. */
export class LockTimeout extends DatabaseFault {}
/** A text holds a character that Postgres cannot store (NUL): a fault of the request, whichever value it is in. */
export class UnstorableText extends Error {
  readonly code = 'unstorable_text';
  constructor(cause: unknown) {
    super('A text holds a character that cannot be stored.', { cause });
    this.name = 'UnstorableText';
  }
}
/**
 * Documents and other rows would not fit together: two live ones would share a value that must be unique, or one would point at a
 * record that is not there.
 */
export class ConstraintViolation extends Error {
  /** Of Postgres: which kind of constraint does not hold. */
  readonly code: string;
  readonly constraint: string;
  constructor(
    { message, code, constraint = '' }: { readonly message: string; readonly code: string; readonly constraint?: string },
    cause: unknown,
  ) {
    super(message, { cause });
    this.name = 'ConstraintViolation';
    this.code = code;
    this.constraint = constraint;
  }
}

export interface Statement {
  /** A named statement is planned once a connection; give a name to what runs for every request. */
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}
/** Something that runs statements: the pool, or one connection inside a transaction. */
export interface Runner {
  /** Rows as objects by column name. bigint comes as number: positions stay below 2^53. */
  rows<Row>(statement: Statement): Promise<Row[]>;
}
export interface Database extends Runner {
  /** Runs the work on one connection between BEGIN and COMMIT; rolls back when it throws. */
  transaction<Result>(work: (runner: Runner) => Promise<Result>): Promise<Result>;
  /** Calls back for every notification of the channel, and once after each (re)connection. */
  listen(channel: string, onWake: () => void): Listener;
  /** Takes a session lock, runs the work on that connection, gives the lock back. */
  exclusively<Result>(lock: number, work: (runner: Runner) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}
export interface SettableDatabase extends Database {
  /** Runs statements on connections where this setting of the session has this value. */
  with(setting: string, value: string): Runner;
}
export interface Listener {
  isAlive(): boolean;
  close(): Promise<void>;
}
export interface DatabaseOptions {
  readonly url: string;
  /** Connections in the pool; 8 keeps two cores busy. */
  readonly connections?: number;
  readonly onError?: (error: Error) => void;
  /** A role that the login may take; every connection is in it from its beginning. */
  readonly role?: string;
}

const INT8 = 20;
const TIMESTAMPTZ = 1184;
const parsers = new Map<number, (text: string) => unknown>([
  [INT8, Number],
  [TIMESTAMPTZ, (text) => new Date(text).toISOString()],
]);
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    parsers.get(oid) ?? pg.types.getTypeParser(oid, format === 'binary' ? 'binary' : 'text')) as typeof pg.types.getTypeParser,
};

/** Codes of Postgres for: shutting down, starting up, too many connections, statement timeout, serialization. */
const WORLD = new Set(['57P01', '57P02', '57P03', '53300', '57014', '40001', '40P01']);
const [UNIQUE, FOREIGN_KEY, LOCK_TIMEOUT] = ['23505', '23503', '55P03'];
/** An invalid byte sequence as a text; an escape of JSON that no text can hold. */
const UNSTORABLE = new Set(['22021', '22P05']);

function classified(cause: unknown): Error {
  const error = cause as Error & { code?: string; constraint?: string };
  const { message, code, constraint = '' } = error;
  if (code === UNIQUE || code === FOREIGN_KEY) return new ConstraintViolation({ message, code, constraint }, cause);
  if (error.code !== undefined && UNSTORABLE.has(error.code)) return new UnstorableText(cause);
  if (error.code === LOCK_TIMEOUT) return new LockTimeout(cause);
  if (error.code !== undefined && (WORLD.has(error.code) || error.code.startsWith('08') || /^E[A-Z]+$/.test(error.code)))
    return new DatabaseFault(cause);
  if (/timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error/i.test(error.message))
    return new DatabaseFault(cause);
  return error;
}

interface Queryable {
  query(config: pg.QueryConfig): Promise<{ rows: unknown[] }>;
}

/** One connection answers one statement at a time: what is asked at the same moment waits here, not inside pg. */
function oneByOne(client: Queryable): Queryable {
  let last: Promise<unknown> = Promise.resolve();
  return {
    query(config) {
      const answer = last.then(() => client.query(config));
      // Whoever asked is told of a failure; the next statement is not its victim.
      last = answer.catch(() => undefined);
      return answer;
    },
  };
}

const runnerOf = (client: Queryable): Runner => ({
  async rows<Row>({ name, text, values = [] }: Statement): Promise<Row[]> {
    try {
      const result = await client.query({ text, values: [...values], types, ...(name === undefined ? {} : { name }) });
      return result.rows as Row[];
    } catch (cause) {
      throw classified(cause);
    }
  },
});

function listener(url: string, channel: string, onWake: () => void, onError: (error: Error) => void): Listener {
  let client: pg.Client | undefined;
  let alive = false;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;
  let waitMs = 250;
  const lost = (error?: Error): void => {
    const gone = client;
    client = undefined;
    alive = false;
    if (error && !closed) onError(error);
    gone?.removeAllListeners();
    // After removeAllListeners an error of the dying socket would have no listener and end the process.
    gone?.on('error', onError);
    gone?.end().catch(onError);
    if (closed) return;
    retry = setTimeout(connect, waitMs);
    waitMs = Math.min(waitMs * 2, 5_000);
  };
  function connect(): void {
    const next = new pg.Client({
      connectionString: url,
      application_name: 'drover-listen',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    client = next;
    next.on('error', lost);
    next.on('end', () => client === next && lost());
    next.on('notification', onWake);
    next
      .connect()
      .then(() => next.query(`listen ${channel}`))
      .then(() => {
        alive = true;
        waitMs = 250;
        onWake();
      })
      .catch((error: Error) => client === next && lost(error));
  }
  connect();
  return {
    isAlive: () => alive,
    async close() {
      closed = true;
      clearTimeout(retry);
      await client?.end();
    },
  };
}

/**
 * Every request finds its rows by an index. Plans are kept, and one made while a table was nearly empty would read the whole
 * table ever after: a first import then slows down with each row (measured: 860 us a row instead of 30). Compiling plans
 * costs more than such short statements take.
 */
const SESSION = '-c enable_seqscan=off -c jit=off';

/** Pages are read in the order of the feed: a plan that gathers all matching rows first would read the table for each page. */
const AS_READER = '-c enable_bitmapscan=off';

export function openDatabase({ url, connections = 8, onError = () => undefined, role }: DatabaseOptions): SettableDatabase {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: 10_000,
    application_name: 'drover',
    options: role === undefined ? SESSION : `${SESSION} ${AS_READER} -c role=${role}`,
  });
  // An idle connection that dies (database restarted) is replaced by the pool; without a listener it would end the process.
  // While closing, connections that the database ends first are no news.
  let closed = false;
  pool.on('error', (error) => closed || onError(error));
  const withClient = async <Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> => {
    let client: pg.PoolClient;
    try {
      client = await pool.connect();
    } catch (cause) {
      throw classified(cause);
    }
    let broken: Error | undefined;
    const onBroken = (error: Error): void => {
      broken = error;
    };
    client.on('error', onBroken);
    try {
      return await work(client);
    } catch (cause) {
      if (cause instanceof DatabaseFault) broken = cause;
      throw cause;
    } finally {
      client.off('error', onBroken);
      client.release(broken);
    }
  };
  /** What was set on each connection; one that is replaced is another object. */
  const settings = new WeakMap<pg.PoolClient, Map<string, string>>();
  const set = async (client: pg.PoolClient, setting: string, value: string): Promise<void> => {
    const known = settings.get(client) ?? new Map<string, string>();
    settings.set(client, known);
    if (known.get(setting) === value) return;
    known.delete(setting);
    await runnerOf(client).rows({ name: 'set-config', text: 'select set_config($1, $2, false)', values: [setting, value] });
    known.set(setting, value);
  };
  return {
    ...runnerOf(pool),
    with: (setting, value) => ({
      rows: (statement) =>
        withClient(async (client) => {
          await set(client, setting, value);
          return runnerOf(client).rows(statement);
        }),
    }),
    transaction: (work) =>
      withClient(async (client) => {
        const runner = runnerOf(oneByOne(client));
        await runner.rows({ text: 'begin' });
        try {
          const result = await work(runner);
          await runner.rows({ text: 'commit' });
          return result;
        } catch (cause) {
          if (!(cause instanceof DatabaseFault)) await runner.rows({ text: 'rollback' });
          throw cause;
        }
      }),
    exclusively: (lock, work) =>
      withClient(async (client) => {
        const runner = runnerOf(oneByOne(client));
        await runner.rows({ text: 'select pg_advisory_lock($1)', values: [lock] });
        try {
          return await work(runner);
        } finally {
          await runner.rows({ text: 'select pg_advisory_unlock($1)', values: [lock] });
        }
      }),
    listen: (channel, onWake) => listener(url, channel, onWake, onError),
    async close() {
      closed = true;
      await pool.end();
    },
  };
}
