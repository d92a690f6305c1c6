/**
 * The scheduler of a simulated history. Whatever can happen next lies here as a task: a message that could arrive, a
 * statement that could be run, a step of a device that could be written to its disk. One at a time is chosen by the dice and
 * runs until nothing moves any more. So every interleaving comes from the seed, and the same seed gives the same history.
 *
 * Time is virtual. Timers shorter than ten seconds belong to the simulated programs and run on it; longer ones (pools,
 * tokens) belong to the world around and stay real.
 */
import { createHash } from 'node:crypto';
import { type Dice, makeDice } from './dice.ts';

/** Somebody who can be killed. What a dead one had still to do never happens. */
export interface Owner {
  readonly name: string;
  alive: boolean;
}
interface Task {
  readonly label: string;
  readonly owner: Owner | undefined;
  /** How many turns of the event loop its consequences may take to show. */
  readonly turns: number;
  /** Likes to let others go first, so that what it holds is held for long. */
  readonly slow: boolean;
  readonly run: () => Promise<void> | void;
}
interface Timer {
  at: number;
  readonly every: number | undefined;
  readonly run: () => void;
  /** What callers expect of a timer of Node; virtual ones hold no process. */
  unref(): Timer;
}

/** A promise that somebody else settles. */
export interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (cause: Error) => void;
}
export function deferred<Value>(): Deferred<Value> {
  let [resolve, reject]: [Deferred<Value>['resolve'], Deferred<Value>['reject']] = [() => undefined, () => undefined];
  const promise = new Promise<Value>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Requests pass through several turns of the event loop inside Fastify before they ask the database for anything. */
const SERVER_TURNS = 3;
const TIMER_MS_MAX = 10_000;
/** Longer than any simulated program waits before it looks by itself. */
const LONGEST_POLL_MS = 2_100;
/** Write ids and epochs of the server, and what is named after the content of an inbox entry, which tells of them. */
const BY_CHANCE = /s-[0-9a-f-]{36}|refused-[\w-]{22}|\b[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{32}\b/g;

/** In percent: how often a slow task lets another one go first. */
const SLOWNESS = 92;
const START = Date.UTC(2026, 0, 5, 14);

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

export class Kernel {
  readonly dice: Dice;
  /** What happened, one line a step; kept only where somebody wants to read it. */
  readonly trace: string[] | undefined;
  steps = 0;
  /** Counts what shows that something is still going on: requests, frames, writes of devices. */
  activity = 0;
  readonly #hash = createHash('sha256');
  readonly #names = new Map<string, string>();
  #tasks: Task[] = [];
  #timers: Timer[] = [];
  #now = 0;
  #failure: Error | undefined;

  constructor(seed: number, keepTrace = false) {
    this.dice = makeDice(seed);
    this.trace = keepTrace ? [] : undefined;
  }

  /** Virtual milliseconds since the beginning of the history. */
  get now(): number {
    return this.#now;
  }
  /** The true time of the simulated world; clocks of devices and servers go wrong relative to it. */
  get instant(): number {
    return START + this.#now;
  }

  /** Adds something that may happen from now on. */
  post(
    label: string,
    run: Task['run'],
    { owner, server = false, slow = false }: { owner?: Owner; server?: boolean; slow?: boolean } = {},
  ): void {
    this.#tasks.push({ label, owner, run, slow, turns: server ? SERVER_TURNS : 1 });
  }
  /** Resolves when the scheduler lets its caller go on; never when the caller was killed. */
  turn(owner: Owner, label: string): Promise<void> {
    return new Promise((resolve) => this.post(label, resolve, { owner }));
  }
  after(milliseconds: number, run: () => void, owner?: Owner): void {
    this.#startTimer(milliseconds, undefined, () => owner?.alive !== false && run());
  }
  #startTimer(milliseconds: number, every: number | undefined, run: () => void): Timer {
    const timer: Timer = { at: this.#now + milliseconds, every, run, unref: () => timer };
    this.#timers.push(timer);
    return timer;
  }
  /** An error that no simulated program may have; ends the history. */
  fail(error: Error): void {
    this.#failure ??= error;
  }

  /** Says more about what happened, to whoever reads the trace. */
  remark(line: () => string): void {
    this.trace?.push(`       ${line()}`);
  }
  /** Writes down what happened. Ids that hang on chance are named in the order of their appearance. */
  note(line: string): void {
    const text = line.replaceAll(BY_CHANCE, (id) => {
      const known = this.#names.get(id) ?? `#${this.#names.size + 1}`;
      this.#names.set(id, known);
      return known;
    });
    this.#hash.update(`${text}\n`);
    this.trace?.push(`${String(this.steps).padStart(5)}  ${text}`);
  }
  /** Fingerprint of the whole history; the same seed gives the same one. */
  fingerprint(): string {
    return this.#hash.copy().digest('hex').slice(0, 16);
  }

  async #settle(turns: number): Promise<void> {
    for (let quiet = 0; quiet < turns; quiet += 1) {
      const [tasks, activity] = [this.#tasks.length, this.activity];
      await turn();
      if (this.#tasks.length !== tasks || this.activity !== activity) quiet = -1;
    }
    if (this.#failure) throw this.#failure;
  }

  /** Lets one thing happen. False when nothing can. */
  async step(): Promise<boolean> {
    this.#tasks = this.#tasks.filter((task) => task.owner?.alive !== false);
    if (this.#tasks.length === 0) return false;
    let at = this.dice.below(this.#tasks.length);
    if (this.#tasks[at]?.slow && this.dice.chance(SLOWNESS)) at = this.dice.below(this.#tasks.length);
    const [task] = this.#tasks.splice(at, 1);
    if (!task) return false;
    this.steps += 1;
    this.note(task.label);
    await task.run();
    await this.#settle(task.turns);
    return true;
  }

  /** Lets time pass; timers that are due run in order. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      const next = this.#timers.reduce<Timer | undefined>((least, timer) => (least && least.at <= timer.at ? least : timer), undefined);
      if (!next || next.at > end) break;
      this.#now = Math.max(this.#now, next.at);
      if (next.every === undefined) this.#timers.splice(this.#timers.indexOf(next), 1);
      // Once, however long it was: what is done at an interval is not done twice at the end of a long wait.
      else next.at = end + next.every;
      next.run();
      await this.#settle(SERVER_TURNS);
    }
    this.#now = end;
  }

  /** Lets everything happen that can happen now. Throws when there is no end to it. */
  async drain(stepsMax: number): Promise<void> {
    const end = this.steps + stepsMax;
    while (await this.step()) if (this.steps > end) throw new Error(`does not come to rest within ${stepsMax} steps`);
  }
  /** Until time brings nothing new either. Polls go on for ever and count as nothing. */
  async rest(stepsMax: number): Promise<void> {
    const end = this.steps + stepsMax;
    for (let before = -1; before !== this.activity; ) {
      before = this.activity;
      await this.drain(end - this.steps);
      await this.pass(LONGEST_POLL_MS);
      await this.drain(end - this.steps);
    }
  }

  /** Puts virtual timers in the place of the runtime's until the returned function is called. */
  takeTimers(): () => void {
    const own = { setTimeout, setInterval, clearTimeout, clearInterval, now: Date.now };
    const clear = (original: (timer: never) => void) => (timer: unknown) => {
      const at = this.#timers.indexOf(timer as Timer);
      if (at >= 0) this.#timers.splice(at, 1);
      else original(timer as never);
    };
    Object.assign(globalThis, {
      setTimeout: (run: (...args: unknown[]) => void, ms = 0, ...rest: unknown[]) =>
        ms >= TIMER_MS_MAX ? own.setTimeout(run, ms, ...rest) : this.#startTimer(ms, undefined, () => run(...rest)),
      setInterval: (run: () => void, ms = 0) => this.#startTimer(ms, ms, run),
      clearTimeout: clear(own.clearTimeout),
      clearInterval: clear(own.clearInterval),
    });
    Date.now = () => this.instant;
    return () => {
      const { now, ...timers } = own;
      Object.assign(globalThis, timers);
      Date.now = now;
      this.#timers = [];
      this.#tasks = [];
    };
  }
}
