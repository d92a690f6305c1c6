/** What happened beside changes of records: one row an event, written once and never changed. */
import type { SecurityEventKind } from '../../domain/access/security-event.ts';
import type { DetailsOf } from '../audit/event-details.ts';
import { currentRequest } from '../request-context.ts';
import type { Runner } from './database.ts';

export interface SecurityEvent<Kind extends SecurityEventKind = SecurityEventKind> {
  readonly kind: Kind;
  /** Whom it is about; undefined where nobody is known, such as a sign-in with an unknown address. */
  readonly who: { readonly id: string; readonly name: string } | undefined;
  readonly device: string;
  /** Network address of the request; '' for the command line. */
  readonly address: string;
  readonly at: Date;
  /** What somebody gave as the reason. */
  readonly reason?: string;
}

/**
 * Inside the transaction of what it tells, where there is one. Takes the id of the request and the device's clock from its
 * surroundings. `details`: never a secret, and never what somebody typed into a sign-in: it may be a password in the wrong field.
 */
export async function securityEvent<Kind extends SecurityEventKind, Given = object>(
  runner: Runner,
  { kind, who, device, address, at, reason = '', details }: SecurityEvent<Kind> & { readonly details?: Given & DetailsOf<Kind, Given> },
): Promise<void> {
  const { request = '', deviceAt = null } = currentRequest() ?? {};
  await runner.rows({
    name: 'security-event',
    text: `insert into security_events (at, kind, account_id, account_name, device, address, request, device_at, reason, details)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    values: [
      at.toISOString(),
      kind,
      who?.id ?? null,
      who?.name ?? '',
      device,
      address,
      request,
      deviceAt,
      reason,
      JSON.stringify(details ?? {}),
    ],
  });
}

/** Notes that rows of an import came; true the first time. */
export async function firstOfImport(runner: Runner, importId: string, at: Date): Promise<boolean> {
  const rows = await runner.rows({
    name: 'first-of-import',
    text: 'insert into imports_seen (import_id, at) values ($1, $2) on conflict do nothing returning import_id',
    values: [importId, at.toISOString()],
  });
  return rows.length > 0;
}
