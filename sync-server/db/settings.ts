/** The company's settings. What is not stored is as usual. */
import { type SettingKey, isSettingKey, settingRules, tradeSettingKeys } from '../../domain/access/company-settings.ts';
import type { Runner } from './database.ts';

export async function settingOf(runner: Runner, key: SettingKey): Promise<number> {
  const rows = await runner.rows<{ value: number }>({
    name: 'company-setting',
    text: 'select value from company_settings where key = $1',
    values: [key],
  });
  return rows[0]?.value ?? settingRules[key].usual;
}

export const COMPANY_CHANNEL = 'drover_company';
interface CompanyRow {
  readonly version: number;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly options: unknown;
  readonly numbers: unknown;
}
export interface StoredSetting {
  readonly key: SettingKey;
  readonly value: number;
  readonly changedAt: string;
  readonly changedBy: string;
}
/** Those that differ from what is usual, or did. Of a newer version's settings nothing. */
export async function storedSettings(runner: Runner): Promise<StoredSetting[]> {
  const rows = await runner.rows<StoredSetting>({
    text: 'select key, value, changed_at as "changedAt", changed_by as "changedBy" from company_settings',
  });
  return rows.filter(({ key }) => isSettingKey(key));
}
/**
 * What every device is told, with its version, in one statement. Keys of another version of the program too; of number series those
 * that were ever written otherwise.
 */
export async function readCompany(runner: Runner): Promise<CompanyRow> {
  const rows = await runner.rows<CompanyRow>({
    name: 'read-company',
    text: `select version, coalesce((select jsonb_object_agg(key, value) from company_settings where key = any($1)), '{}') as settings,
        coalesce((select jsonb_object_agg(list, options) from company_options), '{}') as options,
        (select coalesce(jsonb_object_agg(series, forms), '{}') from (
          select series, jsonb_agg(jsonb_build_object('prefix', prefix, 'width', width)) as forms from series_form group by series
          having count(*) > 1) f) as numbers
      from company_version`,
    values: [tradeSettingKeys],
  });
  const row = rows[0];
  if (!row) throw new Error('company_version has no row; the migrations have not run');
  return row;
}
/** Until the transaction ends nobody else changes a setting. */
export const lockSettings = (runner: Runner): Promise<unknown[]> =>
  runner.rows({ text: 'lock table company_settings in share row exclusive mode' });
export async function putSetting(runner: Runner, { key, value, changedAt, changedBy }: StoredSetting): Promise<void> {
  await runner.rows({
    text: `insert into company_settings (key, value, changed_at, changed_by) values ($1, $2, $3, $4)
      on conflict (key) do update set value = excluded.value, changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
    values: [key, value, changedAt, changedBy],
  });
}
