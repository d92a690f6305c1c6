/** Requests to the sync server, with the device's name, a limit of time, and every failure of the network as a SyncFault. */
import { CLOCK_HEADER, DEVICE_HEADER } from '../../domain/protocol/protocol.ts';
import { faultOfThrown } from './fault.ts';

/** `timeout: 0` for a request that stays open, such as the stream. */
export type AuthorizedInit = RequestInit & { readonly timeout?: number };

export interface TransportOptions {
  readonly baseUrl: string;
  readonly deviceId: string;
  /** Milliseconds a request may take, its body included. */
  readonly timeout: number;
}

export function makeTransport({ baseUrl, deviceId, timeout: limit }: TransportOptions) {
  /** Without a token nobody asks. Throws SyncFault `unreachable` when there is no answer. */
  const send = async (path: string, { timeout = limit, signal, ...init }: AuthorizedInit, token?: string): Promise<Response> => {
    const signals = [...(signal ? [signal] : []), ...(timeout > 0 ? [AbortSignal.timeout(timeout)] : [])];
    const headers = new Headers(init.headers);
    headers.set(DEVICE_HEADER, deviceId);
    headers.set(CLOCK_HEADER, new Date().toISOString());
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    try {
      return await fetch(`${baseUrl}${path}`, { ...init, headers, ...(signals.length > 0 ? { signal: AbortSignal.any(signals) } : {}) });
    } catch (error) {
      throw faultOfThrown(error);
    }
  };
  return {
    send,
    post: (path: string, body: unknown): Promise<Response> =>
      send(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  };
}
