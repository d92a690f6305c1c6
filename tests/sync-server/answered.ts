/** A request to a server under test, and what came back. */
import type { Server } from '../../sync-server/server.ts';

export interface Answered {
  readonly status: number;
  readonly body: Record<string, unknown>;
}
export async function postTo(server: Server, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answered> {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
