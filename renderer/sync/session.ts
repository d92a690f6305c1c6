/** Who works at this desk: sign-in, renewal, and the stored user who goes on without the server. */
import { type ReactNode, createContext, createElement, useContext } from 'react';
import type { Actor } from '../../domain/record/record.commands.ts';
import type { SignedInUser } from '../../domain/protocol/protocol.ts';
import type { LocalStore } from '../data/local-store.ts';
import { useLive } from '../data/live.ts';
import type { Live } from '../data/observe.ts';

/** Where the refresh token is kept: the system's keychain in Electron, IndexedDB in the browser. */
export interface SecretStore {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
  remove(key: string): Promise<void>;
}

export interface SessionState {
  /** `expired`: the user is known and goes on working here, but must sign in again to sync. */
  readonly phase: 'signed_out' | 'signed_in' | 'expired';
  readonly user: SignedInUser | undefined;
}
export type SignInResult =
  | { readonly ok: true; readonly user: SignedInUser }
  | { readonly ok: false; readonly code: string; readonly message: string };

export interface SessionOptions {
  /** '' for the origin that served the window; `http://127.0.0.1:8790` and the like in Electron. */
  readonly baseUrl: string;
  readonly local: LocalStore;
  readonly secrets: SecretStore;
  readonly deviceId: string;
  /** Milliseconds a request may take; 30,000 unless told. */
  readonly timeout?: number;
}
export interface Session {
  readonly baseUrl: string;
  readonly state: Live<SessionState>;
  signIn(email: string, password: string): Promise<SignInResult>;
  /** Forgets the user and the tokens. The records on the device stay. */
  signOut(): Promise<void>;
  /** fetch with the bearer token and the device's name; renews the token once on 401. Throws TypeError when the server is out of reach. */
  authorizedFetch(path: string, init?: RequestInit): Promise<Response>;
}

export declare function openSession(options: SessionOptions): Promise<Session>;
export declare function webSecretStore(local: LocalStore): SecretStore;
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
