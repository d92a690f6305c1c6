/** A company under attack: a real server on a real Postgres with the roles as they come, and somebody who asks it for anything. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { PROBLEM_TYPE, problemCodes } from '../../domain/protocol/problem-codes.ts';
import type { AppOptions } from '../../sync-server/app.ts';
import { openLog } from '../../sync-server/log.ts';
import type { Server } from '../../sync-server/server.ts';
import { plainRoles, put } from '../sync-server/access/rights-kit.ts';
import { type Client, openTestServer, signIn } from '../sync-server/test-server.ts';

export interface Answer {
  readonly status: number;
  readonly code: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}
export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE' | 'OPTIONS' | 'HEAD';
  readonly headers?: Record<string, string>;
  /** An object is sent as JSON, a text as it is. */
  readonly payload?: unknown;
}
export interface Company {
  readonly server: Server;
  readonly admin: Client;
  /** Of the desk `east`, as is field; accounting sees all desks. */
  readonly broker: Client;
  readonly field: Client;
  readonly accounting: Client;
  ask(url: string, how?: Ask): Promise<Answer>;
  /** Asks, and insists that the answer is a refusal in the shape of all refusals. */
  refused(url: string, how?: Ask): Promise<Answer>;
  /** Kinds and details of the entries of the audit since the given one. */
  events(since?: number): Promise<{ seq: number; kind: string; details: Record<string, unknown>; account: string }[]>;
  close(): Promise<void>;
}

export const id = (): string => randomUUID();
/** Words of the insides of the server, which no answer may hold. */
const INSIDE = /node_modules|\bat \S+ \(|select .+ from|sync-server\/|pg_|ECONN|SyntaxError|TypeError/i;

export async function openCompany(options: Partial<AppOptions> = {}): Promise<Company> {
  const errors: string[] = [];
  const server = await openTestServer({ log: openLog('error', { write: (line) => void errors.push(line) }), ...options });
  await plainRoles(server);
  for (const who of ['broker', 'field']) await put(server, who, { desks: ['east'] });
  const [admin, broker, field, accounting] = await Promise.all(
    ['admin', 'broker', 'field', 'accounting'].map((who) => signIn(server, who, `${who}-device`)),
  );
  if (!admin || !broker || !field || !accounting) throw new Error('somebody cannot sign in');

  async function ask(url: string, { method = 'GET', headers = {}, payload }: Ask = {}): Promise<Answer> {
    const sent = payload === undefined ? {} : { payload: typeof payload === 'string' ? payload : JSON.stringify(payload) };
    const json = payload === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await server.fastify.inject({ method, url, headers: { ...json, ...headers }, ...sent });
    const said: unknown =
      String(answer.headers['content-type']).includes('json') && answer.body !== '' ? JSON.parse(answer.body) : undefined;
    const code = typeof said === 'object' && said !== null && 'code' in said && typeof said.code === 'string' ? said.code : '';
    expect([url, answer.statusCode < 500, answer.body.slice(0, 200)]).toEqual([url, true, answer.body.slice(0, 200)]);
    return { status: answer.statusCode, code, body: answer.body, headers: answer.headers };
  }
  return {
    server,
    admin,
    broker,
    field,
    accounting,
    ask,
    async refused(url, how) {
      const answer = await ask(url, how);
      expect([url, answer.status >= 400, String(answer.headers['content-type']).split(';')[0]]).toEqual([url, true, PROBLEM_TYPE]);
      expect(problemCodes).toContain(answer.code);
      expect(answer.body).not.toMatch(INSIDE);
      return answer;
    },
    events: (since = 0) =>
      server.db.rows({
        text: `select seq, kind, details, coalesce(account_id, '') as account from security_events where seq > $1 order by seq`,
        values: [since],
      }),
    async close() {
      await server.close();
      // A 5xx, and everything that nobody expected, leaves a line of this level.
      expect(errors).toEqual([]);
    },
  };
}
export const last = async (company: Company): Promise<number> => (await company.events()).at(-1)?.seq ?? 0;
