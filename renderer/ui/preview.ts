/** Asks the domain what would happen if the draft were saved now. Pure: nothing is stored. */
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { type Actor, type Decision, type Draft, type Moment, changeRecord, createRecord } from '../../domain/record/record.commands.ts';
import { hide } from '../../domain/access/field-limits.ts';
import { permitted } from '../../domain/record/permitted.ts';
import type { Noun } from '../../domain/record/noun.ts';

/** Who saves, and what the company has set. */
type Deciding = Required<Pick<Moment, 'actor' | 'company'>>;

export function previewSave(noun: Noun, before: AnyDocument | undefined, draft: Draft, { actor, company }: Deciding): Decision {
  const moment = { actor, company, now: new Date().toISOString(), w: 'preview' };
  const decision = before ? changeRecord(noun, before, draft, moment) : createRecord(noun, 'preview', draft, moment);
  return permitted(noun, decision, actor, { company });
}

/**
 * The draft with its computed fields, also while it is not yet valid; undefined for a noun that computes nothing. Without those
 * that the actor may not see: from what is missing here they would come out wrong.
 */
export function derivedOf(
  noun: Noun,
  before: AnyDocument | undefined,
  draft: Draft,
  { rights }: Pick<Actor, 'rights'> = {},
): AnyDocument | undefined {
  const derived = noun.derive?.({ ...before, ...draft } as AnyDocument);
  return derived && rights ? hide(noun.entity, derived, rights.hidden(noun.entity, before ?? derived)) : derived;
}

const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
const isNothing = (value: unknown): boolean =>
  value === undefined || value === '' || value === null || (Array.isArray(value) && value.length === 0);

/** The keys that differ from where the form started; an optional field that was emptied comes as undefined. */
export function changedKeys(start: Draft, values: Draft): Record<string, unknown> {
  const changed: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(start), ...Object.keys(values)])) {
    const [was, is] = [start[key], values[key]];
    if (!same(was, is) && !(isNothing(was) && isNothing(is))) changed[key] = is;
  }
  return changed;
}
