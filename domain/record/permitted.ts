/** What was decided, judged by the rights of whoever decided it: the server's own check, made before the write, and offline too. */
import { hide, pathOfFields } from '../access/field-limits.ts';
import { deniedWrite } from '../access/rights.ts';
import { approve } from './approval.ts';
import type { Around } from './around.ts';
import type { AnyDocument } from '../entity/entity.ts';
import type { Problem } from '../entity/problem.ts';
import type { Noun } from './noun.ts';
import type { Actor, Decision, Moment } from './record.commands.ts';

export interface Surroundings extends Pick<Moment, 'company'> {
  /** Of a restore. */
  readonly tombstone?: AnyDocument;
  /** What the noun's approvals look at; without it those that need it are left to the next one who judges. */
  readonly around?: Around;
}

/**
 * The decision, or a rejection where the actor may not write that. An actor whose rights are not known is not judged here; the
 * server does it anyway. Fields that the actor cannot see are not computed from what is missing.
 */
export function permitted(
  noun: Noun,
  decision: Decision,
  { rights }: Pick<Actor, 'rights'>,
  { company, tombstone, around }: Surroundings = {},
): Decision {
  if (!rights || !decision.ok) return decision;
  const { entity } = noun;
  const { change, warnings } = decision;
  const stored = tombstone ?? change.before;
  const hidden = rights.hidden(entity, stored ?? change.after);
  const after = hide(entity, change.after, hidden);
  const was = stored && { doc: stored, deleted: tombstone !== undefined };
  const denied = deniedWrite(rights, entity, was, { doc: after, deleted: change.deleted });
  if (denied) return rejection(denied);
  const approved = change.deleted ? { ok: true as const, after } : approve(noun, stored, after, { rights, company, around });
  if (!approved.ok) return rejection(approved.problem);
  return {
    ok: true,
    change: { ...change, after: approved.after },
    warnings: warnings.filter(({ field }) => !hidden.includes(pathOfFields(field))),
  };
}

const rejection = (problem: Problem): Decision => ({
  ok: false,
  rejection: { code: problem.code, message: problem.message, problems: problem.field === '' ? [] : [problem] },
});
