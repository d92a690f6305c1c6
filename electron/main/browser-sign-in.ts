/**
 * Signing in through the system's own browser (RFC 8252): the shell listens on the loopback address for the one answer, opens the
 * sync server's start page in the browser, and hands the ticket to the window. The ticket alone opens nothing: the window
 * keeps the secret whose hash went along.
 */
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserSignIn } from '../ipc-contract.ts';

export interface BrowserPort {
  /** Origin of the sync server, as `parseServerUrl` let it through. */
  readonly serverUrl: () => string;
  readonly openExternal: (url: string) => Promise<void>;
  readonly timeoutMs?: number;
}

/** As long as a flow lasts on the server. */
const TIMEOUT_MS = 10 * 60_000;
const PATH = '/signed-in';
const PAGE =
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>Drover</title><p>You can close this page and go back to Drover.</p></html>';
const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  connection: 'close',
};

async function listenForAnswer(server: Server, timeoutMs: number): Promise<BrowserSignIn> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ outcome: 'cancelled' }), timeoutMs);
    server.on('request', (request, response) => {
      const url = new URL(request.url ?? '/', 'http://127.0.0.1');
      const [ticket, problem] = [url.searchParams.get('ticket'), url.searchParams.get('problem')];
      if (request.method !== 'GET' || url.pathname !== PATH || (ticket === null) === (problem === null)) {
        response.writeHead(404, headers).end();
        return;
      }
      response.writeHead(200, headers).end(PAGE);
      clearTimeout(timer);
      resolve(
        ticket === null ? { outcome: 'problem', code: (problem ?? '').slice(0, 80) } : { outcome: 'ticket', ticket: ticket.slice(0, 200) },
      );
    });
    server.on('close', () => {
      clearTimeout(timer);
      resolve({ outcome: 'cancelled' });
    });
  });
}

/** One sign-in at a time: a new one ends the one before it, which answers `cancelled`. */
export function openBrowserSignIn({
  serverUrl,
  openExternal,
  timeoutMs = TIMEOUT_MS,
}: BrowserPort): (challenge: string) => Promise<BrowserSignIn> {
  let current: Server | undefined;
  return async (challenge) => {
    current?.close();
    const server = createServer();
    current = server;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const answer = listenForAnswer(server, timeoutMs);
    try {
      const query = new URLSearchParams({ challenge, return: `http://127.0.0.1:${port}${PATH}` });
      await openExternal(`${serverUrl()}/auth/oidc/start?${query.toString()}`);
      return await answer;
    } finally {
      server.close();
      server.closeIdleConnections();
    }
  };
}
