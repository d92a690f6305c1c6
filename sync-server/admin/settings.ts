/** Changing what the company has set for itself: judged, and written with its entry in one transaction. */
import { type SettingKey, type SettingRule, settingKeys, settingProblem, settingRules } from '../../domain/access/company-settings.ts';
import type { SettingLine } from '../../domain/protocol/admin.ts';
import type { By } from '../auth/devices.ts';
import type { CompanyWatch } from '../company/company-watch.ts';
import type { Database, Runner } from '../db/database.ts';
import { securityEvent } from '../db/security-events.ts';
import { lockSettings, putSetting, settingOf, storedSettings } from '../db/settings.ts';

interface SettingDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly company: Pick<CompanyWatch, 'look'>;
}

export async function listSettings(runner: Runner): Promise<SettingLine[]> {
  const stored = new Map((await storedSettings(runner)).map((one) => [one.key, one]));
  return settingKeys.map((key) => {
    const { value = settingRules[key].usual, changedAt = null, changedBy = null } = stored.get(key) ?? {};
    const rule: SettingRule = settingRules[key];
    return { key, ...rule, value, changedAt, changedBy };
  });
}

/** Answers what is wrong with the value; '' when it holds, from now on and in every server process. */
export async function changeSetting(
  { db, now, company }: SettingDependencies,
  key: SettingKey,
  value: number,
  reason: string,
  by: By,
): Promise<string> {
  const problem = settingProblem(key, value);
  if (problem !== '') return problem;
  const at = now();
  await db.transaction(async (runner) => {
    await lockSettings(runner);
    const before = await settingOf(runner, key);
    if (before === value) return;
    await putSetting(runner, { key, value, changedAt: at.toISOString(), changedBy: by.name });
    const details = { setting: key, before, after: value, reason, by: { id: by.id, name: by.name } };
    await securityEvent(runner, { kind: 'settings_changed', who: undefined, device: by.device, address: by.address, at, details });
  });
  await company.look();
  return '';
}
