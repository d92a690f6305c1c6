/** From when on a role has to have a second factor: judged, and written with its entry in one transaction. */
import { isCalendarDate } from '../../domain/entity/validate.ts';
import type { FactorDutyLine } from '../../domain/protocol/admin.ts';
import type { By } from '../auth/devices.ts';
import type { Database } from '../db/database.ts';
import { lockRoles } from '../db/roles.ts';
import { factorDuties, putFactorDuty } from '../db/second-factor-duty.ts';
import { securityEvent } from '../db/security-events.ts';

export type DutyOutcome =
  | { readonly kind: 'done'; readonly duties: readonly FactorDutyLine[] }
  | { readonly kind: 'unknown_role'; readonly roles: readonly string[] }
  | { readonly kind: 'no_date' };

/** `from`: a day, or null for no duty any more. Open sessions go on until their next renewal, a quarter of an hour at most. */
export async function changeFactorDuty(
  { db, now }: { readonly db: Database; readonly now: () => Date },
  { role, from, reason }: { readonly role: string; readonly from: string | null; readonly reason: string },
  by: By,
): Promise<DutyOutcome> {
  if (from !== null && !isCalendarDate(from)) return { kind: 'no_date' };
  return db.transaction(async (runner): Promise<DutyOutcome> => {
    await lockRoles(runner);
    const duties = await factorDuties(runner);
    const before = duties.find((one) => one.role === role);
    if (!before) return { kind: 'unknown_role', roles: duties.map((one) => one.role) };
    if (before.from === from) return { kind: 'done', duties };
    await putFactorDuty(runner, role, from);
    const details = { role, before: before.from, after: from, reason, by: { id: by.id, name: by.name } };
    await securityEvent(runner, { kind: 'second_factor_duty', who: undefined, device: by.device, address: by.address, at: now(), details });
    return { kind: 'done', duties: await factorDuties(runner) };
  });
}
