/** One open server-sent event stream: headers, heartbeat, its end with the token, and what to do with a slow reader. */
import type { FastifyReply, FastifyRequest } from 'fastify';

export interface EventStream {
  send(event: Buffer): void;
  end(): void;
}
export interface StreamOptions {
  readonly endsAt: Date;
  /** Starts the flow of changes into the stream; answers the function that ends it. Called before the client hears anything. */
  readonly subscribe: (stream: EventStream) => () => void;
  readonly heartbeatMs?: number;
  /** More headers; asked for after the subscription. */
  readonly headers?: () => Readonly<Record<string, string>>;
}

/** The bytes of an event whose data are one line. `event`: its name; a frame of changes has none. */
export const eventOf = (data: string, event?: string): Buffer =>
  Buffer.from(`${event === undefined ? '' : `event: ${event}\n`}data: ${data}\n\n`);

const HEARTBEAT_MS = 15_000;
/**
 * More than this unread: the reader is closed, reconnects, and pulls what it missed. Readers of one scope wait on the same bytes,
 * so a hundred of them hold no more than one.
 */
export const UNREAD_BYTES_MAX = 4 * 1024 * 1024;
/** setTimeout takes no more than 2^31-1 ms; tokens end long before. */
const TIMER_MS_MAX = 2_147_483_647;

/**
 * Takes the connection over from Fastify. Subscribes before it sends the headers: the client pulls as soon as it sees
 * them, and nothing may fall between that pull and the first event.
 */
export function openEventStream(
  request: FastifyRequest,
  reply: FastifyReply,
  { endsAt, subscribe, heartbeatMs = HEARTBEAT_MS, headers }: StreamOptions,
): void {
  reply.hijack();
  const response = reply.raw;
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    clearInterval(heartbeat);
    clearTimeout(expiry);
    unsubscribe();
    response.end();
  };
  const write = (bytes: string | Buffer): void => {
    if (ended) return;
    if (response.writableLength > UNREAD_BYTES_MAX) {
      request.log.info({ unread: response.writableLength }, 'slow stream closed');
      end();
      // end() waits for the reader; this one has shown that it does not read.
      response.destroy();
      return;
    }
    response.write(bytes);
  };
  const heartbeat = setInterval(() => write(': still here\n\n'), heartbeatMs);
  const expiry = setTimeout(end, Math.min(Math.max(0, endsAt.getTime() - Date.now()), TIMER_MS_MAX));
  const stream: EventStream = { send: write, end };
  const unsubscribe = subscribe(stream);
  response.on('close', end);
  response.on('error', end);
  response.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    ...headers?.(),
  });
  // Ends the silence at once, so that proxies and clients see an open stream.
  write('retry: 2000\n: open\n\n');
  // The client may have gone while its token was being checked; then no `close` will come any more.
  if (response.destroyed) end();
}
