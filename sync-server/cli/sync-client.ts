/** The command line as a client of the sync server: signs in, reads a collection, pushes rows. Plain HTTP, nothing stored. */
import { type Company, companyFrom } from '../../domain/access/company.ts';
import { isWithdrawn } from '../../domain/access/withdrawn.ts';
import {
  type Checkpoint,
  CLOCK_HEADER,
  DEVICE_HEADER,
  type LoginAnswer,
  PULL_LIMIT_MAX,
  type PullAnswer,
  type PushRow,
  type SignedInUser,
  type WireDocument,
} from '../../domain/protocol/protocol.ts';

export type CliFaultCode = 'unreachable' | 'sign_in' | 'refused' | 'usage' | 'file' | 'journal';
/** Something outside went wrong, or was asked for wrongly; the message says what and the way out. */
export class CliFault extends Error {
  readonly code: CliFaultCode;
  constructor(code: CliFaultCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'CliFault';
    this.code = code;
  }
}

export interface SyncClient {
  readonly user: SignedInUser;
  /** What the company has set. */
  company(): Promise<Company>;
  /** Every state of a collection, tombstones included, by id. Calls back after each page with how many came so far. */
  pullAll(collection: string, version: number, onPage: (count: number) => void): Promise<Map<string, WireDocument>>;
  /** Answers the states that the server holds instead of refused or outdated rows. At most 500 rows. */
  push(collection: string, version: number, rows: readonly PushRow[]): Promise<readonly WireDocument[]>;
}

const TIMEOUT_MS = 60_000;
const TRIES = 4;
const FIRST_WAIT_MS = 500;

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

/** The server's own sentence where it gives one. */
async function sentenceOf(response: Response): Promise<string> {
  const answer: unknown = await response.json().catch(() => undefined);
  if (typeof answer === 'object' && answer !== null && 'detail' in answer && typeof answer.detail === 'string') return answer.detail;
  return `The server answered with status ${response.status}.`;
}

async function send(url: string, init: RequestInit): Promise<Response> {
  for (let tried = 1; ; tried += 1) {
    try {
      const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
      // A push may be sent again safely: the write ids make it harmless.
      if (response.status !== 503 || tried >= TRIES) return response;
      await response.body?.cancel();
    } catch (cause) {
      if (tried >= TRIES)
        throw new CliFault(
          'unreachable',
          `The server at ${new URL(url).origin} cannot be reached. Check that it runs, or name another one with --server.`,
          cause,
        );
    }
    await pause(FIRST_WAIT_MS * 2 ** (tried - 1));
  }
}

const json = (token: string | undefined, device: string): Record<string, string> => ({
  'content-type': 'application/json',
  [DEVICE_HEADER]: device,
  [CLOCK_HEADER]: new Date().toISOString(),
  ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
});

/** Signs in; throws CliFault with the server's words when it is refused. `server` is an address such as http://127.0.0.1:8790. */
export async function signIn(server: string, email: string, password: string, device: string): Promise<SyncClient> {
  const post = (path: string, body: unknown, token?: string) =>
    send(`${server}${path}`, { method: 'POST', headers: json(token, device), body: JSON.stringify(body) });
  const login = await post('/auth/login', { email, password });
  if (!login.ok) throw new CliFault('sign_in', `Signing in as ${email} was refused: ${await sentenceOf(login)}`);
  let session = (await login.json()) as LoginAnswer;

  /** An import may outlast the access token's 15 minutes. */
  const renew = async (): Promise<void> => {
    const answer = await post('/auth/refresh', { refreshToken: session.refreshToken });
    if (!answer.ok) throw new CliFault('sign_in', `The session could not be renewed: ${await sentenceOf(answer)}`);
    session = { ...session, ...((await answer.json()) as LoginAnswer) };
  };
  const authorized = async (path: string, init: RequestInit): Promise<Response> => {
    const go = () => send(`${server}${path}`, { ...init, headers: json(session.accessToken, device) });
    const first = await go();
    if (first.status !== 401) return first;
    await first.body?.cancel();
    await renew();
    return go();
  };
  const checked = async (response: Response, what: string): Promise<Response> => {
    if (response.ok) return response;
    if (response.status === 426)
      throw new CliFault('refused', `${what}: this Drover is older than the server. Update it and run the command again.`);
    throw new CliFault('refused', `${what}: ${await sentenceOf(response)}`);
  };

  return {
    user: session.user,
    async company() {
      const response = await checked(await authorized('/me/company', { method: 'GET' }), 'Reading what the company has set');
      return companyFrom(await response.json());
    },
    async pullAll(collection, version, onPage) {
      const all = new Map<string, WireDocument>();
      let checkpoint: Checkpoint = { lwt: 0, id: '' };
      for (;;) {
        const query = new URLSearchParams({ lwt: String(checkpoint.lwt), id: checkpoint.id, limit: String(PULL_LIMIT_MAX) });
        const response = await checked(
          await authorized(`/sync/${collection}/${version}/pull?${query.toString()}`, { method: 'GET' }),
          `Reading ${collection}`,
        );
        const page = (await response.json()) as PullAnswer;
        for (const document of page.documents) {
          if (isWithdrawn(document)) all.delete(document.id);
          else all.set(document.id, document);
        }
        if (page.documents.length < PULL_LIMIT_MAX) return all;
        checkpoint = page.checkpoint;
        onPage(all.size);
      }
    },
    async push(collection, version, rows) {
      const response = await checked(
        await authorized(`/sync/${collection}/${version}/push`, { method: 'POST', body: JSON.stringify(rows) }),
        `Writing ${collection}`,
      );
      return (await response.json()) as readonly WireDocument[];
    },
  };
}
