/** What a company may set for itself. The list is closed; each value is a whole number within limits that keep the company safe. */
import { formatDecimal } from '../units/decimal.ts';

/** How a stored whole number is shown and typed: `hundredths` of a percent have two decimals. */
const units = {
  days: [' day', ' days', 0],
  years: [' year', ' years', 0],
  percent: [' %', ' %', 0],
  hundredths: [' %', ' %', 2],
  megabytes: [' MB', ' MB', 0],
} as const;

export interface SettingRule {
  readonly label: string;
  /** What it does, and from when on. */
  readonly help: string;
  readonly unit: keyof typeof units;
  readonly least: number;
  readonly most: number;
  readonly usual: number;
}

/** Read by rules, in the window, in imports and on the server: every device is told them. */
const tradeRules = {
  price_warning_percent: {
    label: 'A price is asked about when it is further from its reference than',
    help: 'It catches a price per hundredweight that was typed per pound. Of what is saved from now on.',
    unit: 'percent',
    least: 1,
    most: 100,
    usual: 25,
  },
  case_weight_percent: {
    label: 'A catch weight is asked about when a case is further from the average than',
    help: 'Of packing lists that are saved from now on.',
    unit: 'percent',
    least: 1,
    most: 100,
    usual: 25,
  },
  margin_floor_basis_points: {
    label: 'A sale needs approval when its margin is below',
    help: 'Margin in percent of the sale. 0 asks only for sales at a loss. Of what is saved from now on.',
    unit: 'hundredths',
    least: 0,
    most: 5_000,
    usual: 0,
  },
  file_megabytes: {
    label: 'Files are taken up to',
    help: 'Of files that are added from now on; those that there are stay.',
    unit: 'megabytes',
    least: 1,
    most: 50,
    usual: 50,
  },
  trash_days: {
    label: 'Deleted records stay in the trash for',
    help: 'Then their content is removed from the server and all devices. What the law, a legal hold or another record needs stays longer.',
    unit: 'days',
    least: 30,
    most: 3650,
    usual: 365,
  },
} as const satisfies Readonly<Record<string, SettingRule>>;

const serverRules = {
  invitation_days: {
    label: 'An invitation can be used for',
    help: 'Of invitations that are sent from now on.',
    unit: 'days',
    least: 1,
    most: 30,
    usual: 7,
  },
  idle_days: {
    label: 'A device that was not used signs in again after',
    help: 'Of each device from its next contact on.',
    unit: 'days',
    least: 1,
    most: 90,
    usual: 30,
  },
  session_days: {
    label: 'Everybody signs in again after',
    help: 'However busy the device is. Of sign-ins from now on.',
    unit: 'days',
    least: 1,
    most: 365,
    usual: 90,
  },
  offline_days: {
    label: 'A device works without the server for',
    help: 'Then it shows nothing until it has asked the server again; it keeps everything. Of each device from its next contact on.',
    unit: 'days',
    least: 1,
    most: 60,
    usual: 14,
  },
  key_days: {
    label: 'An API key lives at most',
    help: 'Of keys that are made from now on.',
    unit: 'days',
    least: 1,
    most: 366,
    usual: 366,
  },
  refusal_years: {
    label: 'Refused changes are kept after they were closed for',
    help: 'Then a purge may remove them, unless a legal hold keeps them. Records of a transaction are kept for two years after the end of its year (9 CFR 320.3), so no less than three.',
    unit: 'years',
    least: 3,
    most: 20,
    usual: 7,
  },
} as const satisfies Readonly<Record<string, SettingRule>>;

export const settingRules = { ...serverRules, ...tradeRules } as const;

export type SettingKey = keyof typeof settingRules;
export type TradeSettingKey = keyof typeof tradeRules;
export const settingKeys = Object.keys(settingRules) as SettingKey[];
export const tradeSettingKeys = Object.keys(tradeRules) as TradeSettingKey[];
export const isSettingKey = (text: string): text is SettingKey => Object.hasOwn(settingRules, text);

/** How many decimals a value of this unit is typed with. */
export const decimalsOf = (unit: SettingRule['unit']): number => units[unit][2];
/** 750 hundredths -> "7.50 %", 7 days -> "7 days". */
export const settingText = ({ unit }: Pick<SettingRule, 'unit'>, value: number): string =>
  `${formatDecimal(value, decimalsOf(unit))}${units[unit][value === 1 ? 0 : 1]}`;

/** What is wrong with the value; '' for one that may be set. */
export function settingProblem(key: SettingKey, value: number): string {
  const rule: SettingRule = settingRules[key];
  const { least, most } = rule;
  return Number.isInteger(value) && value >= least && value <= most
    ? ''
    : `Give a value from ${settingText(rule, least)} to ${settingText(rule, most)}.`;
}
