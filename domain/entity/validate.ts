/** Entity -> validator. Says what is wrong in the words of the field's label, and what to type instead. */
import { editableDecimal } from '../units/decimal.ts';
import { isOptionKey } from '../access/option-lists.ts';
import { type Entity, allFields, once } from './entity.ts';
import type { Field, Fields } from './field.ts';
import { type Problem, hard } from './problem.ts';

type Check = (value: unknown, f: Field, path: string) => readonly Problem[];
/** One for all: nearly every value of every document is right. */
const FINE: readonly Problem[] = [];

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const PHONE = /^[+()\d][\d\s().\-/+]{4,}(\s*(x|ext\.?)\s*\d+)?$/i;
const URL = /^https?:\/\/\S+$/i;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
/** Signs that can be seen, and the joiner between two of them: ids of other systems hold & and # and é; nobody can tell blanks apart. */
const ID = /^[^\s\p{C}](?:\u200d?[^\s\p{C}]){0,59}$/u;
/** RxDB finds documents by id in plain objects: one record called `constructor` would stop its collection on every device. */
const isId = (value: string): boolean => ID.test(value) && !(value in Object.prototype);

const formats: Record<NonNullable<Field['format']>, readonly [RegExp, string]> = {
  email: [EMAIL, 'must be an e-mail address such as name@company.com'],
  phone: [PHONE, 'must be a phone number such as (620) 227-5831 x12'],
  url: [URL, 'must start with http:// or https://'],
  timezone: [/^[A-Za-z]+(\/[\w+-]+)*$/, 'must be a time zone such as America/Chicago'],
};

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** True for a calendar date that exists; 2026-02-30 does not. Without a Date, whose making was a tenth of the server's work for a push. */
export function isCalendarDate(value: string): boolean {
  if (!DATE.test(value)) return false;
  const month = Number(value.slice(5, 7));
  const days = month === 2 && isLeap(Number(value.slice(0, 4))) ? 29 : (DAYS[month - 1] ?? 0);
  const day = Number(value.slice(8, 10));
  return day >= 1 && day <= days;
}

const wrongType = (f: Field, path: string, wanted: string): Problem[] => [hard(path, 'wrong_type', `${f.label} must be ${wanted}.`)];

const checkText: Check = (value, f, path) => {
  if (typeof value !== 'string') return wrongType(f, path, 'text');
  const max = f.max ?? 200;
  if (value.length > max) {
    return [hard(path, 'too_long', `${f.label} has ${value.length} characters; shorten it to ${max}.`)];
  }
  if (f.format && value !== '') {
    const [pattern, wanted] = formats[f.format];
    if (!pattern.test(value)) return [hard(path, `bad_${f.format}`, `${f.label} ${wanted}.`)];
  }
  return FINE;
};

const checkChoice: Check = (value, f, path) => {
  if (typeof value !== 'string') return wrongType(f, path, 'one of its choices');
  if (value === '' && !f.required) return FINE;
  // What a list of the company holds is known where its rules are checked (domain/record/chosen-options.ts).
  if (!f.options || (f.list ? isOptionKey(value) : Object.hasOwn(f.options, value))) return FINE;
  return [hard(path, 'unknown_choice', `${f.label} cannot be "${value}"; choose one of ${Object.values(f.options).join(', ')}.`)];
};

/** Among several references an empty one means nothing. */
const checkRefItem: Check = (value, f, path) =>
  value === '' ? [hard(path, 'bad_reference', `${f.label} has an empty entry; remove it.`)] : checkRef(value, f, path);

/** What each entry of a set has to be. */
const entryOf = once(({ fallback: _, index: __, ...f }: Field): Field => {
  return { ...f, index: false, max: f.kind === 'refs' ? 36 : (f.most ?? 200) };
});

const checkMany: Check = (value, f, path) => {
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string')) return wrongType(f, path, 'a list');
  const items = value as string[];
  if (items.length > (f.max ?? 200)) {
    return [hard(path, 'too_many', `${f.label} has ${items.length} entries; at most ${f.max ?? 200} are kept.`)];
  }
  if (new Set(items).size !== items.length) return [hard(path, 'doubled', `${f.label} names the same entry twice; remove one.`)];
  const each = entryOf(f);
  const check = f.kind === 'refs' ? checkRefItem : f.options ? checkChoice : checkText;
  return items.flatMap((entry, i) => check(entry, each, `${path}.${i}`));
};

const checkNumber: Check = (value, f, path) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return wrongType(f, path, 'a whole number in its stored unit');
  if (f.least !== undefined && value < f.least)
    return [hard(path, 'too_small', `${f.label} is too small; the least is ${shown(f, f.least)}.`)];
  if (f.most !== undefined && value > f.most) return [hard(path, 'too_large', `${f.label} is too large; the most is ${shown(f, f.most)}.`)];
  return FINE;
};
const scale: Partial<Record<Field['kind'], number>> = { cents: 2, price: 4, weight: 2, percent: 2 };
const shown = (f: Field, value: number): string => editableDecimal(value, scale[f.kind] ?? 0);

const checkDate: Check = (value, f, path) => {
  if (typeof value !== 'string') return wrongType(f, path, 'a date');
  return value === '' || isCalendarDate(value)
    ? FINE
    : [hard(path, 'bad_date', `${f.label} must be a date that exists, such as 2026-09-04.`)];
};
const checkInstant: Check = (value, f, path) => {
  if (typeof value !== 'string') return wrongType(f, path, 'a time');
  return value === '' || (INSTANT.test(value) && isCalendarDate(value.slice(0, 10)))
    ? FINE
    : [hard(path, 'bad_instant', `${f.label} must be a time in UTC, such as 2026-09-04T14:00:00.000Z.`)];
};
const checkRef: Check = (value, f, path) => {
  if (typeof value !== 'string') return wrongType(f, path, 'a reference');
  return value === '' || isId(value) ? FINE : [hard(path, 'bad_reference', `${f.label} does not name a record; choose one from the list.`)];
};
const checkGroup: Check = (value, f, path) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? checkFields(f.fields ?? {}, value as Record<string, unknown>, `${path}.`)
    : wrongType(f, path, 'a group of fields');
const checkLines: Check = (value, f, path) => {
  if (!Array.isArray(value)) return wrongType(f, path, 'a list of lines');
  if (value.length > (f.max ?? 500))
    return [hard(path, 'too_many', `${f.label} has ${value.length} lines; at most ${f.max ?? 500} are kept.`)];
  const ids = value.map((line: { lineId?: unknown } | null) => line?.lineId);
  if (ids.some((id) => typeof id !== 'string' || id === '') || new Set(ids).size !== ids.length) {
    return [hard(path, 'bad_line_id', `Every line of ${f.label} needs a line id of its own.`)];
  }
  return value.flatMap((line: Record<string, unknown>, i) => {
    const { lineId: _, ...rest } = line;
    return checkFields(f.fields ?? {}, rest, `${path}.${i}.`);
  });
};

const byKind: Record<Field['kind'], Check> = {
  text: checkText,
  choice: checkChoice,
  set: checkMany,
  refs: checkMany,
  flag: (value, f, path) => (typeof value === 'boolean' ? FINE : wrongType(f, path, 'yes or no')),
  integer: checkNumber,
  cents: checkNumber,
  price: checkNumber,
  weight: checkNumber,
  percent: checkNumber,
  date: checkDate,
  instant: checkInstant,
  ref: checkRef,
  group: checkGroup,
  lines: checkLines,
};

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === '' || (Array.isArray(value) && value.length === 0) || (typeof value === 'string' && value.trim() === '');

const listed = once((fields: Fields) => Object.entries(fields));

/** Problems of a part of a document, such as one line; paths start with `prefix`. */
export function checkFields(fields: Fields, value: Readonly<Record<string, unknown>>, prefix: string): Problem[] {
  const problems: Problem[] = [];
  for (const [key, f] of listed(fields)) {
    const path = prefix + key;
    const given = value[key];
    if (f.required && !f.numbered && isEmpty(given)) problems.push(hard(path, 'required', `${f.label} is required; fill it in.`));
    else if (given === undefined) {
      if (f.present) problems.push(hard(path, 'absent', `${f.label} must be present.`));
    } else problems.push(...byKind[f.kind](given, f, path));
  }
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(fields, key)) problems.push(hard(prefix + key, 'unknown_field', `There is no field called ${prefix + key}.`));
  }
  return problems;
}

const checkId = (id: unknown): Problem[] =>
  typeof id !== 'string' || id === '' || isId(id)
    ? []
    : [
        hard(
          'id',
          'bad_id',
          'The id of a record holds no blanks, no invisible signs and no word such as "constructor"; make the record anew.',
        ),
      ];

/** Every hard problem of a document's shape; [] when it may be stored. Rules between fields live in `<noun>.rules.ts`. */
export function validate(entity: Entity, document: Readonly<Record<string, unknown>>): Problem[] {
  return [...checkId(document['id']), ...checkFields(allFields(entity), document, '')];
}
