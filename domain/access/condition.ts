/**
 * What a person may reach, as plain data: a closed tree of conditions over a few fields of a document. The same tree is
 * evaluated here and compiled to SQL (sync-server/db/condition-sql.ts), so it has two values only, true and false:
 *
 * - A comparison is true when the field holds a text that is among the values. A field that is absent, null or no text is
 *   among no values; '' is a text like any other.
 * - `not` is the plain opposite, so `not in` is true for an absent field.
 * - `and` of nothing is true, `or` of nothing is false, `in` nothing is false.
 */

/** The only fields that a condition may look at: the feed notes when one of them changes (access_changes in 0003-sync-apply.sql). */
export const accessFields = ['ownerId', 'deskId', 'createdBy', 'assignedTo', 'accountId', 'kind', 'recordCollection'] as const;
export type AccessField = (typeof accessFields)[number];

/** The access fields of a document as they are, where `after` has others; undefined where nothing moves for anybody. */
export function leftBy(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Record<string, unknown> | undefined {
  if (accessFields.every((field) => before[field] === after[field])) return undefined;
  return Object.fromEntries(accessFields.filter((field) => before[field] !== undefined).map((field) => [field, before[field]]));
}

/** A condition without placeholders: what is left to ask of a document. */
export type Scope =
  | { readonly is: 'all' }
  | { readonly is: 'none' }
  | { readonly is: 'and'; readonly of: readonly Scope[] }
  | { readonly is: 'or'; readonly of: readonly Scope[] }
  | { readonly is: 'not'; readonly of: Scope }
  | { readonly is: 'in'; readonly field: AccessField; readonly values: readonly string[] };

/** A condition as a role states it. */
export type Condition =
  | { readonly is: 'all' }
  | { readonly is: 'none' }
  | { readonly is: 'and'; readonly of: readonly Condition[] }
  | { readonly is: 'or'; readonly of: readonly Condition[] }
  | { readonly is: 'not'; readonly of: Condition }
  | { readonly is: 'in'; readonly field: AccessField; readonly values: readonly string[] }
  /** The field names the account of whoever asks. */
  | { readonly is: 'mine'; readonly field: AccessField }
  /** The field names one of the desks of whoever asks. */
  | { readonly is: 'my_desks'; readonly field: AccessField };

export interface Viewer {
  readonly accountId: string;
  readonly desks: readonly string[];
}

export const ALL = { is: 'all' } as const satisfies Scope;
export const NONE = { is: 'none' } as const satisfies Scope;
const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function joined(is: 'and' | 'or', parts: readonly Scope[]): Scope {
  const [neutral, final] = is === 'and' ? (['all', 'none'] as const) : (['none', 'all'] as const);
  const flat = parts.flatMap((part) => (part.is === is ? part.of : [part])).filter((part) => part.is !== neutral);
  if (flat.some((part) => part.is === final)) return { is: final };
  const distinct = new Map(flat.map((part) => [JSON.stringify(part), part]));
  const [first, ...others] = [...distinct].sort(([a], [b]) => byCode(a, b)).map(([, part]) => part);
  if (!first) return { is: neutral };
  return others.length === 0 ? first : { is, of: [first, ...others] };
}

/** Fills in who asks. Equal conditions of people who reach the same come out as equal JSON, in most cases. */
export function resolve(condition: Condition, viewer: Viewer): Scope {
  switch (condition.is) {
    case 'all':
    case 'none':
      return { is: condition.is };
    case 'and':
    case 'or':
      return joined(
        condition.is,
        condition.of.map((part) => resolve(part, viewer)),
      );
    case 'not': {
      const of = resolve(condition.of, viewer);
      if (of.is === 'not') return of.of;
      if (of.is === 'all' || of.is === 'none') return { is: of.is === 'all' ? 'none' : 'all' };
      return { is: 'not', of };
    }
    case 'in':
      return among(condition.field, condition.values);
    case 'mine':
      return among(condition.field, [viewer.accountId]);
    case 'my_desks':
      return among(condition.field, viewer.desks);
  }
}
function among(field: AccessField, values: readonly string[]): Scope {
  return values.length === 0 ? NONE : { is: 'in', field, values: [...new Set(values)].sort(byCode) };
}

export const anyOf = (scopes: readonly Scope[]): Scope => joined('or', scopes);
export const allOf = (scopes: readonly Scope[]): Scope => joined('and', scopes);

/** Whether a document, or what is known of its access fields, lies within the scope. */
export function isWithin(scope: Scope, document: Readonly<Record<string, unknown>>): boolean {
  switch (scope.is) {
    case 'all':
      return true;
    case 'none':
      return false;
    case 'and':
      return scope.of.every((part) => isWithin(part, document));
    case 'or':
      return scope.of.some((part) => isWithin(part, document));
    case 'not':
      return !isWithin(scope.of, document);
    case 'in': {
      const value = Object.hasOwn(document, scope.field) ? document[scope.field] : undefined;
      return typeof value === 'string' && scope.values.includes(value);
    }
  }
}

export const evaluate = (condition: Condition, document: Readonly<Record<string, unknown>>, viewer: Viewer): boolean =>
  isWithin(resolve(condition, viewer), document);

const DEPTH_MAX = 8;
const PARTS_MAX = 50;
const VALUES_MAX = 200;
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isField = (value: unknown): value is AccessField => (accessFields as readonly unknown[]).includes(value);

/** Whether stored data is a condition of this version; anything else must be taken for `none`. */
export function isCondition(value: unknown, depth = DEPTH_MAX): value is Condition {
  if (!isRecord(value) || depth === 0) return false;
  const { is, of, field, values } = value;
  switch (is) {
    case 'all':
    case 'none':
      return true;
    case 'and':
    case 'or':
      return Array.isArray(of) && of.length <= PARTS_MAX && of.every((part) => isCondition(part, depth - 1));
    case 'not':
      return isCondition(of, depth - 1);
    case 'mine':
    case 'my_desks':
      return isField(field);
    case 'in':
      return isField(field) && Array.isArray(values) && values.length <= VALUES_MAX && values.every((one) => typeof one === 'string');
    default:
      return false;
  }
}
