/**
 * A model of RxDB 17.6's replication protocol (rxdb/src/replication-protocol/{upstream,downstream,conflicts}.ts) on a disk
 * that survives the death of its device. Each write to the disk is a turn of the scheduler, so that a device can be killed,
 * and its user can write, between any two of them. Kept honest by tests/sync/real-client.test.ts.
 *
 * Left out: `isResolvedConflict`. RxDB notes there the revision that it meant to write for a resolved conflict, but its wrapped
 * storage gives every write a revision of its own, so the two are never the same and the note has no effect.
 */
import type { Checkpoint, PushRow, WireDocument } from '../../domain/protocol/protocol.ts';
import { sameValue } from '../../domain/record/overlay.ts';

/** A document of the collection as RxDB stores it. */
export interface Fork {
  readonly doc: WireDocument;
  /** Grows with every write of this document, as RxDB's revision does. */
  readonly rev: number;
  /** Place in the order of this device's writes, as `_meta.lwt`. */
  readonly place: number;
  /** Written by the downstream, as `_meta.o` says. */
  readonly fromMaster: boolean;
  /** As renderer/data/built-on.ts keeps it. */
  readonly builtOn?: BuiltOn | undefined;
}
interface BuiltOn {
  readonly state: WireDocument;
  readonly since: readonly string[];
}
/** What an edit of this keeps; `waits`: it is itself one that was not answered. */
export function builtOver({ doc, fromMaster, builtOn }: Fork, waits: boolean): BuiltOn | undefined {
  if (fromMaster) return { state: doc, since: [] };
  return waits && builtOn ? { ...builtOn, since: [...builtOn.since, String(doc['w'])] } : undefined;
}
interface Row {
  readonly previous: Fork | undefined;
  readonly doc: WireDocument;
  readonly builtOn?: BuiltOn | undefined;
}
/** What the server is assumed to hold of a document. */
interface Assumed {
  readonly state: WireDocument;
  readonly version: number;
}
export interface ReplicaDisk {
  readonly fork: Map<string, Fork>;
  readonly assumed: Map<string, Assumed>;
  places: number;
  down: Checkpoint | undefined;
  up: number;
}
export const emptyReplicaDisk = (): ReplicaDisk => ({ fork: new Map(), assumed: new Map(), places: 0, down: undefined, up: 0 });

export interface Batches {
  readonly pull: number;
  readonly push: number;
}
export interface ReplicaPorts {
  readonly batches: Batches;
  /** Lets the scheduler go elsewhere before a write. */
  turn(label: string): Promise<void>;
  pull(after: Checkpoint | undefined, limit: number): Promise<{ documents: readonly WireDocument[]; checkpoint: Checkpoint }>;
  push(rows: readonly PushRow[]): Promise<readonly WireDocument[]>;
  /** These states are now noted as what the server holds. */
  noted(states: readonly WireDocument[]): void;
  /** An error that no device may have. */
  failed(error: Error): void;
  /** A state of the server has replaced what was on this device. */
  adopted(before: WireDocument | undefined, after: WireDocument): void;
}

/** As in renderer/data/desk.ts. */
export const sameState = (a: WireDocument, b: WireDocument): boolean =>
  a['w'] === b['w'] && a._deleted === b._deleted && a['modifiedAt'] === b['modifiedAt'];
const sameWhole = (a: WireDocument, b: WireDocument): boolean => sameState(a, b) && sameValue(a, b);

interface Written {
  readonly forks: readonly Fork[];
  readonly fromMaster: boolean;
  readonly place: number;
}
interface UpTask {
  readonly task: Written | 'resync';
  readonly time: number;
}
interface Frame {
  readonly documents: readonly WireDocument[];
  readonly checkpoint: Checkpoint;
}
interface DownTask {
  readonly task: Frame | 'resync';
  readonly time: number;
}

/** True or false, and who waits for it to become false. */
class Flag {
  #on = false;
  #waiters: (() => void)[] = [];
  get on(): boolean {
    return this.#on;
  }
  set(on: boolean): void {
    this.#on = on;
    if (on) return;
    for (const go of this.#waiters.splice(0)) go();
  }
  async off(): Promise<void> {
    if (this.#on) await new Promise<void>((go) => this.#waiters.push(go));
  }
}

const PUSHES_AHEAD = 3;

export class Replica {
  readonly disk: ReplicaDisk;
  readonly activeUp = new Flag();
  readonly activeDown = new Flag();
  readonly #ports: ReplicaPorts;
  #upTime = 0;
  #initialStart = -1;
  #upTasks: UpTask[] = [];
  #upQueue: Promise<void> = Promise.resolve();
  #upPersist: Promise<boolean> = Promise.resolve(false);
  #upOpen: { docs: Map<string, Fork>; checkpoint: number | undefined } = { docs: new Map(), checkpoint: undefined };
  #downTime = 0;
  #lastPull = -1;
  #downTasks: DownTask[] = [];
  #downQueue: Promise<void> = Promise.resolve();
  #downPersist: Promise<void> = Promise.resolve();
  #noting: Promise<void> = Promise.resolve();
  /** Checkpoints are stored one after the other, not awaited, and read only when none is on its way. */
  #checkpoints: Promise<void> = Promise.resolve();
  #downOpen: { docs: Map<string, WireDocument>; checkpoint: Checkpoint | undefined } = { docs: new Map(), checkpoint: undefined };

  constructor(disk: ReplicaDisk, ports: ReplicaPorts) {
    this.disk = disk;
    this.#ports = ports;
  }

  start(): void {
    this.#upQueue = this.#upQueue.then(() => this.#initialUp()).then(() => this.#processUp(), this.#ports.failed);
    this.#addDown('resync');
  }
  resync(): void {
    this.#upTasks.push({ task: 'resync', time: (this.#upTime += 1) });
    this.#processUp();
    void this.activeUp.off().then(() => this.#addDown('resync'));
  }
  frame(frame: Frame): void {
    void this.activeUp.off().then(() => this.#addDown(frame));
  }

  /** A write to the collection, whoever wrote. Answers those whose revision was no longer the stored one. */
  write(rows: readonly Row[], fromMaster: boolean): Set<string> {
    const refused = new Set<string>();
    const forks: Fork[] = [];
    for (const { previous, doc, builtOn } of rows) {
      const stored = this.disk.fork.get(doc.id);
      if (stored?.rev !== previous?.rev) {
        refused.add(doc.id);
        continue;
      }
      this.disk.places += 1;
      const fork = { doc, rev: (stored?.rev ?? 0) + 1, place: this.disk.places, fromMaster, builtOn };
      this.disk.fork.set(doc.id, fork);
      forks.push(fork);
    }
    if (forks.length > 0) {
      this.#upTasks.push({ task: { forks, fromMaster, place: this.disk.places }, time: (this.#upTime += 1) });
      if (!this.activeUp.on) this.activeUp.set(true);
      this.#processUp();
    }
    return refused;
  }

  #remember(label: string, write: () => void): void {
    this.#checkpoints = this.#checkpoints.then(() => this.#ports.turn(label)).then(write, this.#ports.failed);
  }

  async #initialUp(): Promise<void> {
    await this.#checkpoints;
    let last = this.disk.up;
    const pushes = new Set<Promise<boolean>>();
    const all: Promise<boolean>[] = [];
    for (;;) {
      this.#initialStart = this.#upTime += 1;
      if (pushes.size > PUSHES_AHEAD) await Promise.race(pushes);
      const due = [...this.disk.fork.values()].filter(({ place }) => place > last).sort((a, b) => a.place - b.place);
      const page = due.slice(0, this.#ports.batches.push);
      const end = page.at(-1);
      if (!end) break;
      last = end.place;
      const push = this.#persistToMaster(page, last);
      all.push(push);
      pushes.add(push);
      void push.then(() => pushes.delete(push));
    }
    if ((await Promise.all(all)).includes(true)) await this.#initialUp();
  }

  #processUp(): void {
    if (this.#upTasks.length === 0) {
      this.activeUp.set(false);
      return;
    }
    this.activeUp.set(true);
    this.#upQueue = this.#upQueue.then(async () => {
      const forks: Fork[] = [];
      let place: number | undefined;
      for (let next = this.#upTasks.shift(); next; next = this.#upTasks.shift()) {
        if (next.time < this.#initialStart) continue;
        if (next.task === 'resync') {
          this.activeUp.set(false);
          await this.#initialUp();
          return;
        }
        if (!next.task.fromMaster) forks.push(...next.task.forks);
        place = next.task.place;
      }
      await this.#persistToMaster(forks, place);
      if (this.#upTasks.length === 0) this.activeUp.set(false);
      else this.#processUp();
    });
    this.#upQueue.catch(this.#ports.failed);
  }

  #persistToMaster(forks: readonly Fork[], checkpoint: number | undefined): Promise<boolean> {
    for (const fork of forks) this.#upOpen.docs.set(fork.doc.id, fork);
    this.#upOpen.checkpoint = checkpoint;
    this.#upPersist = this.#upPersist.then(async () => {
      const { docs, checkpoint: upTo } = this.#upOpen;
      this.#upOpen = { docs: new Map(), checkpoint: upTo };
      const remember = (): void => {
        if (upTo === undefined) return;
        this.#remember('stores how far it has sent', () => {
          this.disk.up = upTo;
        });
      };
      const rows = [...docs.values()].flatMap((fork) => {
        const assumed = this.disk.assumed.get(fork.doc.id);
        if (assumed && sameState(assumed.state, fork.doc)) return [];
        return [{ fork, assumed }];
      });
      if (rows.length === 0) {
        remember();
        return false;
      }
      const conflicts = await this.#pushAll(rows);
      const accepted = rows.filter(({ fork }) => !conflicts.has(fork.doc.id));
      if (accepted.length > 0) {
        await this.#ports.turn('notes what the server took');
        this.#note(accepted.map(({ fork, assumed }) => ({ state: fork.doc, was: assumed })));
      }
      const resolved = await this.#takeAnswers(
        rows.filter(({ fork }) => conflicts.has(fork.doc.id)),
        conflicts,
      );
      remember();
      return resolved;
    });
    return this.#upPersist;
  }

  async #pushAll(rows: readonly { readonly fork: Fork; readonly assumed: Assumed | undefined }[]): Promise<Map<string, WireDocument>> {
    const wire = rows.map(
      ({ fork, assumed }): PushRow => ({ newDocumentState: fork.doc, ...(assumed ? { assumedMasterState: assumed.state } : {}) }),
    );
    const batches: PushRow[][] = [];
    for (let start = 0; start < wire.length; start += this.#ports.batches.push)
      batches.push(wire.slice(start, start + this.#ports.batches.push));
    const answers = await Promise.all(batches.map((batch) => this.#ports.push(batch)));
    return new Map(answers.flat().map((document) => [document.id, document]));
  }

  /** The server's states replace what was sent, unless the user has written meanwhile. */
  async #takeAnswers(
    rows: readonly { readonly fork: Fork; readonly assumed: Assumed | undefined }[],
    conflicts: ReadonlyMap<string, WireDocument>,
  ): Promise<boolean> {
    const taken = rows.flatMap(({ fork, assumed }) => {
      const state = conflicts.get(fork.doc.id);
      return state ? [{ previous: fork, doc: state, was: assumed }] : [];
    });
    if (taken.length === 0) return false;
    await this.#ports.turn("writes the server's answers");
    const refused = this.write(taken, false);
    const written = taken.filter(({ doc }) => !refused.has(doc.id));
    for (const { previous, doc } of written) this.#ports.adopted(previous.doc, doc);
    if (written.length === 0) return true;
    await this.#ports.turn("notes the server's answers");
    this.#note(written.map(({ doc, was }) => ({ state: doc, was })));
    return true;
  }

  /** Notes what the server holds; a note that was changed meanwhile stays, as RxDB drops such a conflict. */
  #note(notes: readonly { readonly state: WireDocument; readonly was: Assumed | undefined }[]): void {
    const held: WireDocument[] = [];
    for (const { state, was } of notes) {
      if (this.disk.assumed.get(state.id)?.version !== was?.version) continue;
      this.disk.assumed.set(state.id, { state, version: (was?.version ?? 0) + 1 });
      held.push(state);
    }
    if (held.length > 0) this.#ports.noted(held);
  }

  /** Until all that was pulled is written. */
  written(): Promise<void> {
    return this.#downPersist;
  }

  /** As renderer/sync/push-base.ts: the rows on what is noted, once all is noted that is written. */
  async based(rows: readonly PushRow[]): Promise<readonly PushRow[]> {
    await this.#noting;
    return rows.map((row) => {
      const held = this.disk.assumed.get(row.newDocumentState.id)?.state;
      return held && held['w'] !== row.assumedMasterState?.['w'] ? { ...row, assumedMasterState: held } : row;
    });
  }

  /** What these were built on, where it was not noted any more. */
  unnoted(forks: readonly Fork[]): WireDocument[] {
    return forks.flatMap(({ doc, builtOn }) => {
      const noted = String(this.disk.assumed.get(doc.id)?.state['w']);
      return builtOn && ![builtOn.state['w'], ...builtOn.since, doc['w']].includes(noted) ? [builtOn.state] : [];
    });
  }
  noteAs(states: readonly WireDocument[]): void {
    this.#note(states.map((state) => ({ state, was: this.disk.assumed.get(state.id) })));
  }

  /** What counts as unsent, of that which was gone through before. */
  passedOver(): Fork[] {
    const { fork, assumed, up } = this.disk;
    return [...fork.values()].filter(({ doc, place }) => place <= up && assumed.get(doc.id)?.state['w'] !== doc['w']);
  }

  /** Notes these as what the server holds, where they are still what is here. */
  noteTaken(taken: readonly WireDocument[]): void {
    const missing = taken.filter(({ id, w }) => this.disk.fork.get(id)?.doc['w'] === w && this.disk.assumed.get(id)?.state['w'] !== w);
    this.noteAs(missing);
  }

  #addDown(task: DownTask['task']): void {
    this.#downTasks.push({ task, time: (this.#downTime += 1) });
    this.#downQueue = this.#downQueue
      .then(async () => {
        const use: DownTask['task'][] = [];
        for (let next = this.#downTasks.shift(); next; next = this.#downTasks.shift()) {
          this.activeDown.set(true);
          if (next.time < this.#lastPull) continue;
          if (next.task === 'resync') {
            if (use.length === 0) use.push('resync');
            // One that stands behind frames is lost here, as in RxDB.
            break;
          }
          use.push(next.task);
        }
        if (use[0] === 'resync') return this.#resyncDown();
        const frames = use.filter((one) => one !== 'resync');
        const last = frames.at(-1);
        if (last)
          await this.#persistFromMaster(
            frames.flatMap(({ documents }) => documents),
            last.checkpoint,
          );
      })
      .then(() => this.activeDown.set(false), this.#ports.failed);
  }

  async #resyncDown(): Promise<void> {
    const writes: Promise<void>[] = [];
    await this.#checkpoints;
    for (let last = this.disk.down; ; ) {
      this.#lastPull = this.#downTime += 1;
      const page = await this.#ports.pull(last, this.#ports.batches.pull);
      if (page.documents.length === 0) break;
      last = page.checkpoint;
      writes.push(this.#persistFromMaster(page.documents, last));
      if (page.documents.length < this.#ports.batches.pull) break;
    }
    await Promise.all(writes);
  }

  #persistFromMaster(documents: readonly WireDocument[], checkpoint: Checkpoint): Promise<void> {
    for (const document of documents) this.#downOpen.docs.set(document.id, document);
    this.#downOpen.checkpoint = checkpoint;
    this.#downPersist = this.#downPersist.then(async () => {
      const { docs, checkpoint: upTo } = this.#downOpen;
      this.#downOpen = { docs: new Map(), checkpoint: upTo };
      if (docs.size === 0) return;
      await this.#ports.turn('reads what it holds');
      const seen = [...docs.values()].map((master) => ({
        master,
        fork: this.disk.fork.get(master.id),
        assumed: this.disk.assumed.get(master.id),
      }));
      const rows: { previous: Fork | undefined; doc: WireDocument; was: Assumed | undefined }[] = [];
      const notes: { state: WireDocument; was: Assumed | undefined }[] = [];
      for (const { master, fork, assumed } of seen) {
        const isSent = assumed && fork ? sameState(assumed.state, fork.doc) : false;
        if (fork && !isSent && !fork.fromMaster) continue;
        if (fork && sameWhole(master, fork.doc)) {
          if (!isSent) notes.push({ state: fork.doc, was: assumed });
        } else rows.push({ previous: fork, doc: master, was: assumed });
      }
      let noted = (): void => undefined;
      if (rows.length > 0) {
        await this.#ports.turn('writes what came');
        this.#noting = new Promise((go) => (noted = go));
        const refused = this.write(rows, true);
        for (const { previous, doc, was } of rows) {
          if (refused.has(doc.id)) continue;
          this.#ports.adopted(previous?.doc, doc);
          notes.push({ state: doc, was });
        }
      }
      if (notes.length > 0) {
        await this.#ports.turn('notes what the server holds');
        this.#note(notes);
      }
      noted();
      this.#remember('stores its checkpoint', () => {
        this.disk.down = upTo;
      });
    });
    return this.#downPersist;
  }
}
