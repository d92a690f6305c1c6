/** What was decided, judged by the rights of whoever decided it: the server's own check, made before the write, and offline too. */
import { hide, pathOfFields } from '../access/field-limits.ts';
import { deniedWrite } from '../access/rights.ts';
import { unapproved } from './approval.ts';
import type { AnyDocument } from '../entity/entity.ts';
import type { Noun } from './noun.ts';
import type { Actor, Decision, Moment } from './record.commands.ts';

/**
 * The decision, or a rejection where the actor may not write that. An actor whose rights are not known is not judged here; the
 * server does it anyway. `tombstone`: of a restore. Fields that the actor cannot see are not computed from what is missing.
 */
export function permitted(
  noun: Noun,
  decision: Decision,
  { rights }: Pick<Actor, 'rights'>,
  { company, tombstone }: Pick<Moment, 'company'> & { readonly tombstone?: AnyDocument } = {},
): Decision {
  if (!rights || !decision.ok) return decision;
  const { entity } = noun;
  const { change, warnings } = decision;
  const stored = tombstone ?? change.before;
  const hidden = rights.hidden(entity.collection, stored ?? change.after);
  const after = hide(entity, change.after, hidden);
  const denied =
    deniedWrite(rights, entity, stored && { doc: stored, deleted: tombstone !== undefined }, {
      doc: after,
      deleted: change.deleted,
    }) ?? (change.deleted ? undefined : unapproved(noun, rights, stored, after, company));
  if (denied)
    return { ok: false, rejection: { code: denied.code, message: denied.message, problems: denied.field === '' ? [] : [denied] } };
  return { ok: true, change: { ...change, after }, warnings: warnings.filter(({ field }) => !hidden.includes(pathOfFields(field))) };
}
