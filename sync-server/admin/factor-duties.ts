/** From when on a role has to have a second factor: judged, and written with its entry in one transaction. */
import { isCalendarDate } from '../../domain/entity/validate.ts';
import type { FactorDutyLine } from '../../domain/protocol/admin.ts';
import type { By } from '../auth/devices.ts';
import { SINGLE_FACTOR, dutyDay } from '../auth/factor-duty.ts';
import { lockRoles } from '../db/roles.ts';
import { endSessionsOfRole, factorDuties, putFactorDuty } from '../db/second-factor-duty.ts';
import { securityEvent } from '../db/security-events.ts';
import type { AdminDependencies } from './acting.ts';

export type DutyOutcome =
  | { readonly kind: 'done'; readonly duties: readonly FactorDutyLine[] }
  | { readonly kind: 'unknown_role'; readonly roles: readonly string[] }
  | { readonly kind: 'no_date' };

/**
 * `from`: a day, or null for no duty any more. One that has come ends the open sessions without a second factor, the own of whoever
 * says so too; they end at their next renewal when the day comes later.
 */
export async function changeFactorDuty(
  { db, now, watch }: Pick<AdminDependencies, 'db' | 'now' | 'watch'>,
  { role, from, reason }: { readonly role: string; readonly from: string | null; readonly reason: string },
  by: By,
): Promise<DutyOutcome> {
  if (from !== null && !isCalendarDate(from)) return { kind: 'no_date' };
  const outcome = await db.transaction(async (runner): Promise<DutyOutcome> => {
    await lockRoles(runner);
    const duties = await factorDuties(runner);
    const before = duties.find((one) => one.role === role);
    if (!before) return { kind: 'unknown_role', roles: duties.map((one) => one.role) };
    if (before.from === from) return { kind: 'done', duties };
    await putFactorDuty(runner, role, from);
    const ended = from !== null && from <= dutyDay(now()) ? await endSessionsOfRole(runner, role, SINGLE_FACTOR) : 0;
    const details = { role, before: before.from, after: from, ended, reason, by: { id: by.id, name: by.name } };
    await securityEvent(runner, { kind: 'second_factor_duty', who: undefined, device: by.device, address: by.address, at: now(), details });
    return { kind: 'done', duties: await factorDuties(runner) };
  });
  if (outcome.kind === 'done') await watch.look();
  return outcome;
}
