/** A new line of a `lines` field: an id of its own and what must be present. */
import type { Field } from '../../domain/entity/field.ts';
import { emptyValue } from '../../domain/entity/rx-schema.ts';

export function blankLine(field: Field): Record<string, unknown> & { lineId: string } {
  const present = Object.entries(field.fields ?? {}).filter(([, inner]) => inner.present && inner.fallback !== undefined);
  return { ...Object.fromEntries(present.map(([key, inner]) => [key, emptyValue(inner)])), lineId: crypto.randomUUID() };
}
