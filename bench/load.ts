/** A load generator on Node's own HTTP client: pulls and pushes with many clients and counts what really came back. */
import { Agent, request } from 'node:http';
import { DEVICE_HEADER, type PushRow } from '../domain/protocol/protocol.ts';
import type { BenchDocument } from './documents.ts';

export interface Target {
  /** `http://127.0.0.1:8890` */
  readonly origin: string;
  /** Path before `/pull` and `/push`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}
/** One stretch of load: what was moved, in what time, and how long each request took in milliseconds. */
export interface Stretch {
  readonly documents: number;
  readonly seconds: number;
  readonly times: readonly number[];
}
export interface Rate {
  /** Documents a second over all clients. */
  readonly docsPerSecond: number;
  /** Milliseconds a request took. */
  readonly p50: number;
  readonly p99: number;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

export async function send(agent: Agent, target: Target, method: 'GET' | 'POST', path: string, body?: string): Promise<Answer> {
  const parts: Buffer[] = [];
  const status = await exchange(agent, target, { method, path, body }, (part) => parts.push(part));
  return { status, body: Buffer.concat(parts) };
}

interface Asked {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string | undefined;
}
/** Answers the status when all parts of the body have come. */
function exchange(agent: Agent, target: Target, { method, path, body }: Asked, take: (part: Buffer) => void): Promise<number> {
  const headers: Record<string, string> = { ...target.headers, accept: 'application/json', [DEVICE_HEADER]: 'bench' };
  if (body !== undefined) Object.assign(headers, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) });
  return new Promise((resolve, reject) => {
    const call = request(`${target.origin}${path}`, { agent, method, headers }, (response) => {
      response.on('data', take);
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end(body);
  });
}

export const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;

/** Runs `jobs` over `clients` connections; every job answers the number of documents it moved. */
async function measure(clients: number, jobs: readonly ((agent: Agent) => Promise<number>)[]): Promise<Stretch> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const times: number[] = [];
  let next = 0;
  let moved = 0;
  const worker = async (): Promise<void> => {
    for (let job = jobs[next++]; job; job = jobs[next++]) {
      const from = performance.now();
      const count = await job(agent);
      // Not `moved += await ...`: that reads `moved` before it waits, and twenty clients would lose each other's counts.
      moved += count;
      times.push(performance.now() - from);
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: clients }, worker));
  const seconds = (performance.now() - from) / 1000;
  agent.destroy();
  return { documents: moved, seconds, times };
}

/** Several stretches as one. */
export function rateOf(stretches: readonly Stretch[]): Rate {
  const sum = (of: (stretch: Stretch) => number): number => stretches.reduce((total, stretch) => total + of(stretch), 0);
  const times = stretches.flatMap((stretch) => stretch.times).sort((a, b) => a - b);
  return { docsPerSecond: sum((s) => s.documents) / sum((s) => s.seconds), p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

const wrong = (what: string, { status, body }: Answer): Error =>
  new Error(`${what} answered ${status}: ${body.subarray(0, 300).toString()}`);

function requireTaken(answer: Answer): void {
  if (answer.status !== 200 || answer.body.toString() !== '[]') throw wrong('push', answer);
}

/** Pushes all documents in requests of `rows`. Throws when a row is refused: a refusal is no write. */
export const measurePush = (target: Target, documents: readonly BenchDocument[], clients: number, rows: number): Promise<Stretch> =>
  pushRows(
    target,
    documents.map((newDocumentState) => ({ newDocumentState })),
    clients,
    rows,
  );

/** As measurePush, with the states that the rows are built on. */
export function pushRows(target: Target, pushed: readonly PushRow[], clients: number, rows: number): Promise<Stretch> {
  // Bodies are made before the clock starts: the load generator shares the cores with the server.
  const bodies: { readonly text: string; readonly count: number }[] = [];
  for (let start = 0; start < pushed.length; start += rows) {
    const part = pushed.slice(start, start + rows);
    bodies.push({ text: JSON.stringify(part), count: part.length });
  }
  const jobs = bodies.map(({ text, count }) => async (agent: Agent) => {
    const answer = await send(agent, target, 'POST', `${target.path}/push`, text);
    requireTaken(answer);
    return count;
  });
  return measure(clients, jobs);
}

/** Pushes one document after another over connections that stay open, as a device does. */
export function openPusher(target: Target) {
  const agent = new Agent({ keepAlive: true });
  return {
    async push(newDocumentState: BenchDocument): Promise<void> {
      const answer = await send(agent, target, 'POST', `${target.path}/push`, JSON.stringify([{ newDocumentState }]));
      requireTaken(answer);
    },
    close: () => agent.destroy(),
  };
}

export interface Page {
  readonly path: string;
  readonly count: number;
  readonly bytes: number;
}

/** Follows the checkpoints from the start, as a new device does, and remembers each page. */
export async function walk(target: Target, limit: number): Promise<Page[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const pages: Page[] = [];
  let checkpoint = { lwt: 0 as number, id: '' };
  for (;;) {
    const path = `${target.path}/pull?lwt=${checkpoint.lwt}&id=${encodeURIComponent(checkpoint.id)}&limit=${limit}`;
    const answer = await send(agent, target, 'GET', path);
    if (answer.status !== 200) throw wrong('pull', answer);
    const { documents, checkpoint: after } = JSON.parse(answer.body.toString()) as {
      documents: unknown[];
      checkpoint: { lwt: number; id: string };
    };
    if (documents.length === 0) break;
    pages.push({ path, count: documents.length, bytes: answer.body.length });
    checkpoint = after;
  }
  agent.destroy();
  return pages;
}

/** How long the answer is; it is not put together, which would be work of the load generator. */
async function pullLength(agent: Agent, target: Target, path: string): Promise<number> {
  let bytes = 0;
  const status = await exchange(agent, target, { method: 'GET', path }, (part) => (bytes += part.length));
  if (status !== 200) throw new Error(`pull answered ${status}`);
  return bytes;
}

/** Pulls full pages at scattered positions. Every answer must have the length that the walk saw. */
export function measurePull(target: Target, pages: readonly Page[], clients: number, requests: number): Promise<Stretch> {
  const full = pages.filter((page) => page.count === pages[0]?.count);
  const jobs = Array.from({ length: requests }, (_, i) => async (agent: Agent) => {
    const page = full[(i * 7919) % full.length];
    if (!page) throw new Error('there is nothing to pull');
    const bytes = await pullLength(agent, target, page.path);
    if (bytes !== page.bytes) throw new Error(`a page of ${page.bytes} bytes has ${bytes} now`);
    return page.count;
  });
  return measure(clients, jobs);
}

/** The same positions with another size of page, which nobody has asked for yet; once each. */
export function measureFirstPull(target: Target, pages: readonly Page[], clients: number, limit: number): Promise<Stretch> {
  const jobs = pages
    .filter(({ count }) => count > limit)
    .map(({ path, count, bytes }) => async (agent: Agent) => {
      const share = (await pullLength(agent, target, path.replace(/limit=\d+$/, `limit=${limit}`))) / bytes / (limit / count);
      if (Math.abs(share - 1) > 0.05) throw new Error(`a page of ${limit} is ${share.toFixed(2)} times as long as it should be`);
      return limit;
    });
  return measure(clients, jobs);
}
