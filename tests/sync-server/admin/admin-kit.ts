/** Asking the routes of administration. */
import type { Server } from '../../../sync-server/server.ts';
import type { Client } from '../test-server.ts';

export interface Answered {
  readonly status: number;
  readonly body: Record<string, unknown>;
}
export async function post(client: Pick<Client, 'url' | 'headers'>, path: string, body: unknown): Promise<Answered> {
  const response = await fetch(client.url + path, { method: 'POST', headers: client.headers, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
export async function read<Answer>(client: Client, path: string): Promise<Answer> {
  const response = await client.get(path);
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Answer;
}
export interface Entry {
  readonly who: string;
  readonly details: Record<string, unknown>;
}
export const entries = (server: Server, kind: string): Promise<Entry[]> =>
  server.db.rows({ text: 'select account_name as who, details from security_events where kind = $1 order by seq', values: [kind] });
