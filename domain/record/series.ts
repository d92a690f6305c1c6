/**
 * Number series: the numbers that a company gives its own papers, such as purchase orders. A device that was leased a block
 * of numbers gives them away by itself, so a number is final also offline; without a lease the number follows from the
 * server. A number is given to one record, for good (NUM-1).
 */
import { type Problem, hard } from '../entity/problem.ts';

/** How the numbers of a series are written: the prefix, then the number with at least `width` digits. */
export interface NumberForm {
  readonly prefix: string;
  readonly width: number;
}
/** By the key of a series: every form that it ever had, as far as it is known. */
export type NumberForms = Readonly<Record<string, readonly NumberForm[]>>;
export interface Series extends NumberForm {
  /** Stable name in leases and tables: `purchase-orders`. Prefix and width are what it comes with; the company may change them. */
  readonly key: string;
  readonly label: string;
  /** The field that holds the number. */
  readonly field: string;
  /** It numbers the records that hold these values, and none that holds those of `except`. */
  readonly where: Readonly<Record<string, string>>;
  readonly except?: Readonly<Record<string, string>>;
}
/** A noun, as far as numbers go. */
interface Numbered {
  readonly series?: readonly Series[];
}
/** A series with the collection whose records it numbers. */
export type CollectedSeries = Series & { readonly collection: string };
export const listSeries = (nouns: readonly (Numbered & { readonly entity: { readonly collection: string } })[]): CollectedSeries[] =>
  nouns.flatMap(({ entity, series = [] }) => series.map((one) => ({ ...one, collection: entity.collection })));

/** What stands in the place of a number that the server has yet to give. */
export const NUMBER_FOLLOWS = 'Number follows';

export const numberText = ({ prefix, width }: NumberForm, n: number): string => `${prefix}${String(n).padStart(width, '0')}`;

/** The number that a text states in this form, undefined for any other text. Case does not tell two numbers apart. */
export function numberIn(form: NumberForm, text: unknown): number | undefined {
  if (typeof text !== 'string' || text.length > form.prefix.length + 15) return undefined;
  const n = Number(/^\d+$/.exec(text.slice(form.prefix.length))?.[0] ?? 0);
  return n > 0 && numberText(form, n).toUpperCase() === text.toUpperCase() ? n : undefined;
}

/** The same for every form of a series. No text states two numbers, because no prefix ends with a digit (`formProblem`). */
export function numberInAny(forms: readonly NumberForm[], text: unknown): number | undefined {
  for (const form of forms) {
    const n = numberIn(form, text);
    if (n !== undefined) return n;
  }
  return undefined;
}

export const PREFIX_MAX = 12;
export const WIDTH_MAX = 10;
/** Why the numbers of the series cannot be written like this; `all` holds the forms of all series. */
export function formProblem(
  key: string,
  { prefix, width }: NumberForm,
  all: NumberForms,
): { readonly field: 'prefix' | 'width'; readonly problem: string } | undefined {
  if (prefix.length > PREFIX_MAX || !/^[A-Z][A-Z0-9./_-]*$/iu.test(prefix) || /\d$/u.test(prefix)) {
    const problem = `A prefix has up to ${PREFIX_MAX} letters, digits and - . / _, begins with a letter and does not end with a digit, such as PO-.`;
    return { field: 'prefix', problem };
  }
  if (!Number.isInteger(width) || width < 1 || width > WIDTH_MAX) return { field: 'width', problem: `Give 1 to ${WIDTH_MAX} digits.` };
  const other = Object.entries(all).find(
    ([one, forms]) => one !== key && forms.some((form) => form.prefix.toUpperCase() === prefix.toUpperCase()),
  );
  return other && { field: 'prefix', problem: `Numbers of "${other[0]}" begin with ${prefix} or did so before. Choose another prefix.` };
}

const isForm = (value: unknown): value is NumberForm =>
  typeof value === 'object' &&
  value !== null &&
  'prefix' in value &&
  typeof value.prefix === 'string' &&
  'width' in value &&
  typeof value.width === 'number';
/** Reads what a server told or a device kept; what is no form is left out. */
export const readForms = (told: Readonly<Record<string, unknown>>): NumberForms =>
  Object.fromEntries(Object.entries(told).map(([key, forms]) => [key, Array.isArray(forms) ? forms.filter(isForm) : []]));

type State = Readonly<Record<string, unknown>>;
const holds = (document: State, values: Series['where']): boolean =>
  Object.entries(values).every(([key, value]) => document[key] === value);

/** The series that numbers this record; undefined when its number comes from elsewhere. Bears a document of any shape. */
export const seriesFor = (noun: Numbered, document: State): Series | undefined =>
  noun.series?.find(({ where, except }) => holds(document, where) && !(except && holds(document, except)));

/** The record is stored and its number follows: the server gives it. */
export function awaitsNumber(noun: Numbered, document: State): boolean {
  const series = seriesFor(noun, document);
  return series !== undefined && document[series.field] === '';
}

/**
 * The number of its series that a record bears, in the form that the series comes with or in one of `forms`; undefined for a
 * number of another form, which nobody watches over.
 */
export function numberOf(
  noun: Numbered,
  document: State,
  forms: NumberForms = {},
): { readonly series: Series; readonly n: number } | undefined {
  const series = seriesFor(noun, document);
  const n = series && numberInAny([series, ...(forms[series.key] ?? [])], document[series.field]);
  return series && n !== undefined ? { series, n } : undefined;
}

/**
 * `value` of the numbered field may be '' only while the number follows: in a record that its series numbers, that was not
 * imported (an import brings its own) and that had none before.
 */
export function checkNumber(
  series: readonly Series[],
  { field, label }: Pick<Series, 'field' | 'label'>,
  after: State,
  before?: State,
): Problem[] {
  const value = after[field];
  if (typeof value === 'string' && value.trim() !== '') return [];
  const hadOne = before !== undefined && before[field] !== '';
  const follows = value === '' && !hadOne && after['importId'] === undefined && seriesFor({ series }, after) !== undefined;
  return follows ? [] : [hard(field, 'required', `${label} is required; fill it in.`)];
}

/** Why a text of the form of a series cannot be this record's number, and the way out. */
export function notOwnNumber({ field, label }: Pick<Series, 'field' | 'label'>, text: string, why: 'not_leased' | 'taken'): Problem {
  const reason =
    why === 'taken'
      ? `${text} belongs to another record already.`
      : `${text} is a number of the series "${label}" that this device was not given.`;
  return hard(field, `number_${why}`, `${reason} Leave the number empty to get the next one, or enter a number of another form.`, 'NUM-2');
}
