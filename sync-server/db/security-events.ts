/** What happened to accounts and sign-ins: one row an event, written once and never changed. */
import type { Runner } from './database.ts';

export type SecurityEventKind =
  | 'signed_in'
  | 'sign_in_failed'
  | 'sign_in_blocked'
  | 'signed_out'
  | 'second_factor_failed'
  | 'recovery_code_used'
  | 'recovery_codes_renewed'
  | 'totp_enabled'
  | 'totp_disabled'
  | 'identity_linked'
  | 'passkey_added'
  | 'passkey_removed'
  | 'refresh_reused'
  | 'invited'
  | 'reset_requested'
  | 'password_changed'
  | 'password_change_failed'
  | 'device_renamed'
  | 'device_revoked'
  | 'device_wiped'
  | 'account_changed'
  | 'account_disabled'
  | 'account_enabled'
  | 'invitation_withdrawn'
  | 'signed_out_everywhere'
  | 'session_ended'
  | 'desk_created'
  | 'desk_changed'
  | 'key_created'
  | 'key_revoked'
  | 'key_used'
  | 'key_refused'
  | 'role_created'
  | 'role_changed'
  | 'role_removed';

export interface SecurityEvent {
  readonly kind: SecurityEventKind;
  /** Whom it is about; undefined where nobody is known, such as a sign-in with an unknown address. */
  readonly who: { readonly id: string; readonly name: string } | undefined;
  readonly device: string;
  /** Network address of the request; '' for the command line. */
  readonly address: string;
  readonly at: Date;
  /** Never a secret, and never what somebody typed into a sign-in: it may be a password in the wrong field. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Inside the transaction of what it tells, where there is one. */
export async function securityEvent(runner: Runner, { kind, who, device, address, at, details = {} }: SecurityEvent): Promise<void> {
  await runner.rows({
    name: 'security-event',
    text: `insert into security_events (at, kind, account_id, account_name, device, address, details) values ($1, $2, $3, $4, $5, $6, $7)`,
    values: [at.toISOString(), kind, who?.id ?? null, who?.name ?? '', device, address, JSON.stringify(details)],
  });
}
