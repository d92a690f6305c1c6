/** A simulated device: a disk that survives, and lives of the program that works on it and syncs it. */
import { isWithdrawn } from '../../domain/access/withdrawn.ts';
import type { Heads } from '../../domain/protocol/heads.ts';
import type { WireDocument } from '../../domain/protocol/protocol.ts';
import type { Noun } from '../../domain/record/noun.ts';
import {
  type Decision,
  type Moment,
  changeRecord,
  createRecord,
  deleteRecord,
  restoreRecord,
} from '../../domain/record/record.commands.ts';
import { stepUpFrom } from '../../domain/entity/cast.ts';
import type { AnyDocument, Entity } from '../../domain/entity/entity.ts';
import { hide } from '../../domain/access/field-limits.ts';
import { awaitsNumber, listSeries, numberOf, seriesFor } from '../../domain/record/series.ts';
import { limited, makeGate } from '../../renderer/sync/gate.ts';
import type { Kernel, Owner } from './kernel.ts';
import { Line, type LineDisk, emptyLineDisk } from './line.ts';
import type { Network } from './network.ts';
import { type NumberDisk, Numbers } from './numbers.ts';
import { type Batches, type Fork, builtOver } from './replica.ts';
import type { OpenStream } from './sim-server.ts';
import { type SimUser, rightsOfUser } from './sim-users.ts';
import { isNewest } from './versions.ts';

const PUSHES_AT_ONCE = 2;

/** What the user did and saw done. The checker asks what has become of each. */
export interface Commit {
  readonly device: string;
  readonly user: string;
  readonly collection: string;
  readonly id: string;
  readonly w: string;
  /** Write id of the state on this device that it was built on; undefined for a new record. */
  readonly builtOn: string | undefined;
  readonly document: WireDocument;
  /** What it took the place of on this device. */
  readonly before?: WireDocument;
  /** The version of the entity that the device knew. */
  readonly version: number;
  /** Made by a program that knows no rules; the server must refuse it. */
  readonly isBad: boolean;
  /** Number of a series that this device was leased and gave to the record with this write. */
  readonly taken?: string;
  /** Number in the form of a series that was typed, which the server must not take. */
  readonly typed?: string;
}
/** A state of the server that took the place of what was on the device. */
export interface Adoption {
  readonly collection: string;
  readonly id: string;
  readonly w: string;
}
export interface DeviceWorld {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly committed: (commit: Commit) => void;
  /** Devices of two versions are in this history. */
  readonly isMixed?: boolean;
}
interface Life {
  readonly owner: Owner;
  readonly lines: ReadonlyMap<string, Line>;
  readonly gate: ReturnType<typeof makeGate>;
  readonly numbers: Numbers;
  stream: OpenStream | undefined;
  phase: 'offline' | 'connecting' | 'online';
  connections: number;
  /** The last write of the user. */
  writing: Promise<void>;
}
/** What an intent has become, before it is written. */
interface Decided {
  readonly previous: Fork | undefined;
  readonly doc: AnyDocument & { readonly _deleted: boolean };
  readonly isBad: boolean;
  readonly taken?: string;
  readonly typed?: string;
}
export type Command = 'create' | 'change' | 'delete' | 'restore';
/** One intent of the user; `draft` is computed from the record as it is at that moment. */
export interface Intent {
  readonly collection: string;
  readonly command: Command;
  readonly id: string;
  readonly draft?: Readonly<Record<string, unknown>>;
  /** What a program that knows no rules writes over the decided record; the server must refuse it. */
  readonly bad?: Readonly<Record<string, unknown>>;
  /** What an import stamps on the decided record. */
  readonly stamps?: Readonly<Record<string, unknown>>;
  /** The desk lets nobody type a number of a series; this is another program. */
  readonly types?: true;
  /** Nor a field that its user may not see. */
  readonly typesHidden?: true;
}

const plain = ({ _deleted, ...document }: WireDocument): AnyDocument => document as unknown as AnyDocument;

export class Device {
  readonly name: string;
  user: SimUser;
  /** By how much its clock is wrong, in milliseconds. */
  clock = 0;
  /** The user's own switch. */
  forcedOffline = false;
  readonly disk = new Map<string, LineDisk>();
  readonly numbers: NumberDisk = new Map();
  readonly adoptions: Adoption[] = [];
  readonly #world: DeviceWorld;
  readonly #batches: Batches;
  #nouns: readonly Noun[];
  #lives = 0;
  #writes = 0;
  #life: Life | undefined;

  constructor(world: DeviceWorld, name: string, user: SimUser, nouns: readonly Noun[], batches: Batches) {
    this.name = name;
    this.user = user;
    this.#world = world;
    this.#nouns = nouns;
    this.#batches = batches;
    for (const { entity } of nouns) this.disk.set(entity.collection, emptyLineDisk());
  }

  get isRunning(): boolean {
    return this.#life !== undefined;
  }
  get isOnline(): boolean {
    return this.#life?.phase === 'online';
  }
  diskOf(collection: string): LineDisk {
    const disk = this.disk.get(collection);
    if (!disk) throw new Error(`${this.name} has no ${collection}`);
    return disk;
  }
  /** In a history of two versions, this one has the newer. */
  get isNewer(): boolean {
    return this.#world.isMixed === true && this.#nouns.some(({ entity }) => isNewest(entity));
  }
  /** The entity as the program on this device knows it. */
  entityOf(collection: string): Entity | undefined {
    return this.#nouns.find(({ entity }) => entity.collection === collection)?.entity;
  }
  /** Ids of the records of a collection that this device shows, oldest first. */
  idsOf(collection: string): string[] {
    return [...this.diskOf(collection).replica.fork].filter(([, { doc }]) => !isWithdrawn(doc)).map(([id]) => id);
  }
  /** What its user finds there; a withdrawn record is as good as none. */
  stateOf(collection: string, id: string): WireDocument | undefined {
    const doc = this.diskOf(collection).replica.fork.get(id)?.doc;
    return doc && isWithdrawn(doc) ? undefined : doc;
  }

  start(): void {
    if (this.#life) return;
    this.#lives += 1;
    const { kernel } = this.#world;
    const owner: Owner = { name: this.name, alive: true };
    const gate = makeGate();
    const pushing = limited(PUSHES_AT_ONCE);
    const lines = new Map<string, Line>();
    const numbers = new Numbers({
      kernel,
      owner,
      disk: this.numbers,
      series: listSeries(this.#nouns),
      isOnline: () => life.phase === 'online',
      request: (method, path, body) => this.#world.network.request(this.#sender(owner), method, path, body),
    });
    const life: Life = { owner, lines, gate, numbers, stream: undefined, phase: 'offline', connections: 0, writing: Promise.resolve() };
    for (const { entity } of this.#nouns) {
      const { collection } = entity;
      const line = new Line({
        kernel,
        owner,
        life: this.#lives,
        entity,
        disk: this.diskOf(collection),
        batches: this.#batches,
        gate,
        pushing,
        request: (method, path, body) => this.#world.network.request(this.#sender(owner), method, path, body),
        lost: () => this.#lost(life),
        adopted: (before, { id, w }) => {
          kernel.note(`  ${this.name} now holds ${id} as ${String(w)} instead of ${String(before?.['w'])}`);
          this.adoptions.push({ collection, id, w: String(w) });
        },
      });
      lines.set(collection, line);
    }
    this.#life = life;
    for (const line of lines.values()) line.start();
    this.#connect(life);
  }
  #sender(owner: Owner) {
    return { owner, deviceId: this.name, user: this.user };
  }
  /** kill -9. */
  kill(): void {
    const life = this.#life;
    if (!life) return;
    life.owner.alive = false;
    life.stream?.close();
    this.#life = undefined;
  }
  /** Another version of the program is installed; it brings what lies on the disk to what it knows before it opens it. */
  update(nouns: readonly Noun[]): void {
    const wasRunning = this.isRunning;
    this.kill();
    for (const { entity } of nouns) {
      const { replica } = this.diskOf(entity.collection);
      const from = this.entityOf(entity.collection)?.version ?? entity.version;
      const raised = (document: WireDocument): WireDocument => stepUpFrom(entity, from, document) as WireDocument;
      if (from === entity.version) continue;
      for (const [id, fork] of replica.fork) replica.fork.set(id, { ...fork, doc: raised(fork.doc) });
      for (const [id, assumed] of replica.assumed) replica.assumed.set(id, { ...assumed, state: raised(assumed.state) });
    }
    this.#nouns = nouns;
    if (wasRunning) this.start();
  }
  setForcedOffline(on: boolean): void {
    this.forcedOffline = on;
    if (!this.#life) return;
    if (on) this.#lost(this.#life);
    else if (this.#life.phase === 'offline') this.#connect(this.#life);
  }

  #connect(life: Life): void {
    if (life !== this.#life || life.phase !== 'offline' || this.forcedOffline) return;
    life.phase = 'connecting';
    const names = this.#nouns.map(({ entity }) => `${entity.collection}:${entity.version}`).join(',');
    const opened = (heads: Heads | undefined): void => {
      if (life.phase !== 'connecting') return;
      life.phase = 'online';
      life.connections += 1;
      for (const line of life.lines.values()) line.opened(heads);
      life.gate.open();
      life.numbers.renew();
      if (life.connections > 1) for (const line of life.lines.values()) line.resync();
    };
    const stream = this.#world.network.follow(this.#sender(life.owner), `/sync/stream?collections=${names}`, {
      opened,
      frame: (frame) => {
        const line = life.lines.get(frame.collection);
        if (line) void line.frame(frame).catch(this.#world.kernel.fail.bind(this.#world.kernel));
      },
      ended: () => life.stream === stream && this.#lost(life),
    });
    life.stream = stream;
  }
  #lost(life: Life): void {
    if (life !== this.#life || life.phase === 'offline') return;
    life.phase = 'offline';
    life.gate.close();
    life.stream?.close();
    life.stream = undefined;
    this.#world.kernel.after(this.#world.kernel.dice.between(100, 900), () => this.#connect(life), life.owner);
  }

  #decide(
    noun: Noun,
    { command, id, draft = {}, bad = {}, stamps = {}, typesHidden }: Intent,
    before: WireDocument | undefined,
  ): AnyDocument | undefined {
    const { kernel } = this.#world;
    const now = new Date(kernel.instant + this.clock).toISOString();
    this.#writes += 1;
    const moment: Moment = { actor: { userId: this.user.id, deskId: this.user.deskId }, now, w: `${this.name}-${this.#writes}` };
    let decision: Decision;
    if (command === 'create') decision = createRecord(noun, id, draft, moment);
    else if (!before) return undefined;
    else if (command === 'change') decision = changeRecord(noun, plain(before), draft, moment);
    else if (command === 'delete') decision = deleteRecord(noun, plain(before), [], moment);
    else decision = restoreRecord(noun, plain(before), moment);
    if (!decision.ok) return undefined;
    const { after } = decision.change;
    // As domain/record/permitted.ts: neither typed nor computed from what is missing.
    const hidden = typesHidden ? [] : rightsOfUser(this.user).hidden(noun.entity, before ?? after);
    return { ...hide(noun.entity, after, hidden), ...stamps, ...bad };
  }

  /** The intent decided on what is on the disk now; nothing when it cannot be done any more. */
  #decided(noun: Noun, intent: Intent): Decided[] {
    const previous = this.diskOf(noun.entity.collection).replica.fork.get(intent.id);
    const before = previous && !isWithdrawn(previous.doc) ? previous.doc : undefined;
    const isDead = before?._deleted === true;
    if (intent.command === 'create' ? before && !isDead : !before || isDead !== (intent.command === 'restore')) return [];
    const after = this.#decide(noun, intent, before);
    return after ? [{ previous, doc: { ...after, _deleted: intent.command === 'delete' }, isBad: intent.bad !== undefined }] : [];
  }
  /** As renderer/data/submit.ts: a new record gets the next number of its series, where this device holds one. */
  async #numbered(life: Life, noun: Noun, intent: Intent): Promise<Decided[]> {
    const rows = this.#decided(noun, intent);
    const [row] = rows;
    const series = row && seriesFor(noun, row.doc);
    if (!series || !row) return rows;
    if (intent.command !== 'create' || !awaitsNumber(noun, row.doc)) {
      const typed = intent.types ? numberOf(noun, row.doc) : undefined;
      return typed ? [{ ...row, typed: String(intent.draft?.[series.field]) }] : rows;
    }
    // An import may have brought along what the device was leased afterwards.
    const isBorne = (number: string): boolean =>
      [...this.diskOf(noun.entity.collection).replica.fork.values()].some(({ doc }) => doc[series.field] === number);
    let taken = await life.numbers.take(series.key);
    while (taken !== undefined && isBorne(taken)) taken = await life.numbers.take(series.key);
    // Meanwhile something else may have come.
    const again = this.#decided(noun, taken === undefined ? intent : { ...intent, draft: { ...intent.draft, [series.field]: taken } });
    return taken === undefined ? again : again.map((one) => ({ ...one, taken }));
  }

  /** decide and commit, as renderer/data/commit.ts does: note that it waits, then write; one after the other. */
  async act(intents: readonly Intent[]): Promise<void> {
    const life = this.#life;
    if (!life) return;
    const turn = life.writing.then(() => this.#write(life, intents));
    // Whoever asked is told of a failure; the next write is not its victim.
    life.writing = turn.catch(() => undefined);
    await turn;
  }

  async #write(life: Life, intents: readonly Intent[]): Promise<void> {
    const { kernel, committed } = this.#world;
    const [first] = intents;
    const noun = this.#nouns.find(({ entity }) => entity.collection === first?.collection);
    const line = noun && life.lines.get(noun.entity.collection);
    if (!first || !noun || !line) return;
    const { collection, version } = noun.entity;
    const disk = this.diskOf(collection);
    const rows: Decided[] = [];
    for (const intent of intents) rows.push(...(await this.#numbered(life, noun, intent)));
    if (rows.length === 0) return;
    await kernel.turn(life.owner, `${this.name} marks ${rows.length} of ${collection} as waiting`);
    const earlier = new Map(rows.map(({ doc }) => [doc.id, disk.marks.get(doc.id)]));
    for (const { doc } of rows) disk.marks.set(doc.id, { w: doc.w, life: this.#lives, at: kernel.now });
    await kernel.turn(life.owner, `${this.name} commits ${rows.map(({ doc }) => `${doc.id} as ${doc.w}`).join(', ')}`);
    const refused = line.replica.write(
      rows.map((row) => {
        const { previous, doc } = row;
        return previous ? { ...row, builtOn: builtOver(previous, previous.doc['w'] === earlier.get(doc.id)?.w) } : row;
      }),
      false,
    );
    kernel.activity += 1;
    for (const { doc, previous, isBad, taken, typed } of rows) {
      if (!refused.has(doc.id)) {
        const builtOn = previous?.doc['w'];
        committed({
          device: this.name,
          user: this.user.id,
          collection,
          id: doc.id,
          w: doc.w,
          builtOn: typeof builtOn === 'string' ? builtOn : undefined,
          document: doc,
          ...(previous ? { before: previous.doc } : {}),
          version,
          isBad,
          ...(taken === undefined ? {} : { taken }),
          ...(typed === undefined ? {} : { typed }),
        });
        continue;
      }
      const mark = earlier.get(doc.id);
      if (mark && mark.w === disk.replica.fork.get(doc.id)?.doc['w']) disk.marks.set(doc.id, mark);
      else disk.marks.delete(doc.id);
    }
  }
}
