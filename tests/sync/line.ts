/**
 * A model of what renderer/sync/{replicate,heal}.ts add to RxDB for one collection: the gate, resyncs that are not lost,
 * frames that wait for pushes, records that were skipped and are pulled again, and healing after a restore. What needs no
 * storage (gate, turnstile, flights, frames, what need not be asked for) is the real thing.
 */
import type { Checkpoint, LostAnswer, PullAnswer, PushRow, StreamFrame, WireDocument } from '../../domain/protocol/protocol.ts';
import { isWithdrawn, withdrawnStub } from '../../domain/access/withdrawn.ts';
import type { Entity } from '../../domain/entity/entity.ts';
import { readMark, writeMark } from '../../domain/protocol/mark.ts';
import { readPositions } from '../../domain/protocol/positions.ts';
import type { Heads } from '../../domain/protocol/heads.ts';
import { makeFlights } from '../../renderer/sync/flights.ts';
import type { Gate } from '../../renderer/sync/gate.ts';
import { makeFrames } from '../../renderer/sync/live-frames.ts';
import { makeNewest } from '../../renderer/sync/newest.ts';
import { makeStill } from '../../renderer/sync/still.ts';
import type { Kernel, Owner } from './kernel.ts';
import { Unreachable } from './network.ts';
import { type Batches, type Fork, Replica, type ReplicaDisk, emptyReplicaDisk } from './replica.ts';
import type { Answer } from './sim-server.ts';

/** What one collection keeps over restarts. */
export interface LineDisk {
  readonly replica: ReplicaDisk;
  /** By id: the write id that waits to be sent. `life` tells marks of before a crash. */
  readonly marks: Map<string, { readonly w: string; readonly life: number; readonly at: number }>;
  again: { readonly from: Checkpoint | undefined } | undefined;
  epochs: readonly string[];
  served: Served;
  /** The version in which its records were pulled; undefined before the first start. */
  version: number | undefined;
}
/** As renderer/sync/served.ts keeps it. */
interface Served {
  readonly scopes: readonly string[];
  readonly looked?: { readonly after: Checkpoint | undefined; readonly upTo: Checkpoint };
}
export const emptyLineDisk = (): LineDisk => ({
  replica: emptyReplicaDisk(),
  marks: new Map(),
  again: undefined,
  epochs: [],
  served: { scopes: [] },
  version: undefined,
});

export interface LineParts {
  readonly kernel: Kernel;
  readonly owner: Owner;
  readonly life: number;
  readonly entity: Entity;
  readonly disk: LineDisk;
  readonly batches: Batches;
  readonly gate: Gate;
  /** The turnstile of the pushes of this device. */
  readonly pushing: <Result>(work: () => Promise<Result>) => Promise<Result>;
  readonly request: (method: 'GET' | 'POST', path: string, body?: unknown) => Promise<Answer>;
  /** A request was not answered: the whole connection is lost. */
  readonly lost: () => void;
  readonly adopted: (before: WireDocument | undefined, after: WireDocument) => void;
}

const RESYNC_CHECK = 250;
const EPOCHS_KEPT = 8;
/** Longest that a commit may take between its mark and its write, in milliseconds. */
const MARK_SETTLED = 10_000;
const SCOPES_MAX = 16;

const isSame = (a: Checkpoint | undefined, b: Checkpoint | undefined): boolean => a?.lwt === b?.lwt && a?.id === b?.id;
const servedBy = (id: string): string => writeMark({ epoch: readMark(id).epoch, scope: readMark(id).scope });

const earlier = (a: Checkpoint | undefined, b: Checkpoint | undefined): Checkpoint | undefined =>
  a && b ? (a.lwt <= b.lwt ? a : b) : undefined;
/** The server was put back; what both have ends at `until`. */
class HistoryChanged extends Error {
  readonly epoch: string;
  readonly until: number;
  constructor(epoch: string, until: number) {
    super('the server was put back');
    this.epoch = epoch;
    this.until = until;
  }
}
function bodyOf<Body>({ status, body }: Answer): Body {
  if (status === 200) return body as Body;
  if (status === 409) {
    const { epoch, until } = body as { epoch: string; until: number };
    throw new HistoryChanged(epoch, until);
  }
  if (status === 503) throw new Unreachable('the server is busy');
  throw new Error(`a device was answered ${status}: ${JSON.stringify(body)}`);
}

export class Line {
  readonly replica: Replica;
  readonly #parts: LineParts;
  readonly #flights = makeFlights();
  /** True until the pull is sent that covers everything before it. */
  #founded: Promise<void> = Promise.resolve();
  #due = true;
  #watching = 0;
  #rewind: { readonly from: Checkpoint | undefined } | undefined;
  #skipped: { readonly from: Checkpoint | undefined; readonly ids: Set<string> } | undefined;
  /** By id: the write that the server answered with another state, until that state is in its place. */
  readonly #replaced = new Map<string, unknown>();
  /** By id: what the server is known to hold since its answer to a push, until that is noted. */
  readonly #answers = new Map<string, WireDocument>();
  #clearing: Promise<void> = Promise.resolve();
  /** How many pulls were sent that cover everything before them. */
  #pulls = 0;
  /** The real things too. */
  readonly #newest = makeNewest();
  readonly #frames = makeFrames<StreamFrame>({
    isDue: () => this.#due,
    pulls: () => this.#pulls,
    before: async (waiting) => {
      await this.replica.activeDown.off();
      await this.#flights.quiet();
      await this.#clearing;
      await this.#noteSkipped(
        waiting.flatMap(({ documents }) => documents),
        this.#parts.disk.replica.down,
      );
      await this.replica.activeUp.off();
    },
    isFree: () => !this.replica.activeUp.on && !this.replica.activeDown.on,
    give: (fresh) => {
      const last = fresh.at(-1);
      const documents = fresh.flatMap((frame) => this.#newest.in(frame.documents, frame.checkpoint));
      if (last && documents.length > 0) this.replica.frame({ documents, checkpoint: last.checkpoint });
    },
  });
  /** And what the opening of the stream told. */
  readonly #still: ReturnType<typeof makeStill>;
  #left: Checkpoint | undefined;
  /** Epoch and scope of the last answered pull. */
  #current: string | undefined;
  #answered: WireDocument[] = [];
  /** As seen in this life; on the disk are those of which everything is written. */
  #epochs: readonly string[];
  #healing: Promise<void> | undefined;
  #heals = 0;

  constructor(parts: LineParts) {
    this.#parts = parts;
    // As renderer/sync/rewind.ts: what the server had kept from the older version comes with all the rest once more.
    if (parts.disk.version !== undefined && parts.disk.version !== parts.entity.version) parts.disk.again = { from: undefined };
    parts.disk.version = parts.entity.version;
    this.#rewind = parts.disk.again;
    this.#epochs = parts.disk.epochs;
    this.#still = makeStill(parts.entity.collection);
    this.replica = new Replica(parts.disk.replica, {
      batches: parts.batches,
      turn: (label) => this.#turn(label),
      pull: (after, limit) => this.#pull(after, limit),
      push: (rows) => this.#push(rows),
      noted: (states) => {
        const replaced = states.flatMap(({ id }) => {
          const w = this.#replaced.get(id);
          return w !== undefined && this.#replaced.delete(id) ? [{ id, w, _deleted: false }] : [];
        });
        this.#clear(() => this.#unmark([...states, ...replaced]));
        for (const { id } of states) {
          this.#answers.delete(id);
          this.#flights.noted(id);
        }
      },
      adopted: parts.adopted,
      failed: (error) => parts.kernel.fail(error),
    });
  }

  #turn(label: string): Promise<void> {
    const { kernel, owner, entity } = this.#parts;
    return kernel.turn(owner, `${owner.name} ${label} (${entity.collection})`);
  }
  get #at(): string {
    return `/sync/${this.#parts.entity.collection}/${this.#parts.entity.version}`;
  }
  get #marks(): LineDisk['marks'] {
    return this.#parts.disk.marks;
  }

  opened(heads: Heads | undefined): void {
    this.#still.opened(heads);
  }
  start(): void {
    this.replica.start();
    this.#founded = this.#noteBuiltOn();
    this.#founded.then(() => this.#sendPassedOver()).catch((error: Error) => this.#parts.kernel.fail(error));
  }
  get #waiting(): Fork[] {
    return [...this.#marks].flatMap(([id, { w }]) => {
      const fork = this.#parts.disk.replica.fork.get(id);
      return fork?.doc['w'] === w ? [fork] : [];
    });
  }
  /** As renderer/sync/waiting-marks.ts: what the edits that wait were built on, and was not noted any more. */
  async #noteBuiltOn(): Promise<void> {
    if (this.replica.unnoted(this.#waiting).length === 0) return;
    await this.#turn('notes what the edits that wait were built on');
    this.replica.noteAs(this.replica.unnoted(this.#waiting));
  }
  /** As renderer/sync/waiting-marks.ts: what waits, and a killed RxDB has passed over. */
  async #sendPassedOver(): Promise<void> {
    const passed = this.replica.passedOver().filter(({ doc }) => this.#marks.get(doc.id)?.w === doc['w']);
    if (passed.length === 0) return;
    await this.#turn('writes again what was passed over');
    this.replica.write(
      passed.map((fork) => ({ previous: fork, doc: fork.doc, builtOn: fork.builtOn })),
      false,
    );
  }
  resync(): void {
    this.#due = true;
    this.replica.resync();
    this.#watch();
  }
  #watch(): void {
    const watch = (this.#watching += 1);
    this.#parts.kernel.after(
      RESYNC_CHECK,
      () => {
        if (!this.#due || watch !== this.#watching) return;
        if (this.replica.activeUp.on || this.replica.activeDown.on) this.#watch();
        else this.resync();
      },
      this.#parts.owner,
    );
  }

  /** Tries until it goes through, waiting at the gate. */
  async #persist<Result>(
    request: () => Promise<Result>,
    rest: (waiting: Promise<void>) => Promise<void> = (waiting) => waiting,
  ): Promise<Result> {
    for (;;) {
      if (!this.#parts.gate.isOpen()) await rest(this.#parts.gate.passed());
      try {
        return await request();
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
        this.#parts.lost();
      }
    }
  }

  #claim(): string {
    const epochs = this.#epochs;
    if (epochs.length === 0) return '';
    const upTo = this.#parts.disk.replica.down;
    const counts = readMark(upTo?.id ?? '').epoch === epochs[0] && !(this.#left?.lwt === upTo?.lwt && this.#left?.id === upTo?.id);
    return `${counts ? (upTo?.lwt ?? 0) : 0}.${epochs.join(',')}`;
  }
  async #beginEpochs(id: string): Promise<void> {
    const { epoch } = readMark(id);
    if (this.#parts.disk.epochs.length > 0 || epoch === '') return;
    if (this.#epochs.length === 0) this.#epochs = [epoch];
    await this.#keepEpochs();
  }
  async #keepEpochs(): Promise<void> {
    const [seen, { disk }] = [this.#epochs, this.#parts];
    if (disk.epochs === seen) return;
    await this.#turn('notes the epoch');
    disk.epochs = seen;
  }
  async #within<Result>(request: (claim: string) => Promise<Result>, rest?: (waiting: Promise<void>) => Promise<void>): Promise<Result> {
    for (;;) {
      await this.#healing;
      const before = this.#heals;
      try {
        const claim = this.#claim();
        const answer = await this.#persist(() => request(claim), rest);
        if (this.#heals === before) return answer;
      } catch (error) {
        if (!(error instanceof HistoryChanged)) throw error;
        this.#healing ??= this.#heal(error).finally(() => {
          this.#healing = undefined;
        });
        await this.#healing;
      }
    }
  }

  async #heal({ epoch, until }: HistoryChanged): Promise<void> {
    this.#due = true;
    this.#heals += 1;
    await this.#founded;
    await this.replica.written();
    const { assumed, fork } = this.#parts.disk.replica;
    const isState = (state: WireDocument): boolean =>
      typeof state['w'] === 'string' && state['w'] !== '' && !state['w'].startsWith('refused-') && !isWithdrawn(state);
    const noted = [...assumed.values()].map(({ state }): [string, WireDocument] => [state.id, state]);
    const pulled = [...fork.values()].filter(({ fromMaster }) => fromMaster).map(({ doc }): [string, WireDocument] => [doc.id, doc]);
    const held = [...new Map([...noted, ...pulled, ...this.#answers]).values()].filter(isState);
    const known = new Set(held.map(({ id }) => id));
    const unnoted = [...fork.values()].map(({ doc }) => doc).filter((doc) => !known.has(doc.id) && isState(doc));
    const states = [...held, ...unnoted].map(({ id, w }) => ({ id, w: String(w) }));
    if (states.length > 0) {
      const ask = async (about: typeof states): Promise<LostAnswer> => {
        const request = (): Promise<Answer> => this.#parts.request('POST', `${this.#at}/known`, { until, states: about });
        const answer = await this.#persist(async () => bodyOf<LostAnswer>(await request()));
        await this.#holds(answer.scope);
        return answer;
      };
      const { lost, hidden } = await ask(states);
      const byId = new Map(held.map((state) => [state.id, state]));
      const rows = lost.flatMap(({ id, base }): PushRow[] => {
        const mine = byId.get(id);
        return mine ? [{ newDocumentState: mine, ...(base ? { assumedMasterState: base } : {}) }] : [];
      });
      for (let start = 0; start < rows.length; start += this.#parts.batches.push) {
        const part = rows.slice(start, start + this.#parts.batches.push);
        const answer = await this.#persist(async () =>
          bodyOf<WireDocument[]>(await this.#parts.pushing(() => this.#parts.request('POST', `${this.#at}/push?history=`, part))),
        );
        this.#answered.push(...answer);
      }
      const offered = rows.map(({ newDocumentState: { id, w } }) => ({ id, w: String(w) }));
      const since = offered.length > 0 ? (await ask(offered)).hidden : [];
      this.#answered.push(...[...hidden, ...since].map((id) => withdrawnStub(this.#parts.entity, id, 0)));
    }
    await this.#startOver();
    this.#left = this.#parts.disk.replica.down;
    this.#epochs = [epoch, ...this.#epochs.filter((one) => one !== epoch)].slice(0, EPOCHS_KEPT);
  }

  async #keepRewind(): Promise<void> {
    const [due, skipped] = [this.#rewind, this.#skipped];
    const floor = due && skipped ? { from: earlier(due.from, skipped.from) } : (due ?? (skipped ? { from: skipped.from } : undefined));
    const { disk } = this.#parts;
    if (disk.again?.from?.lwt === floor?.from?.lwt && (disk.again === undefined) === (floor === undefined)) return;
    await this.#turn('notes where to pull from');
    disk.again = floor;
  }
  async #startOver(): Promise<void> {
    this.#rewind = { from: undefined };
    await this.#keepRewind();
    this.resync();
  }
  /** Remembers those of these documents that RxDB will skip, because they have an unsent edit here. */
  async #noteSkipped(documents: readonly WireDocument[], from: Checkpoint | undefined): Promise<void> {
    const ids = documents.map(({ id }) => id).filter((id) => this.#marks.has(id));
    if (ids.length === 0) return;
    const before = this.#skipped;
    this.#skipped = { from: before ? earlier(before.from, from) : from, ids: new Set([...(before?.ids ?? []), ...ids]) };
    await this.#keepRewind();
  }
  #isRipe(): boolean {
    if (!this.#skipped || [...this.#skipped.ids].some((id) => this.#marks.has(id))) return false;
    this.#rewind = { from: this.#rewind ? earlier(this.#rewind.from, this.#skipped.from) : this.#skipped.from };
    this.#skipped = undefined;
    return true;
  }

  #clear(work: () => Promise<void>): void {
    this.#clearing = this.#clearing.then(async () => {
      await work();
      if (this.#isRipe()) this.resync();
    });
    this.#clearing.catch((error: Error) => this.#parts.kernel.fail(error));
  }
  async #unmark(states: readonly WireDocument[]): Promise<void> {
    const done = states.filter(({ id, w }) => this.#marks.get(id)?.w === w);
    if (done.length === 0) return;
    await this.#turn('clears waiting marks');
    for (const { id, w } of done) if (this.#marks.get(id)?.w === w) this.#marks.delete(id);
  }
  /** Marks that a crash left although the server has the write, or although it was never written. */
  async #clearConfirmed(): Promise<void> {
    const { disk, kernel, life } = this.#parts;
    const old = [...disk.marks].filter(([, mark]) => mark.life < life || mark.at + MARK_SETTLED < kernel.now);
    const gone = old.filter(([id, { w }]) => disk.replica.assumed.get(id)?.state['w'] === w || disk.replica.fork.get(id)?.doc['w'] !== w);
    await this.#unmark(gone.map(([id, { w }]) => ({ id, w, _deleted: false })));
  }

  async #keepServed(served: Served): Promise<void> {
    await this.#turn('notes by which rights it was served');
    this.#parts.disk.served = served;
  }
  async #noteServed({ id }: Checkpoint): Promise<void> {
    this.#current = servedBy(id);
    await this.#holds(readMark(id).scope);
  }
  async #holds(scope: string): Promise<void> {
    const { served } = this.#parts.disk;
    if (scope === '' || served.scopes.includes(scope)) return;
    await this.#keepServed({ ...served, scopes: [...served.scopes, scope].slice(-SCOPES_MAX) });
  }
  async #settleServed(upTo: Checkpoint): Promise<void> {
    const { disk } = this.#parts;
    const stored = disk.replica.down;
    const { scope, change } = readMark(upTo.id);
    if (change) return;
    const looked = !isSame(stored, upTo) && upTo.lwt >= (stored?.lwt ?? 0) ? { looked: { after: stored, upTo } } : {};
    const next: Served = { scopes: scope === '' ? [] : [scope], ...looked };
    if (JSON.stringify(next) !== JSON.stringify(disk.served)) await this.#keepServed(next);
  }

  async #caughtUp(upTo: Checkpoint): Promise<void> {
    await this.replica.activeDown.off();
    if (this.#rewind) return;
    await this.#keepRewind();
    await this.#settleServed(upTo);
    if (this.#answered.length === 0) await this.#keepEpochs();
    this.#clear(() => this.#clearConfirmed());
    await this.#clearing;
  }

  async #ask(
    checkpoint: Checkpoint | undefined,
    limit: number,
    history: string,
  ): Promise<{ from: Checkpoint | undefined; answer: PullAnswer }> {
    const { served } = this.#parts.disk;
    const asked = served.looked && isSame(served.looked.after, checkpoint) ? served.looked.upTo : checkpoint;
    const start = this.#rewind ? earlier(this.#rewind.from, asked) : asked;
    if (start !== asked && served.looked) await this.#keepServed({ scopes: served.scopes });
    this.#due = false;
    this.#pulls += 1;
    const held = served.scopes.filter((scope) => scope !== readMark(start?.id ?? '').scope);
    const found = this.#still.pull({ start, held, claim: history });
    if (found) return { from: start, answer: { documents: [], checkpoint: found } };
    const query = new URLSearchParams({ lwt: String(start?.lwt ?? 0), id: start?.id ?? '', limit: String(limit), history });
    if (held.length > 0) query.set('held', held.join(','));
    return { from: start, answer: bodyOf<PullAnswer>(await this.#parts.request('GET', `${this.#at}/pull?${query}`)) };
  }

  async #pull(checkpoint: Checkpoint | undefined, limit: number): Promise<PullAnswer> {
    const adopted: WireDocument[] = [];
    const { from, answer, documents } = await this.#flights.behind(
      async () => {
        const page = await this.#within((history) => this.#ask(checkpoint, limit, history));
        if (this.#rewind && earlier(this.#rewind.from, page.from) === page.from) this.#rewind = undefined;
        await this.#beginEpochs(page.answer.checkpoint.id);
        this.#parts.gate.wake();
        this.#newest.pulled(page.answer.checkpoint);
        await this.#noteServed(page.answer.checkpoint);
        adopted.push(...this.#answered.splice(0));
        return { ...page, documents: [...adopted, ...page.answer.documents] };
      },
      async ({ from: start }) => {
        this.#rewind = { from: this.#rewind ? earlier(this.#rewind.from, start) : start };
        await this.#keepRewind();
      },
    );
    await this.#noteSkipped(documents, from);
    if (answer.documents.length < limit) this.#caughtUp(answer.checkpoint).catch((error: Error) => this.#parts.kernel.fail(error));
    return { documents, checkpoint: answer.checkpoint };
  }

  async #push(due: readonly PushRow[]): Promise<readonly WireDocument[]> {
    const flight = this.#flights.begin(due.map(({ newDocumentState }) => newDocumentState.id));
    await this.#founded;
    const rows = await this.replica.based(due);
    const { gate } = this.#parts;
    const { disk } = this.#parts;
    if (disk.epochs.length === 0) await flight.rest(gate.until(() => disk.epochs.length > 0));
    const { conflicts, positions } = await this.#within(
      async (claim) => {
        const answer = await this.#parts.pushing(() =>
          this.#parts.request('POST', `${this.#at}/push?history=${encodeURIComponent(claim)}`, rows),
        );
        return { conflicts: bodyOf<WireDocument[]>(answer), positions: readPositions(answer.positions, rows.length) };
      },
      (waiting) => flight.rest(waiting),
    );
    this.#newest.pushed(rows, positions);
    const answered = new Set(conflicts.map(({ id }) => id));
    const states = rows.map((row) => row.newDocumentState);
    for (const { id, w } of states) if (answered.has(id)) this.#replaced.set(id, w);
    for (const state of [...states, ...conflicts]) this.#answers.set(state.id, state);
    if (conflicts.some(isWithdrawn)) await this.#startOver();
    flight.landed((late) => {
      for (const id of late) this.#answers.delete(id);
      void this.#noteTaken(states.filter(({ id }) => late.includes(id) && !answered.has(id)));
    });
    return conflicts;
  }

  /** As renderer/sync/waiting-marks.ts: what RxDB dropped because something else was noted meanwhile. */
  async #noteTaken(taken: readonly WireDocument[]): Promise<void> {
    const { kernel, owner } = this.#parts;
    if (!owner.alive || taken.length === 0) return;
    kernel.activity += 1;
    await this.#turn('notes what RxDB did not note');
    this.replica.noteTaken(taken);
  }

  async frame(frame: StreamFrame): Promise<void> {
    this.#still.moved();
    // Another scope or epoch than the last pull's says that a pull is due before anything else.
    if (this.#current !== undefined && this.#current !== servedBy(frame.checkpoint.id)) return this.resync();
    if (frame.documents.length > 0) await this.#frames.take(frame);
  }
}
