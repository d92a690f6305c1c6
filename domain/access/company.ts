/**
 * What the company has set and rules read: one value that the window, an import and the server hand to the same rules, so that
 * they judge alike. A device keeps the last one that it was told; the server judges a push by the one that is stored.
 */
import { type NumberForms, readForms } from '../record/series.ts';
import { type ChangedLists, readLists } from './option-lists.ts';
import { type TradeSettingKey, settingProblem, settingRules, tradeSettingKeys } from './company-settings.ts';

export interface Company {
  /** Moves with every change; 0 for a device that was told nothing yet. */
  readonly version: number;
  /** Whole numbers in the unit that the name of the setting ends with. */
  readonly settings: Readonly<Record<TradeSettingKey, number>>;
  /** The option lists that were changed; all others are as Drover comes with them (`optionsOf`). */
  readonly options: ChangedLists;
  /** How the numbers of papers are written and ever were, of series whose form was changed. */
  readonly numbers: NumberForms;
}

const settingsFrom = (told: Readonly<Record<string, unknown>>): Company['settings'] =>
  Object.fromEntries(
    tradeSettingKeys.map((key) => {
      const value = told[key];
      return [key, typeof value === 'number' && settingProblem(key, value) === '' ? value : settingRules[key].usual];
    }),
  ) as Company['settings'];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads what a server told or a device kept: what this version does not know is left out, what is missing is as usual. */
export function companyFrom(told: unknown): Company {
  const { version, settings, options, numbers } = isObject(told) ? told : {};
  return {
    version: typeof version === 'number' && Number.isSafeInteger(version) ? version : 0,
    settings: settingsFrom(isObject(settings) ? settings : {}),
    options: readLists(options),
    numbers: readForms(isObject(numbers) ? numbers : {}),
  };
}

/** Before anybody has set anything. */
export const usualCompany: Company = companyFrom(undefined);
