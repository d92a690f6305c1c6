/**
 * The closed list of field kinds. An entity file states its fields with these builders; every other shape of the field
 * (TypeScript type, RxDB schema, validator, Postgres column, SQL view column, import mapping) is derived from it.
 *
 * Presence: an optional field that is not set has no key, never null. A field that an index uses is always present, with
 * '' for none, because RxDB refuses indexes over absent values.
 */
import { type OptionList, isOptionList } from '../access/option-lists.ts';
import type { BasisPoints, Cents, UnitPrice, Weight } from '../units/units.ts';

export type FieldKind =
  | 'text'
  | 'choice'
  | 'set'
  | 'flag'
  | 'integer'
  | 'cents'
  | 'price'
  | 'weight'
  | 'percent'
  | 'date'
  | 'instant'
  | 'ref'
  | 'refs'
  | 'group'
  | 'lines';

export type TextFormat = 'email' | 'phone' | 'url' | 'timezone';

/** What happens to the child when its parent is deleted: refuse the deletion, or empty the reference. */
export type OnDelete = 'protect' | 'unlink';

interface CommonOptions {
  /** Must have a value. */
  readonly required?: true;
  /** Lists filter or sort by it; always present then, '' for none. Text, choice, date, instant, ref (which alone the server indexes). */
  readonly index?: true;
  /** No two live documents share a value; enforced by the server. */
  readonly unique?: true;
  /** One line for the form and the glossary of the export: what it means, or where it came from. */
  readonly hint?: string;
  /** Other headers under which imports know this field: logical names, display names of the replaced systems. */
  readonly aliases?: readonly string[];
  /** Kept for old data, no longer offered in forms. */
  readonly retired?: true;
  /** Only the server (or a rule) sets it; a form shows it but never edits it. */
  readonly computed?: true;
  /** text: '' means that a number series fills it; the noun's rules say for which records (domain/record/series.ts). */
  readonly numbered?: true;
}

export interface Field<Value = unknown, Present extends boolean = boolean> {
  readonly kind: FieldKind;
  readonly label: string;
  readonly present: Present;
  readonly required: boolean;
  readonly index: boolean;
  readonly unique: boolean;
  readonly computed: boolean;
  readonly retired: boolean;
  readonly numbered?: boolean;
  readonly hint?: string;
  readonly aliases: readonly string[];
  /** text: longest value in characters. refs, set, lines: most items. */
  readonly max?: number;
  /** integer, cents, price, weight, percent: smallest and largest value, in the stored unit. */
  readonly least?: number;
  readonly most?: number;
  readonly format?: TextFormat;
  /** text: a form shows several lines. */
  readonly long?: boolean;
  /** choice, set: value -> label. A set without options takes free text. */
  readonly options?: Readonly<Record<string, string>>;
  /** The options are the company's to change; these are the ones that Drover comes with. */
  readonly list?: OptionList;
  readonly to?: string;
  readonly onDelete?: OnDelete;
  /** ref, refs: the target must carry this role or kind, so pickers show only these. */
  readonly where?: Readonly<Record<string, string>>;
  readonly fields?: Fields;
  readonly fallback?: Value;
  /** Never set at run time; carries the type. */
  readonly value?: Value;
}

export type Fields = Readonly<Record<string, Field>>;

type Presence<O> = O extends { required: true } ? true : O extends { index: true } ? true : O extends { default: unknown } ? true : false;

function field<Value, O extends CommonOptions & { default?: unknown }>(
  kind: FieldKind,
  label: string,
  options: O,
  more: Partial<Field<Value>> = {},
): Field<Value, Presence<O>> {
  const present = options.required === true || options.index === true || options.default !== undefined;
  const built: Field<Value> = {
    kind,
    label,
    present,
    required: options.required === true,
    index: options.index === true,
    unique: options.unique === true,
    computed: options.computed === true,
    retired: options.retired === true,
    aliases: options.aliases ?? [],
    ...(options.numbered === undefined ? {} : { numbered: true }),
    ...(options.hint === undefined ? {} : { hint: options.hint }),
    ...(options.default === undefined ? {} : { fallback: options.default as Value }),
    ...more,
  };
  return built as Field<Value, Presence<O>>;
}

interface TextOptions extends CommonOptions {
  readonly max?: number;
  readonly format?: TextFormat;
  readonly long?: true;
  readonly default?: string;
}
/** Free text, trimmed; 200 characters unless told. */
export const text = <const O extends TextOptions>(label: string, o: O): Field<string, Presence<O>> =>
  field('text', label, o, {
    max: o.max ?? 200,
    long: o.long === true,
    ...(o.format === undefined ? {} : { format: o.format }),
  });

type Options = Readonly<Record<string, string>>;
type KeyOf<G> = G extends OptionList ? string : keyof G & string;
const optionsOf = (given: Options | OptionList): Partial<Field<never>> =>
  isOptionList(given) ? { options: given.options, list: given } : { options: given };
/** One of a closed list, or of one that the company may change; the key is stored, the label shown. */
export const choice = <const G extends Options | OptionList, const O extends CommonOptions & { default?: KeyOf<G> }>(
  label: string,
  given: G,
  o: O,
): Field<KeyOf<G>, Presence<O>> => field('choice', label, o, { ...optionsOf(given), max: 60 });

/** Several of such a list, merged as a set. */
export const set = <const G extends Options | OptionList, const O extends CommonOptions>(
  label: string,
  given: G,
  o: O,
): Field<readonly KeyOf<G>[], Presence<O>> => field('set', label, o, { ...optionsOf(given), max: 200 });

/** Several free texts (aliases, e-mails, establishment numbers), merged as a set. */
export const texts = <const O extends CommonOptions & { max?: number; format?: TextFormat; each?: number }>(
  label: string,
  o: O,
): Field<readonly string[], Presence<O>> =>
  field('set', label, o, {
    max: o.max ?? 50,
    most: o.each ?? 200,
    ...(o.format === undefined ? {} : { format: o.format }),
  });

export const flag = <const O extends CommonOptions & { default?: boolean }>(label: string, o: O): Field<boolean, Presence<O>> =>
  field('flag', label, o);

interface NumberOptions extends CommonOptions {
  readonly least?: number;
  readonly most?: number;
  readonly default?: number;
}
const bounds = (o: NumberOptions, least: number): Partial<Field<never>> => ({
  least: o.least ?? least,
  most: o.most ?? Number.MAX_SAFE_INTEGER,
});
export const integer = <const O extends NumberOptions>(label: string, o: O): Field<number, Presence<O>> =>
  field('integer', label, o, bounds(o, 0));
/** Money in integer cents. */
export const money = <const O extends NumberOptions>(label: string, o: O): Field<Cents, Presence<O>> =>
  field('cents', label, o, bounds(o, 0));
/** Money per price unit in integer 1/10000. */
export const price = <const O extends NumberOptions>(label: string, o: O): Field<UnitPrice, Presence<O>> =>
  field('price', label, o, bounds(o, 0));
/** Weight in integer hundredths of a pound. */
export const pounds = <const O extends NumberOptions>(label: string, o: O): Field<Weight, Presence<O>> =>
  field('weight', label, o, bounds(o, 0));
/** Percent in integer basis points. */
export const percent = <const O extends NumberOptions>(label: string, o: O): Field<BasisPoints, Presence<O>> =>
  field('percent', label, o, bounds(o, 0));

/** A calendar date, `YYYY-MM-DD`, without a zone. */
export const date = <const O extends CommonOptions>(label: string, o: O): Field<string, Presence<O>> =>
  field('date', label, o, { max: 10 });
/** A point in time, UTC, `YYYY-MM-DDTHH:MM:SS.sssZ`. */
export const instant = <const O extends CommonOptions>(label: string, o: O): Field<string, Presence<O>> =>
  field('instant', label, o, { max: 24 });

interface RefOptions extends CommonOptions {
  readonly onDelete?: OnDelete;
  readonly where?: Readonly<Record<string, string>>;
}
const target = (to: string, o: RefOptions): Partial<Field<never>> => ({
  to,
  onDelete: o.onDelete ?? 'unlink',
  ...(o.where === undefined ? {} : { where: o.where }),
});
/** The id of one document of another collection. Becomes a column with a foreign key on the server. */
export const ref = <const O extends RefOptions>(label: string, to: string, o: O): Field<string, Presence<O>> =>
  field('ref', label, o, { ...target(to, o), max: 36 });
/** The ids of several documents of one other collection, merged as a set. */
export const refs = <const O extends RefOptions & { max?: number }>(
  label: string,
  to: string,
  o: O,
): Field<readonly string[], Presence<O>> => field('refs', label, o, { ...target(to, o), max: o.max ?? 200 });

/** Fields that move as one unit in a merge: an address, an amount with its currency. */
export const group = <const F extends Fields, const O extends CommonOptions>(
  label: string,
  fields: F,
  o: O,
): Field<ValueOf<F>, Presence<O>> => field('group', label, o, { fields });
/** A list of rows, each with a `lineId` of its own, merged row by row. */
export const lines = <const F extends Fields, const O extends CommonOptions & { max?: number }>(
  label: string,
  fields: F,
  o: O,
): Field<readonly Line<F>[], Presence<O>> => field('lines', label, o, { fields, max: o.max ?? 500 });

type PresentKeys<F extends Fields> = { [K in keyof F]: F[K] extends Field<unknown, true> ? K : never }[keyof F];
type Simplify<T> = { [K in keyof T]: T[K] } & {};
type ValueAt<F> = F extends Field<infer V, boolean> ? V : never;

/** The TypeScript shape of a record with these fields. */
export type ValueOf<F extends Fields> = Simplify<
  { -readonly [K in PresentKeys<F>]: ValueAt<F[K]> } & { -readonly [K in Exclude<keyof F, PresentKeys<F>>]?: ValueAt<F[K]> }
>;
export type Line<F extends Fields> = Simplify<{ lineId: string } & ValueOf<F>>;
