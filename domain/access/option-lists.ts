/** Option lists of the company: what a change of one may do, and what a list holds. Stored keys never leave a list. */

/** Of terms of payment: so many days after the date that they run from, before it when negative. */
export interface Due {
  readonly days: number;
  /** Moved to a business day where it falls on none. */
  readonly businessDay?: true;
}
export interface Option {
  /** What documents hold. */
  readonly key: string;
  readonly label: string;
  /** Stays readable in records that hold it; nobody chooses it anew. */
  readonly retired?: true;
  /** Only in a list whose options have days; absent where nothing can be reckoned. */
  readonly due?: Due;
}
/** Words that a company changes for itself: their labels and order, new ones, retired ones. */
export interface OptionList {
  /** Stable name of the list in settings: `packages`. */
  readonly key: string;
  readonly label: string;
  /** What Drover comes with: key -> label. */
  readonly options: Readonly<Record<string, string>>;
  /** Of a list whose options have days: those of the options above. */
  readonly dues?: Readonly<Record<string, Due>>;
  /** The program acts by each of them, so a company may retire and rename them and add none. */
  readonly closed?: true;
}
export const optionList = (key: string, label: string, options: OptionList['options'], dues?: OptionList['dues']): OptionList => ({
  key,
  label,
  options,
  ...(dues ? { dues } : {}),
});
export const isOptionList = (given: OptionList['options'] | OptionList): given is OptionList => typeof given['options'] === 'object';
export type ChangedLists = Readonly<Record<string, readonly Option[]>>;

export const OPTIONS_MAX = 200;
export const OPTION_CHARS_MAX = 60;
const KEY = /^[a-z0-9][a-z0-9_]{0,59}$/;
export const isOptionKey = (text: string): boolean => KEY.test(text);

export const DUE_DAYS_LEAST = -60;
export const DUE_DAYS_MOST = 365;
const isDue = (value: unknown): value is Due => {
  if (typeof value !== 'object' || value === null) return false;
  const { days, businessDay } = value as Readonly<Record<string, unknown>>;
  const isWithin = typeof days === 'number' && Number.isInteger(days) && days >= DUE_DAYS_LEAST && days <= DUE_DAYS_MOST;
  return isWithin && (businessDay === undefined || businessDay === true);
};
const isOption = (value: unknown): value is Option => {
  if (typeof value !== 'object' || value === null) return false;
  const { key, label, retired, due } = value as Readonly<Record<string, unknown>>;
  const isNamed = typeof key === 'string' && KEY.test(key) && typeof label === 'string';
  return isNamed && (retired === undefined || retired === true) && (due === undefined || isDue(due));
};
/** The lists among stored data, or those that a server told; what is none is left out. */
export const readLists = (told: unknown): ChangedLists =>
  typeof told !== 'object' || told === null
    ? {}
    : Object.fromEntries(
        Object.entries(told).flatMap(([list, options]: [string, unknown]) =>
          Array.isArray(options) && options.every(isOption) ? [[list, options]] : [],
        ),
      );

/** The options in their order: as the company left them, then what a later version of the program has added. */
export function optionsOf({ key, options, dues = {} }: Omit<OptionList, 'label'>, changed: ChangedLists): readonly Option[] {
  const stated = Object.entries(options).map(([own, label]): Option => {
    const due = dues[own];
    return { key: own, label, ...(due ? { due } : {}) };
  });
  const kept = changed[key];
  if (!kept) return stated;
  const known = new Set(kept.map((option) => option.key));
  return [...kept, ...stated.filter((option) => !known.has(option.key))];
}

const fold = (label: string): string => label.trim().toLowerCase();

/** An option with all that it says, as administration speaks of it. */
export interface StatedOption {
  readonly key: string;
  readonly label: string;
  readonly retired: boolean;
  readonly due: Due | null;
}
export const asOption = ({ key, label, retired, due }: StatedOption): Option => ({
  key,
  label: label.trim(),
  ...(retired ? { retired } : {}),
  ...(due ? { due } : {}),
});

/** What a company may change of a list besides its labels, their order, and what is retired. */
export interface ListBounds {
  /** Its options have days, as terms of payment do. */
  readonly dated: boolean;
  /** None can be added, because the program acts by each of them. */
  readonly closed: boolean;
}

/** What is wrong with the days of these options; '' when nothing is. */
function dueProblem(options: readonly Option[], dated: boolean): string {
  const odd = options.find(({ due }) => due !== undefined && !(dated && isDue(due)));
  if (!odd) return '';
  return dated
    ? `"${odd.label}": give whole days from ${DUE_DAYS_LEAST} (before the date) to ${DUE_DAYS_MOST}, or none.`
    : `"${odd.label}" has days, which only terms of payment have.`;
}
/** What is wrong with a list that is to follow `before`, in words with the way out; '' for one that may be stored. */
export function listProblem({ dated, closed }: ListBounds, before: readonly Option[], after: readonly Option[]): string {
  const keys = new Set(after.map(({ key }) => key));
  if (keys.size !== after.length) return 'A key stands in the list twice; remove one of the two.';
  const gone = before.find(({ key }) => !keys.has(key));
  if (gone) return `"${gone.label}" cannot leave the list, because records may hold it. Retire it instead.`;
  if (closed && after.length > before.length) return 'Drover knows no others: retire those that are not wanted, or bring them back.';
  const odd = after.find(({ key }) => !KEY.test(key));
  if (odd) return `"${odd.key}" is no key: it has small letters, digits and _, at most 60.`;
  if (after.length > OPTIONS_MAX) return `A list holds at most ${OPTIONS_MAX} options.`;
  const labels = new Set<string>();
  for (const { label } of after) {
    if (label.trim() === '' || label.length > OPTION_CHARS_MAX) return `A label has 1 to ${OPTION_CHARS_MAX} characters.`;
    if (labels.has(fold(label))) return `"${label}" stands in the list twice; people could not tell the two apart. Change one of them.`;
    labels.add(fold(label));
  }
  return after.every(({ retired }) => retired) ? 'One option at least must stay to be chosen.' : dueProblem(after, dated);
}

/** A key for a new option: its label in small letters, told from those that are taken. */
export function keyFor(label: string, taken: readonly Pick<Option, 'key'>[]): string {
  const bare =
    label
      .normalize('NFKD')
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '_')
      .replaceAll(/^_+|_+$/g, '')
      .slice(0, 50) || 'option';
  const keys = new Set(taken.map(({ key }) => key));
  let key = bare;
  for (let n = 2; keys.has(key); n += 1) key = `${bare}_${n}`;
  return key;
}
