/**
 * Who works at this desk: sign-in, renewal, and the stored user who goes on without the server.
 *
 * The user's name and role are kept in the local store, the refresh token in the secret store, the access token only in
 * memory. Opening a session never asks the network.
 *
 * Each refresh token is exchanged once, for one that this device made up and kept before it asks. So an exchange whose answer
 * was lost is simply asked for again, and windows that share a store ask for the same one; for the server a used token with
 * another successor is a stolen one (docs/decisions/0017-a-session-of-its-own-making.md).
 */
import { type ReactNode, createContext, createElement, useContext } from 'react';
import type { Rights } from '../../domain/access/rights.ts';
import type { LoginAnswer, RightsSnapshot, SignedInUser } from '../../domain/protocol/protocol.ts';
import type { Actor } from '../../domain/record/record.commands.ts';
import { useLive } from '../data/live.ts';
import { type LocalStore, loadSetting, saveSetting } from '../data/local-store.ts';
import { type Live, makeCell } from '../data/live-value.ts';
import { SyncFault, faultOf } from './fault.ts';
import { type SignInResult, isLoginAnswer, isRevocation, outOfReach, refusalOf, saidCode } from './sign-in-answer.ts';
import { type Lapsed, makeOfflineUse } from './offline-use.ts';
import { type SecretStore, makeTokens } from './token-pair.ts';
import { type AuthorizedInit, makeTransport } from './transport.ts';

export interface SessionState {
  /**
   * `expired`: the user is known and goes on working here, but must sign in again to sync. `revoked`: the server said that
   * everything on this device has to go; renderer/app/removal.ts sees to it.
   */
  readonly phase: 'signed_out' | 'signed_in' | 'expired' | 'revoked';
  readonly user: SignedInUser | undefined;
  /** Set while this device may not be used until it has asked the server; nothing of the desk is shown then. */
  readonly lapsed?: Lapsed;
  /** What the user may do, by the server's signed word. */
  readonly granted?: RightsSnapshot;
}
export interface SessionOptions {
  /** '' for the origin that served the window; `http://127.0.0.1:8790` and the like in Electron. */
  readonly baseUrl: string;
  readonly local: LocalStore;
  readonly secrets: SecretStore;
  readonly deviceId: string;
  /** What people call this device until they name it themselves, such as "Chrome on Windows". */
  readonly deviceName?: string;
  /** Milliseconds a request may take, its body included; 30,000 unless told. */
  readonly timeout?: number;
  /** Milliseconds since 1970; the device's clock unless told. */
  readonly now?: () => number;
  /** Keeps passwords, derived, so that a locked window opens without the server. Costs 0.2 s a sign-in. */
  readonly unlockByPassword?: boolean;
}
export interface Session {
  readonly baseUrl: string;
  readonly state: Live<SessionState>;
  /** What people call this device until they name it themselves. */
  readonly deviceName: string;
  signIn(email: string, password: string): Promise<SignInResult>;
  /** Signs in by another way: `path` answers as a sign-in does. */
  enter(path: string, body: Readonly<Record<string, unknown>>): Promise<SignInResult>;
  /** Forgets the user and the tokens, and ends the session at the server if that can be reached. The records on the device stay. */
  signOut(): Promise<void>;
  /** Asks the server who the user is by now, where the name or the address may have changed. */
  lookAgain(): Promise<void>;
  /** Judges anew whether this device may be used without the server; once a minute is enough. */
  checkGrant(): Promise<void>;
  /** Whether this is the user's password; undefined when this device cannot tell. */
  passwordMatches(userId: string, password: string): Promise<boolean | undefined>;
  /** The user has changed the password in this window. */
  keepPassword(password: string): Promise<void>;
  /** What the server has to hear from a revoked device when it has removed everything; undefined unless it was revoked. */
  revokedToken(): string | undefined;
  /**
   * fetch with the bearer token and the device's name; renews the token once on 401. Answers whatever status comes then.
   * Throws SyncFault `unreachable` when there is no answer, `signed_out` when a person must sign in.
   */
  authorizedFetch(path: string, init?: AuthorizedInit): Promise<Response>;
  /** fetch with the device's name and nobody's token, for what is asked before a sign-in. Throws SyncFault `unreachable`. */
  openFetch(path: string, init?: AuthorizedInit): Promise<Response>;
  close(): void;
}

const USER = 'session.user';
const TIMEOUT = 30_000;

interface Kept {
  readonly phase: 'signed_in' | 'expired';
  readonly user: SignedInUser;
}
const isKept = (value: unknown): value is Kept => typeof value === 'object' && value !== null && 'user' in value && 'phase' in value;
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

/** Whoever signed out meanwhile, or in as somebody else, is not brought back by an answer to the question before. */
function stillThere({ user }: SessionState, whose: string | undefined): void {
  if (whose === undefined || user?.id !== whose) throw new SyncFault('signed_out', 'Sign in to sync; nothing is lost.', { status: 401 });
}
async function renewalOf(response: Response): Promise<LoginAnswer> {
  if (!response.ok) throw await faultOf(response);
  const answer: unknown = await response.json();
  if (isLoginAnswer(answer)) return answer;
  throw new SyncFault('bad_answer', 'The server answered the renewal of the sign-in in a way this Drover does not know.');
}

/** What is asked again with the next request anyway may fail for now. */
const ifInReach = (asking: Promise<unknown>): Promise<void> =>
  asking.then(
    () => undefined,
    (error: unknown) => {
      if (!(error instanceof SyncFault)) throw error;
    },
  );

/** Restores the stored session without asking the network. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { baseUrl, local, secrets, deviceId, deviceName } = options;
  const { send, post } = makeTransport({ baseUrl, deviceId, timeout: options.timeout ?? TIMEOUT });
  const offline = makeOfflineUse({
    local,
    secrets,
    deviceId,
    now: options.now ?? (() => Date.now()),
    unlock: options.unlockByPassword === true,
  });
  const judged = async (next: SessionState): Promise<SessionState> => {
    return { ...next, ...(await offline.judge(next.user)) };
  };
  const state = makeCell<SessionState>(await judged(stateOf(await loadSetting(local, USER))));
  // Another window may sign in or out; both read the same stored user.
  const others = typeof window === 'undefined' ? undefined : new BroadcastChannel(`drover-session-${local.name}`);
  const follow = async (): Promise<void> => {
    access = undefined;
    state.set(await judged(stateOf(await loadSetting(local, USER))));
  };
  others?.addEventListener('message', () => void follow());
  let access: string | undefined;
  let renewal: Promise<string> | undefined;

  const keep = async (kept: Kept | undefined): Promise<void> => {
    const before = state.get();
    await saveSetting(local, USER, kept);
    state.set(await judged(stateOf(kept)));
    if (before.phase !== state.get().phase || before.user?.id !== kept?.user.id) others?.postMessage('changed');
  };
  const tokens = makeTokens(secrets);
  const adopt = async (answer: LoginAnswer, by: 'sign_in' | 'renewal'): Promise<string | undefined> => {
    access = answer.accessToken;
    await offline.adopt(answer.grant, answer.user, by);
    const problem = await tokens.adopt(answer.refreshToken);
    await keep({ phase: 'signed_in', user: answer.user });
    return problem === undefined
      ? undefined
      : `This machine cannot keep the sign-in (${problem}); you will be asked again after a restart.`;
  };
  let revokedToken: string | undefined;

  const expire = async (): Promise<never> => {
    access = undefined;
    await tokens.forget();
    const { user } = state.get();
    if (user) await keep({ phase: 'expired', user });
    throw new SyncFault('signed_out', 'The sign-in has ended. Sign in again to sync; nothing is lost.', { status: 401 });
  };
  const revoke = (token: string): void => {
    revokedToken = token;
    access = undefined;
    state.set({ phase: 'revoked', user: state.get().user });
  };

  const renew = async (): Promise<string> => {
    const whose = state.get().user?.id;
    const pair = await tokens.read();
    stillThere(state.get(), whose);
    if (pair === undefined) return expire();
    const response = await post('/auth/refresh', pair);
    if (response.status === 400 || response.status === 401 || response.status === 403) {
      // A proxy may answer with a page; then it is no revocation.
      const said: unknown = await response.json().catch(() => undefined);
      if (saidCode(said) === 'account_disabled') await offline.withdraw();
      if (!isRevocation(said, deviceId)) return expire();
      revoke(pair.refreshToken);
      throw new SyncFault('signed_out', 'This device was removed from Drover.', { status: 401 });
    }
    const answer = await renewalOf(response);
    stillThere(state.get(), whose);
    await adopt(answer, 'renewal');
    return answer.accessToken;
  };
  /** Single flight: however many requests meet a 401, one renewal runs. */
  const renewed = (): Promise<string> => {
    renewal ??= exclusively('drover-session', renew).finally(() => {
      renewal = undefined;
    });
    return renewal;
  };

  const enter = async (path: string, body: Readonly<Record<string, unknown>>): Promise<SignInResult> => {
    try {
      const response = await post(path, { ...body, ...(deviceName === undefined ? {} : { deviceName }) });
      // A proxy may answer with a page; the status then says enough.
      const answer: unknown = await response.json().catch(() => undefined);
      if (response.ok && isLoginAnswer(answer)) {
        const notice = await exclusively('drover-session', () => adopt(answer, 'sign_in'));
        return notice === undefined ? { ok: true, user: answer.user } : { ok: true, user: answer.user, notice };
      }
      if (isRevocation(answer, deviceId)) revoke('');
      return refusalOf(answer, response.status);
    } catch (error) {
      if (!(error instanceof SyncFault)) throw error;
      return outOfReach(baseUrl, error.code);
    }
  };

  return {
    baseUrl,
    deviceName: deviceName ?? 'Unnamed device',
    state,
    enter,
    signIn(email, password) {
      offline.type(password);
      return enter('/auth/login', { email: email.trim(), password });
    },
    lookAgain: () => ifInReach(renewed()),
    async checkGrant() {
      const { lapsed: _before, granted: _granted, ...rest } = state.get();
      const next = await judged(rest);
      if (next.lapsed !== state.get().lapsed) state.set(next);
    },
    passwordMatches: offline.passwordMatches,
    async keepPassword(password) {
      const { user } = state.get();
      if (user) await offline.keepPassword(user.id, password);
    },
    async signOut() {
      // Before the first pause, so that nothing in the background goes on in this user's name.
      state.set({ phase: 'signed_out', user: undefined });
      access = undefined;
      const pair = await tokens.read();
      await tokens.forget();
      await offline.forget();
      await keep(undefined);
      others?.postMessage('changed');
      if (pair === undefined) return;
      // Not waited for: without the server the session ends there by itself, and nobody has its token any more.
      post('/auth/logout', { refreshToken: pair.refreshToken }).catch((error: unknown) => {
        if (!(error instanceof SyncFault)) throw error;
      });
    },
    revokedToken: () => revokedToken,
    async authorizedFetch(path, init = {}) {
      if (state.get().phase !== 'signed_in') throw new SyncFault('signed_out', 'Sign in to sync; nothing is lost.', { status: 401 });
      const token = access ?? (await renewed());
      const response = await send(path, init, token);
      if (response.status !== 401) return response;
      await response.body?.cancel();
      if (access === token) access = undefined;
      return send(path, init, access ?? (await renewed()));
    },
    openFetch: (path, init = {}) => send(path, init),
    close() {
      others?.close();
    },
  };
}

/** The actor of commands submitted by this user. */
export const actorOf = (user: SignedInUser, rights?: Rights): Actor => ({
  userId: user.id,
  deskId: user.deskId,
  ...(rights ? { rights } : {}),
});

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
