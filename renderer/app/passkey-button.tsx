/** Signing in by a passkey: the browser asks the person, the server judges the answer. */
import { Button } from '@mantine/core';
import { type PublicKeyCredentialRequestOptionsJSON, browserSupportsWebAuthn, startAuthentication } from '@simplewebauthn/browser';
import { ask } from '../sync/ask.ts';
import type { SignInResult } from '../sync/sign-in-answer.ts';
import { useSession } from '../sync/session.ts';

const isOptions = (value: unknown): value is PublicKeyCredentialRequestOptionsJSON =>
  typeof value === 'object' && value !== null && 'challenge' in value && typeof value.challenge === 'string';

export function PasskeyButton({ onResult }: { readonly onResult: (result: SignInResult) => void }) {
  const session = useSession();
  if (!browserSupportsWebAuthn()) return null;
  const signIn = async (): Promise<void> => {
    const options = await ask(session, '/auth/passkey/begin', isOptions, {}, 'anybody');
    if (!options.ok) return onResult(options);
    try {
      const response = await startAuthentication({ optionsJSON: options.value });
      onResult(await session.enter('/auth/passkey/finish', { response }));
    } catch (error) {
      // Cancelled by the person, or there is none on this device.
      if (!(error instanceof Error)) throw error;
      const message = error.name === 'NotAllowedError' ? 'No passkey was used.' : error.message;
      onResult({ ok: false, code: 'cancelled', message });
    }
  };
  return (
    <Button size="sm" fullWidth variant="default" mt="sm" onClick={() => void signIn()}>
      Sign in with a passkey
    </Button>
  );
}
