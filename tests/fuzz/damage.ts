/** Damages values and texts as bugs, old clients, cut transfers and attackers do. Knows JSON, not the entities. */
import type { Random } from './random.ts';

const nested = (depth: number, inner: unknown = 0): unknown => {
  let value = inner;
  for (let i = 0; i < depth; i += 1) value = i % 2 === 0 ? [value] : { a: value };
  return value;
};

/** Values that have broken servers. Everything here can be written as JSON; what cannot is in `texts`. */
const POISON: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  -0.1,
  1e308,
  5e-324,
  2 ** 31,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 63),
  '',
  ' ',
  '\t\n',
  'x'.repeat(201),
  'x'.repeat(2100),
  '\0',
  'a\0b',
  '\ud800',
  'x\udfffy',
  '\u202eabc',
  '\ufeff',
  '𝕏'.repeat(40),
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  "'; drop table parties; --",
  '"; select 1',
  '\\',
  '\\u0000',
  '%00',
  '%s%s%n',
  '${7*7}',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '../../../x',
  'NaN',
  'Infinity',
  '-0',
  '1e999',
  '2026-02-30',
  '0000-00-00',
  '+275760-09-13T00:00:00.000Z',
  '9999-12-31T23:59:59.999Z',
  '2026-09-04T14:00:00.000+00:00',
  [],
  [[]],
  [null],
  [undefined],
  {},
  { lineId: null },
  [{ lineId: 'a' }, { lineId: 'a' }],
  [{ lineId: { a: 1 } }],
  { length: 1e9 },
  { toString: 'x' },
  { valueOf: 1 },
  { toJSON: 'x' },
  JSON.parse('{"then":"x"}'),
  { constructor: { prototype: { polluted: true } } },
  { id: '__proto__', _deleted: false },
  { _deleted: 'yes' },
  nested(5),
  nested(14),
  nested(18),
  nested(200),
  Array.from({ length: 210 }, (_, i) => i),
  Array.from({ length: 210 }, (_, i) => `v${i}`),
];
const KEYS = [
  'constructor',
  'prototype',
  'toString',
  'w',
  'id',
  '_deleted',
  '_rev',
  '_meta',
  '_attachments',
  'a'.repeat(300),
  '',
  '\0',
  '.',
  '$where',
];

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** One place of the value is replaced, removed, doubled or added; the value itself stays as it is. */
export function damaged(value: unknown, random: Random): unknown {
  if (!isObject(value)) return random.pick(POISON);
  const keys = Object.keys(value);
  if (keys.length === 0) return random.pick(POISON);
  const key = random.pick(keys);
  const inner = value[key];
  const with_ = (entry: unknown): unknown =>
    Array.isArray(value) ? value.map((old: unknown, i) => (String(i) === key ? entry : old)) : { ...value, [key]: entry };
  const kind = random.below(12);
  if (isObject(inner) && kind < 7) return with_(damaged(inner, random));
  if (kind < 9) return with_(random.pick(POISON));
  if (Array.isArray(value)) return kind === 9 ? value.toSpliced(Number(key), 1) : [...(value as unknown[]), inner];
  if (kind === 9) return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
  return { ...value, [random.pick(KEYS)]: random.pick(POISON) };
}

/** Replaces one value of a JSON text by something that JSON.stringify cannot write. */
const RAW = [
  '1e400',
  '-1e400',
  '1E+2',
  '-0',
  '0.1e-400',
  '12345678901234567890123',
  'NaN',
  'Infinity',
  'undefined',
  "'x'",
  '01',
  '0x10',
  '{"a":1,"a":2}',
  '{"__proto__":{"polluted":1}}',
  '"\\ud83d"',
  '"\\u0000"',
  '"\\x"',
  '"\u0001"',
  '[',
  '{',
  ',',
  '/**/1',
  '"\\ud83d\\u0041"',
];

export function damagedText(json: string, random: Random): string {
  const at = random.below(json.length + 1);
  switch (random.below(9)) {
    case 0:
      return json.slice(0, at);
    case 1:
      return json.slice(0, at) + json.slice(at + 1 + random.below(20));
    case 2:
      return json.slice(0, at) + random.pick(['"', '}', ']', ',', ':', '\0', '\\', '﻿', '\u2028', '💥']) + json.slice(at);
    case 3:
      return json + random.pick([json, ']', '}', 'x', '\0', ' null']);
    case 4:
      return `${random.pick(['﻿', '\0', ' ', ")]}',\n", '// x\n'])}${json}`;
    case 5:
      return '['.repeat(1 + random.below(3000)) + json;
    case 6:
      // A key twice, the second time with another value.
      return json.replace(/\{"(\w+)":/, (_, key: string) => `{"${key}":${random.pick(RAW)},"${key}":`);
    default:
      return replaceValue(json, random.pick(RAW), random);
  }
}
function replaceValue(json: string, by: string, random: Random): string {
  const values = [...json.matchAll(/:("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)/g)];
  if (values.length === 0) return by;
  const { index, 1: old = '' } = random.pick(values);
  return json.slice(0, index + 1) + by + json.slice(index + 1 + old.length);
}
/** A value of a query or a path: what does not belong there, encoded or not. */
export function damagedWord(word: string, random: Random): string {
  switch (random.below(8)) {
    case 0:
      return '';
    case 1:
      return `${word}${random.pick(['%00', '%', '%zz', '%E0%A4%A', '%2f', '..', '%F0%9F%92%A5', '&', '#', '?', ';', '+'])}`;
    case 2:
      return `-${word}`;
    case 3:
      return `${word}${random.pick(['.5', 'e3', 'n', '_', ' 1', '0'.repeat(30)])}`;
    case 4:
      return random.pick([
        '__proto__',
        'constructor',
        'toString',
        'undefined',
        'null',
        'NaN',
        '[]',
        '{}',
        '*',
        "'",
        '"',
        '%27%20or%201=1--',
      ]);
    case 5:
      return word.repeat(1 + random.below(60));
    case 6:
      return encodeURIComponent(
        String(random.pick(POISON.filter((value) => typeof value === 'string' && !/\p{Cs}/u.test(value)))).slice(0, 300),
      );
    default:
      return random.pick(['1', '0', '-1', '9007199254740993', '99999999999999999999', '1e99', '007', '１']);
  }
}
