/**
 * Tells the story to a sync server as its users would: signs each of them in, runs the real commands of the domain, and
 * pushes what they decide over the wire. Nothing is inserted behind the server's back, so audit and feed are true.
 */
import { createHash, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { uuidFromHash } from '../../domain/record/uuid-from-hash.ts';
import {
  DEVICE_HEADER,
  type LoginAnswer,
  PULL_LIMIT_MAX,
  type PullAnswer,
  type PushRow,
  type SignedInUser,
  type WireDocument,
} from '../../domain/protocol/protocol.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { type Decision, type Draft, changeRecord, createRecord, deleteRecord } from '../../domain/record/record.commands.ts';
import { nounOf } from '../../domain/registry.ts';

export type Who = 'admin' | 'broker' | 'field' | 'accounting';

/** The same key is the same record in every telling. */
export const storyId = (collection: string, key: string): string =>
  uuidFromHash(createHash('sha256').update(`story:${collection}:${key}`).digest());

const rowsPerPush = 200;

/** A document without what the server stamps. */
function contentOf(document: WireDocument): Record<string, unknown> {
  const { w: _w, createdAt: _at, createdBy: _by, modifiedAt: _modifiedAt, modifiedBy: _modifiedBy, ...content } = document;
  return content;
}

export class Teller {
  readonly #baseUrl: string;
  readonly #users = new Map<Who, { user: SignedInUser; token: string }>();
  readonly #told = new Map<string, { document: AnyDocument; deleted: boolean }>();
  /** What the server held before this telling, by path; a telling anew builds on it instead of colliding with it. */
  readonly #earlier = new Map<string, WireDocument>();
  #waiting: { who: Who; collection: string; rows: PushRow[] } | undefined;
  #count = 0;

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
  }

  /** Steps told so far. */
  get steps(): number {
    return this.#count;
  }

  async signIn(who: Who, email: string, password: string): Promise<SignedInUser> {
    const answer = await fetch(`${this.#baseUrl}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    });
    if (!answer.ok) throw new Error(`${email} cannot sign in: ${await answer.text()}`);
    const { accessToken, user } = (await answer.json()) as LoginAnswer;
    this.#users.set(who, { user, token: accessToken });
    return user;
  }

  /** Reads what an earlier telling left, so that this one replaces it. */
  async readEarlier(who: Who, collections: readonly string[]): Promise<void> {
    for (const collection of collections) {
      let lwt = 0;
      for (let page = 0; page < 1000; page += 1) {
        const version = this.#noun(collection).entity.version;
        const answer = await fetch(`${this.#baseUrl}/sync/${collection}/${version}/pull?lwt=${lwt}&id=&limit=${PULL_LIMIT_MAX}`, {
          headers: { authorization: `Bearer ${this.#users.get(who)?.token ?? ''}` },
        });
        if (!answer.ok) throw new Error(`${collection}: the server answered ${answer.status}: ${await answer.text()}`);
        const { documents, checkpoint } = (await answer.json()) as PullAnswer;
        for (const document of documents) this.#earlier.set(`${collection}/${document.id}`, document);
        if (documents.length < PULL_LIMIT_MAX) break;
        lwt = checkpoint.lwt;
      }
    }
  }

  #moment(who: Who, now: string) {
    const signed = this.#users.get(who);
    if (!signed) throw new Error(`${who} is not signed in`);
    return { actor: { userId: signed.user.id, deskId: signed.user.deskId }, now, w: `story.${randomUUID()}` };
  }

  #noun(collection: string): Noun {
    const noun = nounOf(collection);
    if (!noun) throw new Error(`the story names ${collection}, which is no collection`);
    return noun;
  }

  async create(who: Who, now: string, collection: string, key: string, draft: Draft): Promise<string> {
    const id = storyId(collection, key);
    await this.#tell(who, collection, createRecord(this.#noun(collection), id, draft, this.#moment(who, now)));
    return id;
  }

  async change(who: Who, now: string, collection: string, key: string, draft: Draft): Promise<void> {
    const before = this.#stored(collection, key);
    await this.#tell(who, collection, changeRecord(this.#noun(collection), before, draft, this.#moment(who, now)));
  }

  async remove(who: Who, now: string, collection: string, key: string): Promise<void> {
    const before = this.#stored(collection, key);
    await this.#tell(who, collection, deleteRecord(this.#noun(collection), before, [], this.#moment(who, now)));
  }

  #stored(collection: string, key: string): AnyDocument {
    const told = this.#told.get(`${collection}/${storyId(collection, key)}`);
    if (!told || told.deleted) throw new Error(`the story speaks of ${collection}/${key} before it exists`);
    return told.document;
  }

  async #tell(who: Who, collection: string, decision: Decision): Promise<void> {
    if (!decision.ok) throw new Error(`${collection}: ${decision.rejection.message}`);
    const { after, before, deleted } = decision.change;
    const path = `${collection}/${after.id}`;
    this.#told.set(path, { document: after, deleted });
    const waiting = this.#waiting;
    // A second step on the same record waits for the first to be stored, as a device would.
    const again = waiting?.rows.some((row) => row.newDocumentState.id === after.id) === true;
    if (waiting && (waiting.who !== who || waiting.collection !== collection || again || waiting.rows.length >= rowsPerPush))
      await this.flush();
    const wire = (document: AnyDocument, gone: boolean): WireDocument => ({ ...document, _deleted: gone });
    this.#waiting ??= { who, collection, rows: [] };
    const base = before ? wire(before, false) : this.#earlier.get(path);
    this.#waiting.rows.push({ newDocumentState: wire(after, deleted), ...(base ? { assumedMasterState: base } : {}) });
    this.#count += 1;
  }

  /** Sends what is waiting; throws when the server does not take a row. */
  async flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (!waiting) return;
    const version = this.#noun(waiting.collection).entity.version;
    const answer = await fetch(`${this.#baseUrl}/sync/${waiting.collection}/${version}/push`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${this.#users.get(waiting.who)?.token ?? ''}`,
        [DEVICE_HEADER]: `story-${waiting.who}`,
      },
      body: JSON.stringify(waiting.rows),
    });
    if (!answer.ok) throw new Error(`${waiting.collection}: the server answered ${answer.status}: ${await answer.text()}`);
    for (const held of (await answer.json()) as WireDocument[]) this.#adopt(waiting.collection, waiting.rows, held);
  }

  /** The server answers a row whose content it holds already with its own state; anything else it did not take. */
  #adopt(collection: string, rows: readonly PushRow[], held: WireDocument): void {
    const sent = rows.find((row) => row.newDocumentState.id === held.id)?.newDocumentState;
    if (!sent || !isDeepStrictEqual(contentOf(sent), contentOf(held))) throw new Error(`${collection}: the server did not take ${held.id}`);
    const { _deleted: deleted, ...document } = held;
    this.#told.set(`${collection}/${held.id}`, { document: document as unknown as AnyDocument, deleted });
  }
}
