/** A real sync server on a database of its own, cloned from the template, and a client that speaks the bare protocol. */
import { randomUUID } from 'node:crypto';
import { createParser } from 'eventsource-parser';
import { inject } from 'vitest';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { HEADS_HEADER, type Heads, readHeads } from '../../domain/protocol/heads.ts';
import type { AuditEntry, LoginAnswer, PullAnswer, StreamFrame, WireDocument } from '../../domain/protocol/protocol.ts';
import type { AppOptions } from '../../sync-server/app.ts';
import { DEMO_DESK, DEMO_PASSWORD } from '../../sync-server/db/demo-accounts.ts';
import { beginEpoch } from '../../sync-server/db/epochs.ts';
import { openLog } from '../../sync-server/log.ts';
import { type Server, startServer } from '../../sync-server/server.ts';
import { nouns as registered } from '../../domain/registry.ts';
import { cloneOf, databaseAt } from '../test-postgres.ts';
import { openNouns } from './open-nouns.ts';
import { syntheticNouns } from './synthetic-nouns.ts';

export const databaseUrl = (name: string): string => databaseAt(inject('postgresUrl'), name);

/** A database with migrations, registered tables and the demo accounts. `template0` gives an empty one. */
export const cloneDatabase = (template?: string): Promise<string> => cloneOf(inject('postgresUrl'), template);

export interface Client {
  readonly login: LoginAnswer;
  readonly headers: Record<string, string>;
  readonly url: string;
  get(path: string): Promise<Response>;
  push(
    collection: string,
    rows: readonly { newDocumentState: unknown; assumedMasterState?: unknown }[],
    version?: number,
  ): Promise<WireDocument[]>;
  pull(collection: string, lwt?: number, limit?: number): Promise<PullAnswer>;
  /** Follows pages until a short one. */
  pullAll(collection: string, limit?: number): Promise<WireDocument[]>;
  audit(collection: string, id: string): Promise<AuditEntry[]>;
}

export async function signIn(server: Server, who = 'broker', device = 'device-1'): Promise<Client> {
  const response = await fetch(`${server.url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-drover-device': device },
    body: JSON.stringify({ email: `${who}@drover.example`, password: DEMO_PASSWORD }),
  });
  if (response.status !== 200) throw new Error(`sign-in answered ${response.status}: ${await response.text()}`);
  const login = (await response.json()) as LoginAnswer;
  const headers = { authorization: `Bearer ${login.accessToken}`, 'content-type': 'application/json', 'x-drover-device': device };
  const checked = async <Answer>(response: Response): Promise<Answer> => {
    if (response.status !== 200) throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Answer;
  };
  const client: Client = {
    login,
    headers,
    url: server.url,
    get: (path) => fetch(server.url + path, { headers }),
    push: async (collection, rows, version = 0) =>
      checked(await fetch(`${server.url}/sync/${collection}/${version}/push`, { method: 'POST', headers, body: JSON.stringify(rows) })),
    pull: async (collection, lwt = 0, limit = 1000) =>
      checked(await client.get(`/sync/${collection}/0/pull?lwt=${lwt}&id=&limit=${limit}`)),
    async pullAll(collection, limit = 1000) {
      const documents: WireDocument[] = [];
      for (let lwt = 0; ; ) {
        const page = await client.pull(collection, lwt, limit);
        documents.push(...page.documents);
        if (page.documents.length < limit) return documents;
        lwt = page.checkpoint.lwt;
      }
    },
    audit: async (collection, id) => checked(await client.get(`/audit?collection=${collection}&id=${encodeURIComponent(id)}`)),
  };
  return client;
}

export async function openTestServer(options: Partial<AppOptions> = {}): Promise<Server> {
  const server = await startServer({ databaseUrl: await cloneDatabase(), port: 0, log: openLog('silent'), ...options });
  // No role names the nouns of tests. Those that the template knows are open already.
  const known = new Set([...registered, ...syntheticNouns].map(({ entity }) => entity.collection));
  const own = (options.nouns ?? []).map(({ entity }) => entity.collection).filter((collection) => !known.has(collection));
  if (own.length > 0) await openNouns(server.db, own);
  return server;
}

/**
 * Another history of the feed, and the server has noticed. It looks every two seconds by itself, and ends the streams of whatever
 * test goes on then; a device that speaks of the new one makes it look at once.
 */
export async function beginHistory(server: Server, client: Client): Promise<void> {
  const { epoch } = await beginEpoch(server.db, 'a test');
  const { status } = await client.get(`/sync/orders/0/pull?lwt=0&id=&limit=1&history=0.${epoch}`);
  if (status !== 200) throw new Error(`the server answered ${status} in its new history`);
}

let counter = 0;
/** A document with its envelope; `w` is new with every call. */
export function document(
  id: string,
  fields: Record<string, unknown>,
  w = `w-${(counter += 1)}-${randomUUID()}`,
): AnyDocument & WireDocument {
  const now = new Date().toISOString();
  const envelope = {
    status: 'active',
    ownerId: 'owner',
    deskId: DEMO_DESK,
    createdAt: now,
    createdBy: 'device',
    modifiedAt: now,
    modifiedBy: 'device',
  } as const;
  return { id, w, ...envelope, ...fields, _deleted: false };
}
export const insert = (newDocumentState: WireDocument): { newDocumentState: WireDocument } => ({ newDocumentState });
export const change = (
  base: WireDocument,
  fields: Record<string, unknown>,
): { newDocumentState: WireDocument; assumedMasterState: WireDocument } => ({
  newDocumentState: { ...base, w: `w-${(counter += 1)}-${randomUUID()}`, ...fields },
  assumedMasterState: base,
});

export interface OpenStream {
  readonly heads: Heads | undefined;
  readonly frames: StreamFrame[];
  readonly comments: string[];
  readonly ended: Promise<void>;
  close(): void;
}
export async function openStream(client: Client, path: string): Promise<OpenStream> {
  const abort = new AbortController();
  const response = await fetch(client.url + path, { headers: client.headers, signal: abort.signal });
  if (response.status !== 200 || !response.body) throw new Error(`stream answered ${response.status}`);
  const frames: StreamFrame[] = [];
  const comments: string[] = [];
  const parser = createParser({
    onEvent: ({ data }) => frames.push(JSON.parse(data) as StreamFrame),
    onComment: (comment) => comments.push(comment),
  });
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const read = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
    }
  };
  const ended = read().catch((error: Error) => {
    if (!abort.signal.aborted) throw error;
  });
  return { heads: readHeads(response.headers.get(HEADS_HEADER) ?? ''), frames, comments, ended, close: () => abort.abort() };
}

const LOOK_MS = 15;
/** Counted in looks and not by the clock: a machine that stood still for a while has not looked meanwhile. */
export async function until(done: () => boolean | Promise<boolean>, what: string, msMax = 15_000): Promise<void> {
  for (let looks = Math.ceil(msMax / LOOK_MS); !(await done()); looks -= 1) {
    if (looks <= 0) throw new Error(`waited ${msMax} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
