/** Entity -> import targets: every field that a person may fill, found under its label, its key and its aliases. */
import { type Company, usualCompany } from '../access/company.ts';
import { optionsOf } from '../access/option-lists.ts';
import type { Entity } from '../entity/entity.ts';
import { allFields } from '../entity/entity.ts';
import type { Field, FieldKind } from '../entity/field.ts';
import { headerNames, normalizeHeader } from '../entity/import-mapping.ts';
import { optionCodes, stateCodes } from '../vocabulary/dataverse.ts';
import {
  type Clean,
  type Cleaned,
  type PhoneParts,
  cleanDate,
  cleanDecimal,
  cleanFlag,
  cleanInstant,
  cleanList,
  cleanPhone,
  cleanText,
  tidyText,
} from './clean-cell.ts';
import { type Finding, finding, quote } from './finding.ts';
import { KEY, type Target } from './profile.ts';

/** Several lines stay several lines; blanks at their ends go. */
const cleanLongText: Clean = (raw) => {
  const text = raw
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim();
  return text === '' ? { findings: [] } : { value: text, findings: [] };
};

const cleanEmail: Clean = (raw, column) => {
  const cleaned = cleanText(raw.replace(/^mailto:/iu, ''), column);
  if (typeof cleaned.value !== 'string' || /^[^\s@]+@[^\s@]+\.[^\s@]+$/u.test(cleaned.value)) return cleaned;
  return {
    findings: [
      ...cleaned.findings,
      finding('warning', 'bad_email', column, `${column}: ${quote(cleaned.value)} is no e-mail address; it was left out.`),
    ],
  };
};

/** Stored keys by everything an export may call them: key, label, code. Dataverse labels may end with a full stop. */
function optionNames(
  f: Field,
  codes: Readonly<Record<string, string>>,
  { options }: Pick<Company, 'options'>,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const stated = Object.entries(f.options ?? {}).map(([key, label]) => ({ key, label }));
  // The company's own words first, and after them what Drover called the options: older exports say so. A retired one is
  // read too; whether a record may have it is decided with the record.
  for (const { key, label } of [...(f.list ? optionsOf(f.list, options) : []), ...stated]) {
    for (const name of [key, label]) if (!names.has(normalizeHeader(name))) names.set(normalizeHeader(name), key);
  }
  for (const [code, key] of Object.entries(codes)) names.set(code, key);
  return names;
}

/** Worked out once for a company, of which an import knows one. */
function perCompany<Value>(make: (company: Company) => Value): (company: Company) => Value {
  let made: { readonly company: Company; readonly value: Value } | undefined;
  return (company) => {
    if (made?.company !== company) made = { company, value: make(company) };
    return made.value;
  };
}

function cleanChoice(f: Field, codes: Readonly<Record<string, string>>): Clean {
  const namesIn = perCompany((company) => optionNames(f, codes, company));
  return (raw, column, company = usualCompany): Cleaned => {
    const cleaned = cleanText(raw, column);
    if (typeof cleaned.value !== 'string') return cleaned;
    const key = namesIn(company).get(normalizeHeader(cleaned.value));
    if (key !== undefined) return { value: key, findings: cleaned.findings };
    const offered = f.list ? optionsOf(f.list, company.options).filter(({ retired }) => !retired) : undefined;
    const known = offered?.map(({ label }) => label) ?? Object.values(f.options ?? {});
    const some = known.length > 8 ? `${known.slice(0, 8).join(', ')}, ...` : known.join(', ');
    return {
      findings: [finding('warning', 'unknown_choice', column, `${column}: ${quote(cleaned.value)} is none of ${some}; it was left out.`)],
    };
  };
}

/** `Label; Label` (exports), `code,code` (Web API), comma text (the web system). */
function cleanSet(f: Field, codes: Readonly<Record<string, string>>): Clean {
  if (f.options === undefined) return cleanList(/;/u);
  const one = cleanChoice(f, codes);
  return (raw, column, company): Cleaned => {
    const whole = one(raw, column, company);
    if (whole.value !== undefined) return { value: [whole.value], findings: whole.findings };
    const findings: Finding[] = [];
    const keys = new Set<unknown>();
    for (const part of raw.split(raw.includes(';') ? ';' : ',')) {
      const cleaned = one(part, column, company);
      findings.push(...cleaned.findings.filter((each) => each.level !== 'note'));
      if (cleaned.value !== undefined) keys.add(cleaned.value);
    }
    return keys.size === 0 ? { findings } : { value: [...keys], findings };
  };
}

/** A lookup cell stays a name here; the batch links it where exactly one record bears the name. */
const cleanName: Clean = (raw) => {
  const text = tidyText(raw);
  return text === '' ? { findings: [] } : { value: text, findings: [] };
};

type Cleaner = (f: Field, codes: Readonly<Record<string, string>>) => Clean;
/** Undefined for a kind that no single cell can fill. */
const cleaners: Record<FieldKind, Cleaner | undefined> = {
  text: (f) => (f.format === 'email' ? cleanEmail : f.long === true ? cleanLongText : cleanText),
  choice: cleanChoice,
  set: cleanSet,
  flag: () => cleanFlag,
  integer: () => cleanDecimal(0),
  cents: () => cleanDecimal(2),
  price: () => cleanDecimal(4),
  weight: () => cleanDecimal(2),
  percent: () => cleanDecimal(2),
  date: () => cleanDate,
  instant: () => cleanInstant,
  ref: () => cleanName,
  refs: undefined,
  group: undefined,
  lines: undefined,
};

const joinedPhone: Clean = (raw, column) => {
  const cleaned = cleanPhone(raw, column);
  if (cleaned.value === undefined) return cleaned;
  const { phone, extension } = cleaned.value as PhoneParts;
  return {
    value: extension === undefined ? phone : `${phone} x${extension}`,
    findings: cleaned.findings.filter((each) => each.code !== 'extension_split'),
  };
};

/** Number into the field, extension into its neighbour. */
export const phoneTarget = (path: string, label: string, headers: readonly string[], extensionPath: string): Target => ({
  path,
  label,
  headers,
  clean: cleanPhone,
  spread: { paths: [path, extensionPath], parts: (value) => [(value as PhoneParts).phone, (value as PhoneParts).extension] },
});

function targetOf(entity: Entity, path: string, f: Field, label: string, siblings: Readonly<Record<string, Field>>): Target | undefined {
  const codes = path === 'status' ? stateCodes : (optionCodes[`${entity.collection}.${path}`] ?? {});
  const key = path.split('.').at(-1) ?? path;
  const headers = headerNames(key, f);
  if (f.format === 'phone') {
    const extension = `${path}Extension`;
    return extension in siblings ? phoneTarget(path, label, headers, extension) : { path, label, headers, clean: joinedPhone };
  }
  const clean = cleaners[f.kind]?.(f, codes);
  if (clean === undefined) return undefined;
  return f.kind === 'ref' && f.to !== undefined ? { path, label, headers, clean, lookup: f.to } : { path, label, headers, clean };
}

/** What the importer itself, the server or a rule writes. */
const ownFields = new Set([
  'id',
  'w',
  'ownerId',
  'deskId',
  'createdBy',
  'modifiedAt',
  'modifiedBy',
  'externalIds',
  'importId',
  'importedRaw',
]);

/** The column that names a row in its source. */
export const keyTarget = (headers: readonly string[]): Target => ({ path: KEY, label: 'Key in the source', headers, clean: cleanText });

/**
 * Targets of an entity: its own fields first, then the parts of its groups, then the first line of its `lines` (a
 * replaced system kept one item an order), so that an own field keeps a header that a line also knows.
 */
export function entityTargets(entity: Entity): Target[] {
  const fields = allFields(entity);
  const single: Target[] = [];
  const nested: Target[] = [];
  for (const [key, f] of Object.entries(fields)) {
    if (ownFields.has(key) || (f.computed && key !== 'createdAt')) continue;
    const own = targetOf(entity, key, f, f.label, fields);
    if (own) single.push(own);
    const between = f.kind === 'lines' ? '.0.' : '.';
    for (const [childKey, child] of Object.entries(f.fields ?? {})) {
      if (child.computed) continue;
      const label = f.kind === 'lines' ? `${child.label} (first of ${f.label.toLowerCase()})` : `${f.label}: ${child.label}`;
      const target = targetOf(entity, `${key}${between}${childKey}`, child, label, f.fields ?? {});
      if (target) nested.push(target);
    }
  }
  const key = keyTarget(['id', 'guid', `${entity.collection}id`, `${entity.noun}id`, `${entity.noun} id`, 'external id', 'externalid']);
  return [key, ...single, ...nested];
}
