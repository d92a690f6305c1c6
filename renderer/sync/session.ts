/**
 * Who works at this desk: sign-in, renewal, and the stored user who goes on without the server.
 *
 * The user's name and role are kept in the local store, the refresh token in the secret store, the access token only in
 * memory. Opening a session never asks the network. A refresh token is used by one window at a time (Web Locks), because
 * the server rotates it with every use.
 */
import { type ReactNode, createContext, createElement, useContext } from 'react';
import { DEVICE_HEADER, type LoginAnswer, type SignedInUser } from '../../domain/protocol/protocol.ts';
import type { Actor } from '../../domain/record/record.commands.ts';
import { useLive } from '../data/live.ts';
import { type LocalStore, loadSetting, saveSetting } from '../data/local-store.ts';
import { type Live, makeCell } from '../data/observe.ts';
import { SyncFault, faultOf, faultOfThrown } from './fault.ts';

/** Where the refresh token is kept: the system's keychain in Electron, IndexedDB in the browser. */
export interface SecretStore {
  get(key: string): Promise<string | undefined>;
  /** Rejects where the machine cannot keep it safely; the user then signs in again after a restart. */
  set(key: string, value: string): Promise<void>;
  remove(key: string): Promise<void>;
}

export interface SessionState {
  /** `expired`: the user is known and goes on working here, but must sign in again to sync. */
  readonly phase: 'signed_out' | 'signed_in' | 'expired';
  readonly user: SignedInUser | undefined;
}
export type SignInResult =
  | { readonly ok: true; readonly user: SignedInUser; readonly notice?: string }
  | { readonly ok: false; readonly code: string; readonly message: string };

export interface SessionOptions {
  /** '' for the origin that served the window; `http://127.0.0.1:8790` and the like in Electron. */
  readonly baseUrl: string;
  readonly local: LocalStore;
  readonly secrets: SecretStore;
  readonly deviceId: string;
  /** Milliseconds a request may take, its body included; 30,000 unless told. */
  readonly timeout?: number;
}
/** `timeout: 0` for a request that stays open, such as the stream. */
export type AuthorizedInit = RequestInit & { readonly timeout?: number };
export interface Session {
  readonly baseUrl: string;
  readonly state: Live<SessionState>;
  signIn(email: string, password: string): Promise<SignInResult>;
  /** Forgets the user and the tokens. The records on the device stay. */
  signOut(): Promise<void>;
  /**
   * fetch with the bearer token and the device's name; renews the token once on 401. Answers whatever status comes then.
   * Throws SyncFault `unreachable` when there is no answer, `signed_out` when a person must sign in.
   */
  authorizedFetch(path: string, init?: AuthorizedInit): Promise<Response>;
  close(): void;
}

const USER = 'session.user';
const TOKEN = 'refresh-token';
const TIMEOUT = 30_000;

interface Kept {
  readonly phase: 'signed_in' | 'expired';
  readonly user: SignedInUser;
}
const isKept = (value: unknown): value is Kept => typeof value === 'object' && value !== null && 'user' in value && 'phase' in value;
const isLoginAnswer = (value: unknown): value is LoginAnswer =>
  typeof value === 'object' && value !== null && 'accessToken' in value && 'refreshToken' in value && 'user' in value;

const stateOf = (kept: unknown): SessionState =>
  isKept(kept) ? { phase: kept.phase, user: kept.user } : { phase: 'signed_out', user: undefined };

/** One at a time over all windows of this origin where the browser can, else over this window. */
function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
  return typeof navigator !== 'undefined' && 'locks' in navigator ? navigator.locks.request(name, work) : work();
}

/** Keeps secrets in IndexedDB: what a browser has. Scripts of this origin can read it, so the CSP must hold (no foreign scripts). */
export function webSecretStore(local: LocalStore): SecretStore {
  return {
    async get(key) {
      const value = await loadSetting(local, `secret.${key}`);
      return typeof value === 'string' ? value : undefined;
    },
    set: (key, value) => saveSetting(local, `secret.${key}`, value),
    remove: (key) => saveSetting(local, `secret.${key}`, undefined),
  };
}

/** Restores the stored session without asking the network. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { baseUrl, local, secrets, deviceId } = options;
  const limit = options.timeout ?? TIMEOUT;
  const state = makeCell<SessionState>(stateOf(await loadSetting(local, USER)));
  // Another window may sign in or out; both read the same stored user.
  const others = typeof window === 'undefined' ? undefined : new BroadcastChannel(`drover-session-${local.name}`);
  const follow = async (): Promise<void> => {
    access = undefined;
    state.set(stateOf(await loadSetting(local, USER)));
  };
  others?.addEventListener('message', () => void follow());
  let access: string | undefined;
  let renewal: Promise<string> | undefined;

  const send = async (path: string, { timeout = limit, signal, ...init }: AuthorizedInit): Promise<Response> => {
    const signals = [...(signal ? [signal] : []), ...(timeout > 0 ? [AbortSignal.timeout(timeout)] : [])];
    try {
      return await fetch(`${baseUrl}${path}`, { ...init, ...(signals.length > 0 ? { signal: AbortSignal.any(signals) } : {}) });
    } catch (error) {
      throw faultOfThrown(error);
    }
  };
  const post = (path: string, body: unknown): Promise<Response> =>
    send(path, { method: 'POST', headers: { 'content-type': 'application/json', [DEVICE_HEADER]: deviceId }, body: JSON.stringify(body) });

  const keep = async (kept: Kept | undefined): Promise<void> => {
    const before = state.get();
    await saveSetting(local, USER, kept);
    state.set(stateOf(kept));
    if (before.phase !== state.get().phase || before.user?.id !== kept?.user.id) others?.postMessage('changed');
  };
  const adopt = async (answer: LoginAnswer): Promise<string | undefined> => {
    access = answer.accessToken;
    const notice = await secrets.set(TOKEN, answer.refreshToken).then(
      () => undefined,
      (error: unknown) =>
        `This machine cannot keep the sign-in (${error instanceof Error ? error.message : String(error)}); you will be asked again after a restart.`,
    );
    if (notice !== undefined) memoryToken = answer.refreshToken;
    await keep({ phase: 'signed_in', user: answer.user });
    return notice;
  };
  let memoryToken: string | undefined;

  const expire = async (): Promise<never> => {
    access = undefined;
    memoryToken = undefined;
    const { user } = state.get();
    await secrets.remove(TOKEN);
    if (user) await keep({ phase: 'expired', user });
    throw new SyncFault('signed_out', 'The sign-in has ended. Sign in again to sync; nothing is lost.', { status: 401 });
  };

  const renew = async (): Promise<string> => {
    const refreshToken = (await secrets.get(TOKEN)) ?? memoryToken;
    if (refreshToken === undefined) return expire();
    const response = await post('/auth/refresh', { refreshToken });
    if (response.status === 400 || response.status === 401 || response.status === 403) return expire();
    if (!response.ok) throw await faultOf(response);
    const answer: unknown = await response.json();
    if (!isLoginAnswer(answer))
      throw new SyncFault('bad_answer', 'The server answered the renewal of the sign-in in a way this Drover does not know.');
    await adopt(answer);
    return answer.accessToken;
  };
  /** Single flight: however many requests meet a 401, one renewal runs. */
  const renewed = (): Promise<string> => {
    renewal ??= exclusively('drover-session', renew).finally(() => {
      renewal = undefined;
    });
    return renewal;
  };

  const authorized = (path: string, init: AuthorizedInit, token: string): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${token}`);
    headers.set(DEVICE_HEADER, deviceId);
    return send(path, { ...init, headers });
  };

  return {
    baseUrl,
    state,
    async signIn(email, password) {
      try {
        const response = await post('/auth/login', { email: email.trim(), password });
        // A proxy may answer with a page; the status then says enough.
        const answer: unknown = await response.json().catch(() => undefined);
        if (response.ok && isLoginAnswer(answer)) {
          const notice = await exclusively('drover-session', () => adopt(answer));
          return notice === undefined ? { ok: true, user: answer.user } : { ok: true, user: answer.user, notice };
        }
        const said =
          typeof answer === 'object' && answer !== null && 'message' in answer
            ? String(answer.message)
            : `The server answered with status ${response.status}.`;
        const code = typeof answer === 'object' && answer !== null && 'code' in answer ? String(answer.code) : 'refused';
        return { ok: false, code, message: said };
      } catch (error) {
        if (!(error instanceof SyncFault)) throw error;
        return {
          ok: false,
          code: error.code,
          message: `The server${baseUrl === '' ? '' : ` at ${baseUrl}`} cannot be reached, so a new sign-in is not possible now. Check the network${baseUrl === '' ? '' : ' and the address'}, and try again.`,
        };
      }
    },
    async signOut() {
      access = undefined;
      memoryToken = undefined;
      await secrets.remove(TOKEN);
      await keep(undefined);
    },
    async authorizedFetch(path, init = {}) {
      if (state.get().phase !== 'signed_in') throw new SyncFault('signed_out', 'Sign in to sync; nothing is lost.', { status: 401 });
      const token = access ?? (await renewed());
      const response = await authorized(path, init, token);
      if (response.status !== 401) return response;
      await response.body?.cancel();
      if (access === token) access = undefined;
      return authorized(path, init, access ?? (await renewed()));
    },
    close() {
      others?.close();
    },
  };
}

/** The actor of commands submitted by this user. */
export const actorOf = (user: SignedInUser): Actor => ({ userId: user.id, deskId: user.deskId });

const SessionContext = createContext<Session | undefined>(undefined);
export const SessionProvider = ({ session, children }: { readonly session: Session; readonly children: ReactNode }): ReactNode =>
  createElement(SessionContext, { value: session }, children);
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession outside of SessionProvider');
  return session;
}
/** Who is signed in, and whether the server still knows it. */
export const useSessionState = (): SessionState => useLive(useSession().state);
