/**
 * A scope as a JSON path, with the same two values as `isWithin` (domain/access/condition.ts): what the database itself checks
 * each document by (fence.ts). Values stand in the text as JSON strings, which is what a JSON path takes.
 */
import { type AccessField, type Scope, accessFields } from '../../domain/access/condition.ts';

function fieldOf(field: AccessField): string {
  if (!accessFields.includes(field)) throw new Error(`${field} is no access field`);
  return `$.${field}`;
}

export function pathOf(scope: Scope): string {
  switch (scope.is) {
    case 'all':
      return '(1 == 1)';
    case 'none':
      return '(1 == 0)';
    case 'and':
    case 'or':
      if (scope.of.length === 0) return pathOf({ is: scope.is === 'and' ? 'all' : 'none' });
      return `(${scope.of.map(pathOf).join(scope.is === 'and' ? ' && ' : ' || ')})`;
    case 'not':
      return `(!${pathOf(scope.of)})`;
    case 'in': {
      const field = fieldOf(scope.field);
      // A path looks into lists and knows a third value; a text it is first of all, so that neither counts.
      const among = scope.values.map((value) => `${field} == ${JSON.stringify(value)}`).join(' || ');
      return scope.values.length === 0 ? pathOf({ is: 'none' }) : `(${field}.type() == "string" && (${among}))`;
    }
  }
}
