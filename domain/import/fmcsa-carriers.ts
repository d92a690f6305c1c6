/** Carriers from the FMCSA census: USDOT number, names, where they sit, what they run. Key: the USDOT number, as text. */
import { type Clean, cleanDate, cleanDecimal, cleanFlag, cleanList, cleanText, tidyText } from './clean-cell.ts';
import { finding, quote } from './finding.ts';
import { KEY, type Profile, type RowDraft, type Target } from './profile.ts';
import { cleanZip, crossCheckZip } from './zip.ts';

/** USDOT numbers have up to eight digits; registers that pad them with zeros mean the same number. */
const cleanDot: Clean = (raw, column) => {
  const text = tidyText(raw).replace(/^(US)?DOT\s*#?\s*/iu, '');
  if (text === '') return { findings: [] };
  const digits = text.replace(/^0+(?=\d)/u, '');
  if (!/^\d{1,8}$/u.test(digits))
    return {
      findings: [finding('error', 'odd_dot', column, `${column}: ${quote(text)} is no USDOT number of up to eight digits; correct it.`)],
    };
  return {
    value: digits,
    findings: digits === text ? [] : [finding('note', 'zeros_removed', column, `${column}: ${quote(text)} became ${quote(digits)}.`)],
  };
};

/**
 * Cargo comes with `; ` in some rows and `, ` in others, while values hold both signs themselves ("Metal; Sheets, Coils,
 * Rolls"). The census' own values with signs in them are taken out first; what remains is split at the sign it uses.
 */
const wholeValues: readonly (readonly [RegExp, string])[] = [
  [/metal\s*[:;]\s*sheets,\s*coils,\s*rolls/giu, 'Metal: sheets, coils, rolls'],
  [/machinery,\s*large objects/giu, 'Machinery, Large Objects'],
  [/logs,\s*poles,\s*beams,\s*lumber/giu, 'Logs, Poles, Beams, Lumber'],
  [/garbage,\s*refuse,\s*trash/giu, 'Garbage, Refuse, Trash'],
  [/grain,\s*feed,\s*hay/giu, 'Grain, Feed, Hay'],
];
const cleanCargo: Clean = (raw, column) => {
  let text = raw;
  wholeValues.forEach(([pattern], i) => {
    text = text.replace(pattern, `\u0001${i}\u0001`);
  });
  const cleaned = cleanList(text.includes(';') ? /;/u : /,/u)(text, column);
  if (!Array.isArray(cleaned.value)) return cleaned;
  const value = cleaned.value.map((item: string) =>
    item.replace(/\u0001(\d)\u0001/gu, (_, i: string) => wholeValues[Number(i)]?.[1] ?? ''),
  );
  return { ...cleaned, value };
};

const operations: Readonly<Record<string, string>> = { A: 'Interstate', B: 'Intrastate, hazardous materials', C: 'Intrastate' };
const cleanOperation: Clean = (raw, column) => {
  const cleaned = cleanText(raw, column);
  return typeof cleaned.value === 'string' ? { ...cleaned, value: operations[cleaned.value] ?? cleaned.value } : cleaned;
};

const at = (path: string, label: string, headers: readonly string[], clean: Clean): Target => ({ path, label, headers, clean });

export const fmcsaCarriers: Profile = {
  id: 'carriers',
  label: 'Carriers (FMCSA census)',
  collection: 'parties',
  source: 'fmcsa',
  marks: ['dot_number', 'legal_name', 'mcs150_date'],
  constants: { roles: ['carrier'] },
  targets: [
    {
      ...at(KEY, 'USDOT number (key)', ['dot_number', 'USDOT', 'DOT'], cleanDot),
      spread: { paths: ['dotNumber'], parts: (value) => [value] },
    },
    at('name', 'Legal name', ['legal_name'], cleanText),
    at('dbas', 'DBA name', ['dba_name'], cleanList(/;/u)),
    at('operation', 'Carrier operation', ['carrier_operation'], cleanOperation),
    at('hazmat', 'Hazardous materials', ['hm_flag'], cleanFlag),
    at('city', 'City', ['phy_city'], cleanText),
    at('state', 'State', ['phy_state'], cleanText),
    at('postalCode', 'Zip code', ['phy_zip'], cleanZip),
    at('country', 'Country', ['phy_country'], cleanText),
    at('registrationUpdatedOn', 'Registration updated', ['mcs150_date'], cleanDate),
    at('registeredOn', 'Registered', ['add_date'], cleanDate),
    at('powerUnits', 'Power units', ['nbr_power_unit'], cleanDecimal(0)),
    at('drivers', 'Drivers', ['driver_total'], cleanDecimal(0)),
    at('forHire', 'For hire', ['authorized_for_hire'], cleanFlag),
    at('privateOnly', 'Private only', ['private_only'], cleanFlag),
    at('cargoCarried', 'Cargo carried', ['cargo_carried'], cleanCargo),
  ],
  finish: (draft: RowDraft, columnOf) => crossCheckZip(draft, columnOf),
};
