/** How people can sign in to this server, asked of it without a sign-in. */
import type { SignInWays } from '../../domain/protocol/protocol.ts';
import { useAsked } from './ask.ts';

const isWays = (value: unknown): value is SignInWays =>
  typeof value === 'object' &&
  value !== null &&
  'reset' in value &&
  typeof value.reset === 'boolean' &&
  'passkeys' in value &&
  typeof value.passkeys === 'boolean' &&
  'oidc' in value &&
  (value.oidc === null || typeof value.oidc === 'string');

/** undefined until the server has said it. Passkeys belong to the address of the web app; the desktop's window has another one. */
export function useSignInWays(): SignInWays | undefined {
  const { asked } = useAsked('/auth/ways', isWays, 'anybody');
  if (asked?.ok !== true) return undefined;
  return 'drover' in window ? { ...asked.value, passkeys: false } : asked.value;
}
