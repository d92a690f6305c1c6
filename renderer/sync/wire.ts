/** The calls of the sync protocol over HTTP, with every failure turned into a SyncFault. */
import { createParser } from 'eventsource-parser';
import { HEADS_HEADER, type Heads, readHeads } from '../../domain/protocol/heads.ts';
import { POSITIONS_HEADER, type Positions, readPositions } from '../../domain/protocol/positions.ts';
import type {
  BucketDigest,
  Checkpoint,
  DigestAnswer,
  KnownBody,
  Lease,
  LeaseBody,
  LostAnswer,
  PullAnswer,
  PushRow,
  StreamFrame,
  WireDocument,
} from '../../domain/protocol/protocol.ts';
import { COMPANY_EVENT } from '../../domain/protocol/protocol.ts';
import { SyncFault, faultOf, faultOfThrown } from './fault.ts';
import type { Session } from './session.ts';

/** Longest silence of the stream; the server sends a comment every 15 s, so three are missing by then. */
export const STREAM_SILENCE = 45_000;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isDocument = (value: unknown): value is WireDocument =>
  isRecord(value) && typeof value['id'] === 'string' && typeof value['_deleted'] === 'boolean';
const isCheckpoint = (value: unknown): value is Checkpoint =>
  isRecord(value) && typeof value['lwt'] === 'number' && typeof value['id'] === 'string';
const isPullAnswer = (value: unknown): value is PullAnswer =>
  isRecord(value) && Array.isArray(value['documents']) && value['documents'].every(isDocument) && isCheckpoint(value['checkpoint']);

const strange = (what: string): SyncFault =>
  new SyncFault(
    'bad_answer',
    `The server answered ${what} in a way this Drover does not know. Is it a Drover server of a fitting version?`,
  );

/** The server was put back to an earlier state: what both still have ends at position `until`, and `epoch` begins there (SYN-11). */
export class HistoryChanged extends Error {
  readonly epoch: string;
  readonly until: number;
  constructor(epoch: string, until: number) {
    super('the server was put back to an earlier state');
    this.name = 'HistoryChanged';
    this.epoch = epoch;
    this.until = until;
  }
}

async function throwIfChanged(response: Response): Promise<void> {
  if (response.status !== 409) return;
  // A proxy in between may answer with a page; the status alone then says too little.
  const said: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  if (isRecord(said) && said['code'] === 'history_changed' && typeof said['epoch'] === 'string' && typeof said['until'] === 'number') {
    await response.body?.cancel();
    throw new HistoryChanged(said['epoch'], said['until']);
  }
}

async function answerOf(response: Response, what: string): Promise<unknown> {
  return readAs(response, what, () => response.json());
}
async function readAs<T>(response: Response, what: string, read: () => Promise<T>): Promise<T> {
  await throwIfChanged(response);
  if (!response.ok) throw await faultOf(response);
  try {
    return await read();
  } catch (error) {
    if (error instanceof SyntaxError) throw strange(what);
    throw faultOfThrown(error);
  }
}

export interface PageAsked {
  readonly collection: string;
  readonly version: number;
  readonly after: Checkpoint | undefined;
  /** Documents at most. */
  readonly limit: number;
  /** What this device claims to have seen. */
  readonly history: string;
  /** Scopes of which this device may hold something that its checkpoint does not tell of. */
  readonly held: readonly string[];
}
function askPage(session: Session, { collection, version, after, limit, history, held }: PageAsked): Promise<Response> {
  const query = new URLSearchParams({ lwt: String(after?.lwt ?? 0), id: after?.id ?? '', limit: String(limit), history });
  if (held.length > 0) query.set('held', held.join(','));
  return session.authorizedFetch(`/sync/${collection}/${version}/pull?${query}`);
}

/** One page of changes after the checkpoint. Throws HistoryChanged when `history` is not the server's. */
export async function pullPage(session: Session, asked: PageAsked): Promise<PullAnswer> {
  const answer = await answerOf(await askPage(session, asked), 'a pull');
  if (!isPullAnswer(answer)) throw strange('a pull');
  return answer;
}

/** A page whose documents nobody has read yet. */
export interface UnreadPage {
  /** JSON of the array of documents. */
  readonly text: string;
  readonly checkpoint: Checkpoint;
}
const HEAD = '{"documents":';
const TAIL = ',"checkpoint":';

/** The documents of an answer apart from its checkpoint, without reading them; undefined where that needs a closer look. */
function unreadPage(text: string): UnreadPage | undefined {
  const at = text.lastIndexOf(TAIL);
  if (at < 0 || !text.startsWith(HEAD)) return undefined;
  try {
    // Of a place inside a document the rest would be no JSON.
    const checkpoint: unknown = JSON.parse(text.slice(at + TAIL.length, -1));
    return isCheckpoint(checkpoint) ? { text: text.slice(HEAD.length, at), checkpoint } : undefined;
  } catch {
    return undefined;
  }
}

/** The same page with its documents unread, if it holds as many as it may. Throws like `pullPage`. */
export async function pullUnread(session: Session, asked: PageAsked): Promise<PullAnswer | UnreadPage> {
  const response = await askPage(session, asked);
  const text = await readAs(response, 'a pull', () => response.text());
  // In a text of a document this is escaped, so there are at most as many documents.
  const unread = text.split('"_deleted":').length > asked.limit ? unreadPage(text) : undefined;
  if (unread) return unread;
  const answer = await readAs(response, 'a pull', async () => JSON.parse(text) as unknown);
  if (!isPullAnswer(answer)) throw strange('a pull');
  return answer;
}

export interface Pushed {
  /** The server's states of the rows that it did not take as they are. */
  readonly answers: readonly WireDocument[];
  /** Where the records stand now; undefined where the server did not say. */
  readonly positions: Positions | undefined;
}
const together = (a: Pushed, b: Pushed): Pushed => ({
  answers: [...a.answers, ...b.answers],
  positions:
    a.positions && a.positions.epoch === b.positions?.epoch
      ? { epoch: a.positions.epoch, at: [...a.positions.at, ...b.positions.at] }
      : undefined,
});

/** Safe to repeat. */
export async function pushRows(
  session: Session,
  collection: string,
  version: number,
  rows: readonly PushRow[],
  history = '',
): Promise<Pushed> {
  const response = await session.authorizedFetch(`/sync/${collection}/${version}/push?${new URLSearchParams({ history })}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(rows),
  });
  // Too large as a whole: halves fit, down to one row, which is then refused by name.
  if (response.status === 413 && rows.length > 1) {
    await response.body?.cancel();
    const middle = Math.ceil(rows.length / 2);
    const first = await pushRows(session, collection, version, rows.slice(0, middle), history);
    return together(first, await pushRows(session, collection, version, rows.slice(middle), history));
  }
  const answer = await answerOf(response, 'a push');
  if (!Array.isArray(answer) || !answer.every(isDocument)) throw strange('a push');
  return { answers: answer, positions: readPositions(response.headers.get(POSITIONS_HEADER) ?? '', rows.length) };
}

const isLostAnswer = (value: unknown): value is LostAnswer =>
  isRecord(value) &&
  Array.isArray(value['lost']) &&
  value['lost'].every((one) => isRecord(one) && typeof one['id'] === 'string' && (one['base'] === null || isDocument(one['base']))) &&
  Array.isArray(value['hidden']) &&
  value['hidden'].every((one) => typeof one === 'string') &&
  typeof value['scope'] === 'string';

/** Which of these states the server has never heard of, with what it held at the end of the shared history. At most 1000. */
export async function askKnown(session: Session, collection: string, version: number, body: KnownBody): Promise<LostAnswer> {
  const response = await session.authorizedFetch(`/sync/${collection}/${version}/known`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await answerOf(response, 'what it knows');
  if (!isLostAnswer(answer)) throw strange('what it knows');
  return answer;
}

const isBucket = (value: unknown): value is BucketDigest =>
  isRecord(value) && typeof value['bucket'] === 'number' && typeof value['count'] === 'number' && typeof value['hash'] === 'string';

/** The server's digests by collection. */
export async function fetchDigests(session: Session, collections: readonly string[]): Promise<DigestAnswer['digests']> {
  const answer = await answerOf(await session.authorizedFetch(`/sync/digest?collections=${collections.join(',')}`), 'a check');
  const digests: Record<string, BucketDigest[]> = {};
  for (const collection of collections) {
    const own = isRecord(answer) && isRecord(answer['digests']) ? answer['digests'][collection] : undefined;
    if (!Array.isArray(own) || !own.every(isBucket)) throw strange('a check');
    digests[collection] = own;
  }
  return digests;
}

/** Id and write id of the server's live records in these buckets. */
export async function fetchRows(session: Session, collection: string, buckets: readonly number[]): Promise<{ id: string; w: string }[]> {
  const answer = await answerOf(await session.authorizedFetch(`/sync/digest/${collection}/rows?buckets=${buckets.join(',')}`), 'a check');
  const isRow = (value: unknown): value is { id: string; w: string } =>
    isRecord(value) && typeof value['id'] === 'string' && typeof value['w'] === 'string';
  const rows = isRecord(answer) ? answer['rows'] : undefined;
  if (!Array.isArray(rows) || !rows.every(isRow)) throw strange('a check');
  return rows;
}

/** The server's states of these records, tombstones included; those that it does not know are left out. At most 500. */
export async function readDocuments(
  session: Session,
  collection: string,
  version: number,
  ids: readonly string[],
): Promise<WireDocument[]> {
  const response = await session.authorizedFetch(`/sync/${collection}/${version}/read`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ids }),
  });
  const answer = await answerOf(response, 'a check');
  const documents = isRecord(answer) ? answer['documents'] : undefined;
  if (!Array.isArray(documents) || !documents.every(isDocument)) throw strange('a check');
  return documents;
}

const isLease = (value: unknown): value is Lease =>
  isRecord(value) &&
  [value['first'], value['last'], value['next'], value['width']].every((one) => Number.isSafeInteger(one)) &&
  typeof value['series'] === 'string' &&
  typeof value['prefix'] === 'string';

/** Tells what this device has used of its blocks of numbers, asks for more, and answers those that are not used up. */
export async function leaseNumbers(session: Session, body: LeaseBody): Promise<readonly Lease[]> {
  const response = await session.authorizedFetch('/series/leases', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await answerOf(response, 'a lease of numbers');
  const leases = isRecord(answer) ? answer['leases'] : undefined;
  if (!Array.isArray(leases) || !leases.every(isLease)) throw strange('a lease of numbers');
  return leases;
}

/** What the company has set, as the server told it; `companyFrom` reads it. */
export async function fetchCompany(session: Session): Promise<unknown> {
  return answerOf(await session.authorizedFetch('/me/company'), 'what the company has set');
}

const isFrame = (value: unknown): value is StreamFrame => isRecord(value) && typeof value['collection'] === 'string' && isPullAnswer(value);

/**
 * Holds the one live connection for all collections until it ends. Calls `opened` when the server listens for us, with where
 * it stands, then `frame` for each change, and `company` when it has to be asked what the company has set: then, and at each
 * change of it. Throws SyncFault when it is lost; returns only when `signal` aborts.
 */
export async function followStream(
  session: Session,
  collections: readonly { readonly collection: string; readonly version: number }[],
  on: {
    readonly opened: (heads: Heads | undefined) => void;
    readonly frame: (frame: StreamFrame) => void;
    readonly company: () => void;
    /** Something came, if only a sign of life: until now nothing was missed. */
    readonly heard?: () => void;
  },
  signal: AbortSignal,
  silence = STREAM_SILENCE,
): Promise<void> {
  const own = new AbortController();
  const stop = AbortSignal.any([signal, own.signal]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => own.abort(new DOMException('the stream went silent', 'TimeoutError')), silence);
  };
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (event === COMPANY_EVENT) on.company();
      // Of an event that has a name and is none of ours, a later version knows what it means.
      if (event !== undefined) return;
      const value: unknown = JSON.parse(data);
      if (!isFrame(value)) throw strange('the live stream');
      on.frame(value);
    },
  });
  try {
    heard();
    const response = await session.authorizedFetch(
      `/sync/stream?collections=${collections.map(({ collection, version }) => `${collection}:${version}`).join(',')}`,
      {
        headers: { accept: 'text/event-stream' },
        signal: stop,
        timeout: 0,
      },
    );
    if (!response.ok) throw await faultOf(response);
    if (!response.body) throw strange('the live stream');
    on.opened(readHeads(response.headers.get(HEADS_HEADER) ?? ''));
    on.company();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new SyncFault('unreachable', 'The live connection ended. Drover connects again by itself.');
      heard();
      parser.feed(value);
      on.heard?.();
    }
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof SyntaxError) throw strange('the live stream');
    throw faultOfThrown(error);
  } finally {
    clearTimeout(timer);
    own.abort();
  }
}
