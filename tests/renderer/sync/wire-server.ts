/**
 * A small sync server in memory that speaks the wire of domain/protocol, for faults that a real server does not produce on
 * demand: lost answers, refused tokens, a closed port, an old window. It keeps one dense feed, takes a push by write id,
 * and restamps modifiedAt as the real one does.
 */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KnownBody, PushRow, WireDocument } from '../../../domain/protocol/protocol.ts';
import { type Restored, makeWireHistory } from './wire-history.ts';

interface Entry {
  readonly seq: number;
  readonly collection: string;
  readonly document: WireDocument;
}
export interface Faults {
  /** Pushes that are applied but whose answer is cut off. */
  loseAnswers: number;
  /** Every request of this status, 0 for none. */
  status: number;
  /** Pushes of this collection answer 400. */
  refuse: string;
  /** Pulls wait this long. */
  slow: number;
  /** Pulls are answered when this is over. */
  hold?: Promise<void>;
}
export interface WireServer {
  readonly url: string;
  readonly faults: Faults;
  readonly requests: Record<string, number>;
  /** Largest number of pushes that were under way at once. */
  readonly mostPushes: () => number;
  /** Times that a document was really changed, by id. */
  readonly applied: Map<string, number>;
  state(collection: string, id: string): WireDocument | undefined;
  count(collection: string): number;
  put(collection: string, document: WireDocument): void;
  /** Puts the farms back to an earlier state. Whoever comes with an older history is told so. */
  restore(what: Restored): void;
  /** Makes every access token handed out so far invalid; `refreshToo` makes the refresh tokens invalid as well. */
  revoke(refreshToo: boolean): void;
  /** Closes the port and every connection; `start` opens the same port again with the same data. */
  down(): Promise<void>;
  start(): Promise<void>;
}

const user = { id: 'user-1', email: 'broker@drover.example', name: 'Bea Broker', role: 'broker', deskId: 'desk-1' };

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

export async function startWireServer(): Promise<WireServer> {
  const states = new Map<string, Entry>();
  const streams = new Set<{ response: ServerResponse; collections: Set<string> }>();
  const faults: Faults = { loseAnswers: 0, status: 0, refuse: '', slow: 0 };
  const requests: Record<string, number> = {};
  const applied = new Map<string, number>();
  const history = makeWireHistory(states);
  let seq = 0;
  let tokens = 0;
  let pushes = 0;
  let mostPushes = 0;
  let access = new Set<string>();
  let refresh = new Set<string>();

  const put = (collection: string, document: WireDocument): void => {
    seq += 1;
    const entry = { seq, collection, document };
    const key = `${collection}/${document.id}`;
    states.set(key, entry);
    history.hears(key, document);
    const frame = JSON.stringify({ collection, documents: [document], checkpoint: { lwt: seq, id: history.epoch() } });
    for (const stream of streams) if (stream.collections.has(collection)) stream.response.write(`data: ${frame}\n\n`);
  };
  const take = (collection: string, { newDocumentState, assumedMasterState }: PushRow): WireDocument | undefined => {
    const stored = states.get(`${collection}/${newDocumentState.id}`)?.document;
    if (stored?.['w'] === newDocumentState['w']) return undefined;
    if (stored && stored['w'] !== assumedMasterState?.['w']) return stored;
    applied.set(newDocumentState.id, (applied.get(newDocumentState.id) ?? 0) + 1);
    put(collection, { ...newDocumentState, modifiedAt: new Date(Date.now() + 1).toISOString() });
    return undefined;
  };
  const json = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const grant = (response: ServerResponse, next?: string): void => {
    tokens += 1;
    const refreshToken = next ?? `r${tokens}`;
    access.add(`a${tokens}`);
    refresh.add(refreshToken);
    json(response, 200, { accessToken: `a${tokens}`, refreshToken, user });
  };

  const auth = async (path: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = JSON.parse(await bodyOf(request)) as Record<string, string>;
    if (path === '/auth/login') {
      if (body['password'] === 'right') grant(response);
      else json(response, 401, { code: 'bad_credentials', detail: 'E-mail or password is wrong.' });
    } else if (refresh.delete(body['refreshToken'] ?? '')) grant(response, body['next']);
    else json(response, 401, { code: 'unauthorized', detail: 'Sign in again.' });
  };
  const pull = async (collection: string, url: URL, response: ServerResponse): Promise<void> => {
    await faults.hold;
    if (faults.slow > 0) await new Promise((done) => setTimeout(done, faults.slow));
    const after = Number(url.searchParams.get('lwt'));
    const limit = Number(url.searchParams.get('limit'));
    const due = [...states.values()].filter((entry) => entry.collection === collection && entry.seq > after).sort((a, b) => a.seq - b.seq);
    const page = due.slice(0, limit);
    json(response, 200, {
      documents: page.map((entry) => entry.document),
      checkpoint: { lwt: page.at(-1)?.seq ?? after, id: history.epoch() },
    });
  };
  const push = async (collection: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    pushes += 1;
    mostPushes = Math.max(mostPushes, pushes);
    try {
      const rows = JSON.parse(await bodyOf(request)) as PushRow[];
      if (faults.refuse === collection) return json(response, 400, { code: 'bad', detail: 'Nothing of this kind today.' });
      const conflicts = rows.map((row) => take(collection, row)).filter((state) => state !== undefined);
      await new Promise((done) => setTimeout(done, 5));
      if (faults.loseAnswers > 0) {
        faults.loseAnswers -= 1;
        response.destroy();
      } else json(response, 200, conflicts);
    } finally {
      pushes -= 1;
    }
  };
  const stream = (url: URL, response: ServerResponse): void => {
    const own = {
      response,
      collections: new Set((url.searchParams.get('collections') ?? '').split(',').map((name) => name.split(':')[0] ?? '')),
    };
    streams.add(own);
    response.on('close', () => streams.delete(own));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': hello\n\n');
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://wire');
    const [, area = '', collection = '', , verb = ''] = url.pathname.split('/');
    const kind = area === 'auth' || area === 'me' ? url.pathname : verb === '' ? 'stream' : verb;
    requests[kind] = (requests[kind] ?? 0) + 1;
    if (faults.status > 0) return json(response, faults.status, { code: 'fault', detail: 'Not now.' });
    if (area === 'auth') return auth(url.pathname, request, response);
    if (!access.has((request.headers.authorization ?? '').replace('Bearer ', '')))
      return json(response, 401, { code: 'unauthorized', detail: 'Sign in.' });
    if (area === 'me') return json(response, 200, { version: 1, settings: {} });
    if (kind === 'stream') return stream(url, response);
    if (verb === 'known') return json(response, 200, history.known(collection, JSON.parse(await bodyOf(request)) as KnownBody));
    const refusal = history.refusal(url.searchParams.get('history') ?? '');
    if (refusal) return json(response, 409, refusal);
    return verb === 'pull' ? pull(collection, url, response) : push(collection, request, response);
  };

  let server: Server | undefined;
  let port = 0;
  const start = async (): Promise<void> => {
    server = createServer((request, response) => void answer(request, response));
    await new Promise<void>((done) => server?.listen(port, '127.0.0.1', done));
    port = (server.address() as AddressInfo).port;
  };
  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    faults,
    requests,
    mostPushes: () => mostPushes,
    applied,
    state: (collection, id) => states.get(`${collection}/${id}`)?.document,
    count: (collection) => [...states.values()].filter((entry) => entry.collection === collection).length,
    put,
    restore: (what) => history.restore('farms', what),
    revoke(refreshToo) {
      access = new Set();
      if (refreshToo) refresh = new Set();
      for (const { response } of streams) response.destroy();
    },
    async down() {
      const closed = new Promise<void>((done) => server?.close(() => done()));
      server?.closeAllConnections();
      await closed;
    },
    start,
  };
}
