/** What only a connection can get wrong: lengths that lie, halves of requests, bytes that are no HTTP, streams that are left. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLog } from '../../sync-server/log.ts';
import type { Server } from '../../sync-server/server.ts';
import { syntheticNouns } from '../sync-server/synthetic-nouns.ts';
import { type Client, document, insert, openStream, openTestServer, signIn, until } from '../sync-server/test-server.ts';
import { damagedText } from './damage.ts';
import { type Random, randomFrom } from './random.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_120);
const CONNECTIONS = Number(process.env['FUZZ_CONNECTIONS'] ?? 3000);

let server: Server;
let client: Client;
const logged: string[] = [];
beforeAll(async () => {
  server = await openTestServer({ nouns: syntheticNouns, log: openLog('error', { write: (line: string) => void logged.push(line) }) });
  client = await signIn(server, 'broker', 'sockets');
});
afterAll(() => server.close());

function requestText(n: number, random: Random): string {
  const body = JSON.stringify([{ newDocumentState: document(`s-${n}`, { name: `Socket ${n}` }) }]);
  const lines = [
    random.pick([
      'POST /sync/ranches/0/push HTTP/1.1',
      'GET /sync/ranches/0/pull HTTP/1.1',
      'GET /sync/stream?collections=ranches:0 HTTP/1.1',
    ]),
    'Host: x',
    `Authorization: ${client.headers['authorization']}`,
    'Content-Type: application/json',
    random.pick([
      `Content-Length: ${Buffer.byteLength(body)}`,
      `Content-Length: ${Buffer.byteLength(body) + random.below(9) - 4}`,
      'Content-Length: -1',
      'Content-Length: 99999999999',
      'Content-Length: 5\r\nContent-Length: 6',
      'Transfer-Encoding: chunked',
      'Transfer-Encoding: chunked\r\nContent-Length: 3',
      'Expect: 100-continue',
      'Upgrade: websocket\r\nConnection: Upgrade',
      `X-Long: ${'y'.repeat(random.below(20_000))}`,
    ]),
  ];
  const text = `${lines.join('\r\n')}\r\n\r\n${body}`;
  return random.chance(45) ? damagedText(text, random) : text;
}

/** Sends the text in one or two parts, waits for an answer or a while, and hangs up politely or not. */
function exchange(text: string, random: Random): Promise<string> {
  const at = random.below(text.length);
  const [isSplit, isRude, patience] = [random.chance(30), random.chance(50), 5 + random.below(30)];
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    let heard = '';
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1');
    });
    // A reset is an answer like any other here.
    socket.on('error', () => resolve(heard));
    socket.on('close', () => resolve(heard));
    socket.write(isSplit ? text.slice(0, at) : text);
    if (isSplit) setImmediate(() => socket.write(text.slice(at)));
    setTimeout(() => (isRude ? socket.resetAndDestroy() : socket.end(() => socket.destroy())), patience);
  });
}

describe(`connections, seed ${SEED}`, () => {
  test(`[SYN-12] ${CONNECTIONS} of them that are damaged, cut or left: no 5xx, no error, and the server goes on`, async () => {
    const wrong: string[] = [];
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < CONNECTIONS) {
        const n = next;
        next += 1;
        const random = randomFrom(SEED + n);
        const text = requestText(n, random);
        const heard = await exchange(text, random);
        const statuses = [...heard.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
        if (statuses.some((status) => status >= 500)) wrong.push(`connection ${n}: ${heard.slice(0, 300)}\n${text.slice(0, 500)}`);
      }
    };
    await Promise.all(Array.from({ length: 24 }, worker));
    expect([...wrong.slice(0, 5), ...logged.slice(0, 5)]).toEqual([]);
    const [feed] = await server.db.rows<{ head: number; entries: number; doubled: number }>({
      text: `select (select seq from feed_head) as head, (select count(*) from audit) as entries,
        (select count(*) from (select from audit group by id, w having count(*) > 1) d) as doubled`,
    });
    expect(feed).toEqual({ head: feed?.entries, entries: feed?.entries, doubled: 0 });
    // Some of the pushes were whole.
    expect(feed?.head).toBeGreaterThan(CONNECTIONS / 100);
  }, 300_000);

  test('[SYN-12] three hundred streams that are opened and left leave nobody listening, and a new one hears what comes', async () => {
    for (let round = 0; round < 15; round += 1) {
      const streams = await Promise.all(Array.from({ length: 20 }, () => openStream(client, '/sync/stream?collections=ranches,animals')));
      for (const stream of streams) stream.close();
    }
    await until(async () => {
      const [open] = await new Promise<number[]>((resolve, reject) =>
        server.fastify.server.getConnections((error, count) => (error ? reject(error) : resolve([count]))),
      );
      return (open ?? 99) < 12;
    }, 'the streams are closed');
    const stream = await openStream(client, '/sync/stream?collections=ranches');
    await client.push('ranches', [insert(document('s-after', { name: 'After' }))]);
    await until(() => stream.frames.some(({ documents }) => documents.some(({ id }) => id === 's-after')), 'it came live');
    stream.close();
  });
});
