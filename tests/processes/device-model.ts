/**
 * What an RxDB device does on the wire, without RxDB: a fork and a master of each record, pushes of what differs with the
 * master that it was built on, pulls by checkpoint that leave alone what waits. Asks any of several servers, and asks again.
 *
 * What a pull brought of a record that waited is pulled again once that was sent, as renderer/sync/rewind.ts does it: a push whose
 * answer was lost is answered with nothing when it is repeated, and what the server made of it would never come.
 */
import { randomUUID } from 'node:crypto';
import type { Checkpoint, LoginAnswer, PullAnswer, PushRow, WireDocument } from '../../domain/protocol/protocol.ts';
import { DEMO_PASSWORD } from '../../sync-server/db/demo-accounts.ts';
import type { Random } from '../fuzz/random.ts';

interface Held {
  fork: WireDocument;
  /** What the server is known to hold; absent before the first push. */
  master?: WireDocument;
}
/** A write that left the device, and whether the server has said that it took it. */
export interface SentWrite {
  readonly collection: string;
  readonly id: string;
  readonly w: string;
  isAnswered: boolean;
}
const ANSWER_MS_MAX = 15_000;
const isNetwork = (cause: unknown): boolean => cause instanceof TypeError || (cause instanceof Error && cause.name === 'TimeoutError');

export class DeviceModel {
  readonly name: string;
  readonly #urls: readonly string[];
  readonly #random: Random;
  readonly #held = new Map<string, Map<string, Held>>();
  readonly #checkpoints = new Map<string, Checkpoint>();
  /** By collection: where the first page began of which something was passed over, and what. */
  readonly #passedOver = new Map<string, { readonly from: Checkpoint; readonly ids: ReadonlySet<string> }>();
  #headers: Record<string, string> = {};
  readonly sent = new Map<string, SentWrite>();
  /** Positions that went back within one epoch (I7). */
  readonly stepsBack: string[] = [];
  /** By record: what was sent of it and what came, for the report of a failed test. */
  readonly #told = new Map<string, string[]>();

  constructor(name: string, urls: readonly string[], random: Random) {
    this.name = name;
    this.#urls = urls;
    this.#random = random;
  }

  async signIn(who: string): Promise<void> {
    const response = await fetch(`${this.#random.pick(this.#urls)}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-drover-device': this.name },
      body: JSON.stringify({ email: `${who}@drover.example`, password: DEMO_PASSWORD }),
    });
    if (response.status !== 200) throw new Error(`sign-in answered ${response.status}`);
    const { accessToken } = (await response.json()) as LoginAnswer;
    this.#headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json', 'x-drover-device': this.name };
  }

  #tell(id: string, what: string): void {
    this.#told.set(id, [...(this.#told.get(id) ?? []), what]);
  }
  story(id: string): readonly string[] {
    return this.#told.get(id) ?? [];
  }

  collection(name: string): Map<string, Held> {
    const held = this.#held.get(name) ?? new Map<string, Held>();
    this.#held.set(name, held);
    return held;
  }
  documents(name: string): Map<string, WireDocument> {
    return new Map([...this.collection(name)].map(([id, { fork }]) => [id, fork]));
  }
  /** The user saves: from here on the record must not be lost. */
  commit(collection: string, document: WireDocument): void {
    const held = this.collection(collection).get(document.id);
    const fork = { ...document, w: `${this.name}-${randomUUID().slice(0, 18)}` };
    if (held) held.fork = fork;
    else this.collection(collection).set(document.id, { fork });
  }
  waiting(collection: string): Held[] {
    return [...this.collection(collection).values()].filter(({ fork, master }) => fork['w'] !== master?.['w']);
  }

  /** The answer of some server; undefined when there was none, or none that a device could use. */
  async #ask(path: string, body?: unknown): Promise<unknown> {
    try {
      const response = await fetch(this.#random.pick(this.#urls) + path, {
        headers: this.#headers,
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      });
      const answer: unknown = await response.json();
      if (response.status === 200) return answer;
      // The database is away; everything else is a bug that no retry mends.
      if (response.status === 503) return undefined;
      throw new Error(`${path} answered ${response.status}: ${JSON.stringify(answer)}`);
    } catch (cause) {
      if (isNetwork(cause) || cause instanceof SyntaxError) return undefined;
      throw cause;
    }
  }

  /** Sends some of what waits; false when there was no answer. */
  async push(collection: string, most: number): Promise<boolean> {
    const batch = this.waiting(collection).slice(0, most);
    if (batch.length === 0) return true;
    const rows = batch.map(({ fork, master }): PushRow => ({ newDocumentState: fork, ...(master ? { assumedMasterState: master } : {}) }));
    const writes = rows.map(({ newDocumentState: { id, w } }) => {
      const write = this.sent.get(`${id} ${String(w)}`) ?? { collection, id, w: String(w), isAnswered: false };
      this.sent.set(`${id} ${String(w)}`, write);
      return write;
    });
    const answers = (await this.#ask(`/sync/${collection}/0/push`, rows)) as WireDocument[] | undefined;
    for (const { newDocumentState: sent, assumedMasterState: base } of rows) {
      const answer = answers?.find(({ id }) => id === sent.id);
      const outcome = answers ? (answer ? `answered ${String(answer['w'])}` : 'taken') : 'not answered';
      this.#tell(sent.id, `sent ${String(sent['w'])} on ${String(base?.['w'])}: ${outcome}`);
    }
    if (!answers) return false;
    for (const write of writes) write.isAnswered = true;
    const byId = new Map(answers.map((answer) => [answer.id, answer]));
    for (const [i, held] of batch.entries()) {
      const pushed = rows[i]?.newDocumentState;
      if (!pushed) continue;
      held.master = byId.get(pushed.id) ?? pushed;
      // Edited once more meanwhile: that edit is pushed next, on what was just learnt.
      if (held.fork['w'] === pushed['w']) held.fork = held.master;
    }
    return true;
  }

  /** Goes back to what was passed over, if nothing of it waits any more. */
  #goBack(collection: string): void {
    const passed = this.#passedOver.get(collection);
    if (!passed || this.waiting(collection).some(({ fork }) => passed.ids.has(fork.id))) return;
    this.#passedOver.delete(collection);
    this.#checkpoints.set(collection, passed.from);
  }

  /** Takes one page; undefined when there was no answer, else whether the page was full. */
  async pull(collection: string, limit: number): Promise<boolean | undefined> {
    this.#goBack(collection);
    const from = this.#checkpoints.get(collection) ?? { lwt: 0, id: '' };
    const { lwt, id } = from;
    const page = (await this.#ask(`/sync/${collection}/0/pull?lwt=${lwt}&id=${id}&limit=${limit}`)) as PullAnswer | undefined;
    if (!page) return undefined;
    if (page.checkpoint.id === id && page.checkpoint.lwt < lwt) this.stepsBack.push(`${collection} ${lwt} -> ${page.checkpoint.lwt}`);
    this.#checkpoints.set(collection, page.checkpoint);
    for (const document of page.documents) {
      const held = this.collection(collection).get(document.id);
      const waits = held !== undefined && held.fork['w'] !== held.master?.['w'];
      this.#tell(document.id, `pulled ${String(document['w'])} from ${lwt} to ${page.checkpoint.lwt}${waits ? ', passed over' : ''}`);
      if (waits) {
        const passed = this.#passedOver.get(collection);
        this.#passedOver.set(collection, { from: passed?.from ?? from, ids: new Set([...(passed?.ids ?? []), document.id]) });
      } else this.collection(collection).set(document.id, { fork: document, master: document });
    }
    return page.documents.length === limit;
  }
}
