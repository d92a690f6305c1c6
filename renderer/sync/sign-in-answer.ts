/** What the server answers to somebody who signs in or renews, read without trust. Pure. */
import type { LoginAnswer, SignedInUser } from '../../domain/protocol/protocol.ts';

export type SignInResult =
  | { readonly ok: true; readonly user: SignedInUser; readonly notice?: string }
  /** `ticket` with code `second_factor`: for the second step. */
  | { readonly ok: false; readonly code: string; readonly message: string; readonly ticket?: string };

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

export const isLoginAnswer = (value: unknown): value is LoginAnswer =>
  isRecord(value) && typeof value['accessToken'] === 'string' && typeof value['refreshToken'] === 'string' && isRecord(value['user']);

export const saidCode = (said: unknown): string => (isRecord(said) && typeof said['code'] === 'string' ? said['code'] : '');

/** Whether the server wants this very device gone. It names the device, so that an answer meant for another one harms nobody. */
export const isRevocation = (said: unknown, deviceId: string): boolean =>
  isRecord(said) && said['code'] === 'device_revoked' && said['device'] === deviceId;

/** A refusal in the server's words; a proxy may have answered with a page, then the status says enough. */
export function refusalOf(said: unknown, status: number): Extract<SignInResult, { ok: false }> {
  const text = (key: string): string | undefined => (isRecord(said) && typeof said[key] === 'string' ? said[key] : undefined);
  const ticket = text('ticket');
  const message = text('detail') ?? `The server answered with status ${status}.`;
  return { ok: false, code: text('code') ?? 'refused', message, ...(ticket === undefined ? {} : { ticket }) };
}

export const outOfReach = (baseUrl: string, code: string): Extract<SignInResult, { ok: false }> => ({
  ok: false,
  code,
  message: `The server${baseUrl === '' ? '' : ` at ${baseUrl}`} cannot be reached, so a new sign-in is not possible now. Check the network${baseUrl === '' ? '' : ' and the address'}, and try again.`,
});
