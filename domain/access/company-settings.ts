/** What a company may set for itself. The list is closed; each value is a whole number within limits that keep the company safe. */

export interface SettingRule {
  readonly label: string;
  /** What it does, and from when on. */
  readonly help: string;
  readonly least: number;
  readonly most: number;
  readonly usual: number;
}
export const settingRules = {
  invitation_days: {
    label: 'An invitation can be used for, days',
    help: 'Of invitations that are sent from now on.',
    least: 1,
    most: 30,
    usual: 7,
  },
  idle_days: {
    label: 'A device that was not used signs in again after, days',
    help: 'Of each device from its next contact on.',
    least: 1,
    most: 90,
    usual: 30,
  },
  session_days: {
    label: 'Everybody signs in again after, days',
    help: 'However busy the device is. Of sign-ins from now on.',
    least: 1,
    most: 365,
    usual: 90,
  },
  offline_days: {
    label: 'A device works without the server for, days',
    help: 'Then it shows nothing until it has asked the server again; it keeps everything. Of each device from its next contact on.',
    least: 1,
    most: 60,
    usual: 14,
  },
  key_days: {
    label: 'An API key lives at most, days',
    help: 'Of keys that are made from now on.',
    least: 1,
    most: 366,
    usual: 366,
  },
  trash_days: {
    label: 'Deleted records stay in the trash, days',
    help: 'Then their content is removed from the server and all devices; what the law, a legal hold or another record needs stays longer.',
    least: 30,
    most: 3650,
    usual: 365,
  },
  refusal_years: {
    label: 'Refused changes are kept after they were closed, years',
    help: 'Then a purge may remove them, unless a legal hold keeps them. Records of a transaction are kept for two years after the end of its year (9 CFR 320.3), so no less than three.',
    least: 3,
    most: 20,
    usual: 7,
  },
} as const satisfies Readonly<Record<string, SettingRule>>;

export type SettingKey = keyof typeof settingRules;
export const settingKeys = Object.keys(settingRules) as SettingKey[];
export const isSettingKey = (text: string): text is SettingKey => Object.hasOwn(settingRules, text);

/** What is wrong with the value; '' for one that may be set. */
export function settingProblem(key: SettingKey, value: number): string {
  const { least, most } = settingRules[key];
  return Number.isInteger(value) && value >= least && value <= most ? '' : `Give a whole number from ${least} to ${most}.`;
}
