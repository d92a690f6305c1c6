/** Making a passkey on this device: under one's account, and at a sign-in that asks for a second factor. */
import {
  type PublicKeyCredentialCreationOptionsJSON,
  type RegistrationResponseJSON,
  browserSupportsWebAuthn,
  startRegistration,
} from '@simplewebauthn/browser';

export const isPasskeyQuestion = (value: unknown): value is PublicKeyCredentialCreationOptionsJSON =>
  typeof value === 'object' && value !== null && 'challenge' in value && 'rp' in value && 'user' in value;

export const hasPasskeys = browserSupportsWebAuthn;

export type MadePasskey =
  | { readonly ok: true; readonly response: RegistrationResponseJSON }
  /** In words for the person: cancelled, or refused by the device. */
  | { readonly ok: false; readonly message: string };

export async function makePasskey(question: PublicKeyCredentialCreationOptionsJSON): Promise<MadePasskey> {
  try {
    return { ok: true, response: await startRegistration({ optionsJSON: question }) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { ok: false, message: error.name === 'NotAllowedError' ? 'No passkey was made.' : error.message };
  }
}
