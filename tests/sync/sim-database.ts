/**
 * The database as one simulated server process sees it: real SQL on a real Postgres, but each statement waits for the
 * scheduler. Some calls that write are held open between the statement and its commit, so that late commits and writers
 * that wait for each other's lock happen, in an order that the seed decides.
 */
import { type Database, DatabaseFault, type Listener, type Runner, type Statement } from '../../sync-server/db/database.ts';
import { type Kernel, type Owner, deferred } from './kernel.ts';

/** How often the world is unkind to a server, in percent of statements. */
export interface DatabaseTroubles {
  /** Writing calls that stay open for a while before they commit. */
  readonly held: number;
  /** Connections that break before the statement, and after it (its effect is there, its answer is not). */
  readonly cutBefore: number;
  readonly cutAfter: number;
  /** Notifications that never arrive. */
  readonly mute: number;
}

/** A statement that was let run. */
interface Work {
  /** Resolves when all of its effect is there that will be there before the scheduler goes on. */
  readonly shown: Promise<unknown>;
  /** Gives its result to whoever asked; results of several come in one order, whichever connection was faster. */
  deliver(): Promise<void>;
  /** Of a transaction that stays open after it was shown, unless it failed. */
  readonly held?: Held;
}
interface Held {
  readonly isOpen: () => boolean;
  end(commit: boolean): void;
  readonly over: Promise<void>;
  readonly commit: string;
}

const breath = (): Promise<void> => new Promise((go) => setImmediate(go));

/** What all simulated processes share: the one Postgres, who holds its lock, and who waits for it. */
export class SharedDatabase {
  readonly kernel: Kernel;
  troubles: DatabaseTroubles;
  readonly #monitor: Runner;
  /** Transactions that hold the lock of the feed, at most one of them really. */
  readonly #open = new Map<Held, Work>();
  /** Statements that wait for a lock that somebody else holds, in the order in which they came. */
  #blocked: { readonly work: Work; isDone: boolean }[] = [];
  readonly #listeners = new Map<Owner, () => void>();
  /** By how much the clock of the database's machine is wrong, in milliseconds. */
  clock = 0;
  #told: number | undefined;

  constructor(kernel: Kernel, monitor: Runner, troubles: DatabaseTroubles) {
    this.kernel = kernel;
    this.#monitor = monitor;
    this.troubles = troubles;
  }

  /** Has the database know the simulated time; see stage.ts. */
  async tellTime(): Promise<void> {
    const now = this.kernel.instant + this.clock;
    if (now === this.#told) return;
    this.#told = now;
    await this.#monitor.rows({ name: 'sim-clock', text: 'update sim_clock set at = to_timestamp($1 / 1000.0)', values: [now] });
  }

  async #waiters(): Promise<number> {
    const rows = await this.#monitor.rows<{ n: number }>({
      name: 'sim-lock-waiters',
      // A session that was granted its lock a moment ago may still be shown as waiting; nobody blocks it any more.
      text: `select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
        and cardinality(pg_blocking_pids(pid)) > 0`,
    });
    return rows[0]?.n ?? 0;
  }
  /** Waits until the work is done, or until it waits for a lock that somebody else holds. */
  async run(work: Work): Promise<void> {
    if (this.#open.size === 0 && this.#blocked.length === 0) {
      await work.shown;
      return this.#finish(work);
    }
    const one = { work, isDone: false };
    void work.shown.then(() => {
      one.isDone = true;
    });
    this.#blocked.push(one);
    await this.#untilKnown();
    await this.#finishDone();
  }
  /** Until each that is not done is known to wait for a lock; where nobody holds one, one of them is about to get it. */
  async #untilKnown(): Promise<void> {
    const unknown = async (): Promise<boolean> => {
      const open = this.#blocked.filter(({ isDone }) => !isDone).length;
      if (this.#open.size === 0 && open > 0 && open === this.#blocked.length) return true;
      return open > (await this.#waiters());
    };
    while (await unknown()) await breath();
  }
  async #finishDone(): Promise<void> {
    const done = this.#blocked.filter(({ isDone }) => isDone);
    this.#blocked = this.#blocked.filter((one) => !done.includes(one));
    for (const { work } of done) await this.#finish(work);
  }
  async #finish(work: Work): Promise<void> {
    const { held } = work;
    if (!held?.isOpen()) return work.deliver();
    this.#open.set(held, work);
    this.kernel.post(held.commit, () => this.#release(held, true), { server: true, slow: true });
  }
  /** Commits or rolls back, and waits until those who waited for it are done or wait for the next one. */
  async #release(held: Held, commit: boolean): Promise<void> {
    const work = this.#open.get(held);
    if (!work) return;
    held.end(commit);
    await held.over;
    this.#open.delete(held);
    await work.deliver();
    await this.#untilKnown();
    await this.#finishDone();
  }
  /** Rolls back whatever is open, as when Postgres is stopped. */
  async abortAll(): Promise<void> {
    for (let [held] = this.#open.keys(); held; [held] = this.#open.keys()) await this.#release(held, false);
  }

  listen(owner: Owner, onWake: () => void): Listener {
    this.#listeners.set(owner, onWake);
    this.kernel.post(`${owner.name} listens`, onWake, { owner, server: true });
    return {
      isAlive: () => true,
      close: async () => void this.#listeners.delete(owner),
    };
  }
  /** A notification, which may be lost on its way: it costs latency, never data. */
  announce(): void {
    for (const [owner, onWake] of this.#listeners) {
      if (this.kernel.dice.chance(this.troubles.mute)) continue;
      this.kernel.post(`notification reaches ${owner.name}`, onWake, { owner, server: true });
    }
  }
}

interface Started<Result> {
  readonly result: Promise<Result>;
  /** As of Work; when the result is there unless told. */
  readonly shown?: Promise<unknown>;
  readonly held?: Held;
}
const cut = (): DatabaseFault => new DatabaseFault(new Error('the simulated connection broke'));
const short = ({ name, text }: Statement): string => name ?? text.slice(0, 40).replaceAll(/\s+/g, ' ');

/** The database of one life of one server process. */
export function simDatabase(shared: SharedDatabase, owner: Owner, real: Database): Database {
  const { kernel } = shared;
  /** Runs a statement when the scheduler says so. Work that the owner's death left behind is of no interest to anybody. */
  const scheduled = <Result>(label: string, start: () => Started<Result>): Promise<Result> =>
    new Promise((resolve, reject) => {
      const run = async (): Promise<void> => {
        if (kernel.dice.chance(shared.troubles.cutBefore)) return reject(cut());
        const lost = kernel.dice.chance(shared.troubles.cutAfter);
        const { result, shown, held } = start();
        const outcome = result.then(
          (value) => (): void => (lost ? reject(cut()) : resolve(value)),
          (cause: Error) => (): void => reject(cause),
        );
        await shared.run({ shown: shown ?? outcome, deliver: async () => (await outcome)(), ...(held ? { held } : {}) });
      };
      kernel.post(`${owner.name}: ${label}`, run, { owner, server: true });
    });
  const whole = <Result>(result: Promise<Result>): Started<Result> => ({ result });

  /** The writing call in a transaction that stays open until the scheduler commits it. It holds the lock from its answer on. */
  function heldOpen<Row>(statement: Statement): Started<Row[]> {
    const { promise: gate, resolve: commit, reject: abort } = deferred<void>();
    const { promise: shown, resolve: show } = deferred<void>();
    let isOpen = false;
    const result = real.transaction(async (runner) => {
      const rows = await runner.rows<Row>(statement);
      isOpen = true;
      show();
      await gate;
      return rows;
    });
    const over = result.then(
      () => show(),
      () => show(),
    );
    const end = (yes: boolean): void => (yes ? commit() : abort(cut()));
    return { result, shown, held: { isOpen: () => isOpen, end, over, commit: `${owner.name}: commit` } };
  }

  const never = <Result>(): Promise<Result> => new Promise(() => undefined);
  return {
    rows<Row>(statement: Statement): Promise<Row[]> {
      if (!owner.alive) return never();
      if (statement.name === 'announce') {
        shared.announce();
        return Promise.resolve([]);
      }
      if (statement.name === 'sync-apply' && kernel.dice.chance(shared.troubles.held))
        return scheduled(`${short(statement)}, held open`, () => heldOpen<Row>(statement));
      if (statement.name?.startsWith('series-'))
        return scheduled(short(statement), () => whole(shared.tellTime().then(() => real.rows<Row>(statement))));
      return scheduled(short(statement), () => whole(real.rows<Row>(statement)));
    },
    transaction: (work) => (owner.alive ? scheduled('a transaction', () => whole(real.transaction(work))) : never()),
    exclusively: (lock, work) => (owner.alive ? scheduled('under a session lock', () => whole(real.exclusively(lock, work))) : never()),
    listen: (_channel, onWake) => shared.listen(owner, onWake),
    close: async () => undefined,
  };
}
