/**
 * What unlocks the window without the server: the password, derived slowly, kept beside the refresh token. Whoever takes it
 * from the disk can try passwords against it, as slowly as this makes it.
 */
import type { SecretStore } from './token-pair.ts';

/** The name of the secret: `user salt hash`, base64. */
export const VERIFIER_SECRET = 'password-verifier';
/** OWASP's number for PBKDF2 with SHA-256; the browser has nothing slower of its own. About 0.2 s. */
const ITERATIONS = 600_000;

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

async function derive(password: string, salt: Uint8Array<ArrayBuffer>): Promise<string> {
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(password.normalize('NFKC')), 'PBKDF2', false, ['deriveBits']);
  return base64(
    new Uint8Array(await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ITERATIONS }, key, 256)),
  );
}

export interface PasswordVerifier {
  keep(userId: string, password: string): Promise<void>;
  /** undefined when there is none for this user: they signed in without a password, or the machine could not keep it. */
  matches(userId: string, password: string): Promise<boolean | undefined>;
  forget(): Promise<void>;
}

export function makePasswordVerifier(secrets: SecretStore): PasswordVerifier {
  return {
    async keep(userId, password) {
      const salt = crypto.getRandomValues(new Uint8Array(16));
      await secrets.set(VERIFIER_SECRET, `${userId} ${base64(salt)} ${await derive(password, salt)}`);
    },
    async matches(userId, password) {
      const [owner, salt = '', hash = ''] = ((await secrets.get(VERIFIER_SECRET)) ?? '').split(' ');
      if (owner !== userId || salt === '') return undefined;
      // Both are derived values: comparing them letter by letter tells nothing about the password.
      return (await derive(password, bytesOf(salt))) === hash;
    },
    forget: () => secrets.remove(VERIFIER_SECRET),
  };
}
