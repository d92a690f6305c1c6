/** Hundreds of clients of one server in a process of their own: bare streams and pulls over Node's HTTP, nothing stored. */
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { HEADS_HEADER, type Heads, readHeads } from '../../domain/protocol/heads.ts';
import { readMark } from '../../domain/protocol/mark.ts';
import { makeStill } from '../../renderer/sync/still.ts';
import { quantile } from '../load.ts';
import { type Answer, type Caught, type Clients, type Heard, type Order, type Return, SENT } from './order.ts';

let times: number[] = [];
let open: ClientRequest[] = [];

/** A mark may be cut by the border of two chunks; the last piece of a chunk waits for the next one. */
function hear(response: IncomingMessage): void {
  let rest = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    const text = rest + chunk;
    const now = process.hrtime.bigint();
    let end = 0;
    for (const match of text.matchAll(SENT)) {
      times.push(Number(now - BigInt(match[1] ?? '0')) / 1e6);
      end = match.index + match[0].length;
    }
    rest = text.slice(Math.max(end, text.length - 40));
  });
  // Streams are cut by `close`, or by a server that stops; what is missing then is seen in the count.
  response.on('error', () => response.destroy());
}

const headersOf = ({ headers }: Clients, client: number): Readonly<Record<string, string>> => headers[client % headers.length] ?? {};

/** What its opening tells. */
function openStream(clients: Clients, client: number, path: string, agent: Agent): Promise<Heads | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { ...headersOf(clients, client), accept: 'text/event-stream' };
    const call = request(`${clients.origin}${path}`, { agent, headers }, (response) => {
      if (response.statusCode !== 200) {
        reject(new Error(`${path} answered ${response.statusCode ?? 0}`));
        return;
      }
      hear(response);
      resolve(readHeads(String(response.headers[HEADS_HEADER])));
    });
    call.on('error', reject);
    open.push(call);
    call.end();
  });
}

function pull(clients: Clients, client: number, path: string, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(`${clients.origin}${path}`, { agent, headers: headersOf(clients, client) }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        if (response.statusCode === 200) resolve((JSON.parse(text) as { documents?: unknown[] }).documents?.length ?? 0);
        else reject(new Error(`${path} answered ${response.statusCode ?? 0}: ${text.slice(0, 200)}`));
      });
    });
    call.on('error', reject);
    call.end();
  });
}

const each = <T>(clients: Clients, work: (client: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: clients.count }, (_, client) => work(client)));

async function openAll(clients: Clients): Promise<void> {
  const agent = new Agent({ keepAlive: false });
  await each(clients, (client) => Promise.all(clients.streams.map((path) => openStream(clients, client, path, agent))));
}

/** As the desk decides it. */
function mustAsk({ collection, stood }: Return, heads: Heads | undefined): boolean {
  if (!stood) return true;
  const still = makeStill(collection);
  still.opened(heads);
  return still.pull({ start: stood, held: [], claim: `${stood.lwt}.${readMark(stood.id).epoch}` }) === undefined;
}

async function reconnect(clients: Clients, returns: readonly (readonly Return[])[], documents: number): Promise<Caught> {
  const from = performance.now();
  const took = await each(clients, async (client) => {
    // As a browser: a client of its own has six connections at most, streams among them.
    const agent = new Agent({ keepAlive: true, maxSockets: 6 });
    const streams = new Agent({ keepAlive: false });
    const [heads] = await Promise.all(clients.streams.map((path) => openStream(clients, client, path, streams)));
    const asked = (returns[client % returns.length] ?? []).filter((one) => mustAsk(one, heads));
    const found = await Promise.all(asked.map(({ path }) => pull(clients, client, path, agent)));
    const sum = found.reduce((total, count) => total + count, 0);
    if (sum !== documents) throw new Error(`a client found ${sum} documents of ${documents}`);
    agent.destroy();
    return performance.now() - from;
  });
  return {
    all: Math.max(...took),
    p50: quantile(
      took.toSorted((a, b) => a - b),
      0.5,
    ),
  };
}

function report(): Heard {
  const sorted = times.toSorted((a, b) => a - b);
  times = [];
  return { changes: sorted.length, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), longest: sorted.at(-1) ?? Number.NaN };
}

function closeAll(): void {
  for (const call of open) call.destroy();
  open = [];
}

async function obey(order: Order): Promise<Answer> {
  if (order.do === 'report') return { heard: report() };
  if (order.do === 'reconnect') return { caught: await reconnect(order.clients, order.returns, order.documents) };
  if (order.do === 'open') await openAll(order.clients);
  else closeAll();
  return { done: true };
}

process.on('message', (order: Order) => {
  obey(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ failed: String(error) } satisfies Answer),
  );
});
// The bench that asked is gone.
process.on('disconnect', () => process.exit(0));
