/** A scope as a condition of SQL, with the same two values as `isWithin` (domain/access/condition.ts). Values go as parameters. */
import { type AccessField, type Scope, accessFields } from '../../domain/access/condition.ts';

/** Collects the parameters of one statement; answers the placeholder of each. */
export interface Parameters {
  readonly values: unknown[];
  add(value: unknown): string;
}
export function parametersFrom(first: readonly unknown[]): Parameters {
  const values = [...first];
  return { values, add: (value) => `$${values.push(value)}` };
}

function fieldName(field: AccessField): string {
  if (!accessFields.includes(field)) throw new Error(`${field} is no access field`);
  return `'${field}'`;
}

/** `doc` is an expression of our own, such as `t.doc`. The result is never null, so it may be negated. */
export function sqlOf(scope: Scope, doc: string, parameters: Parameters): string {
  switch (scope.is) {
    case 'all':
      return 'true';
    case 'none':
      return 'false';
    case 'and':
    case 'or':
      return scope.of.length === 0
        ? String(scope.is === 'and')
        : `(${scope.of.map((part) => sqlOf(part, doc, parameters)).join(` ${scope.is} `)})`;
    case 'not':
      return `(not ${sqlOf(scope.of, doc, parameters)})`;
    case 'in': {
      const name = fieldName(scope.field);
      // A number or an object has a text too, which `->>` would compare; in a scope only texts count.
      return `coalesce(${doc}->>${name} = any(${parameters.add(scope.values)}::text[]) and jsonb_typeof(${doc}->${name}) = 'string', false)`;
    }
  }
}
