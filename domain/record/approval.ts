/** Changes that need somebody's approval: a permission of their own, and a reason that goes into the audit. */
import type { Company } from '../access/company.ts';
import { isWithin } from '../access/condition.ts';
import { approvals } from '../access/permissions.ts';
import type { Rights } from '../access/rights.ts';
import { type AnyDocument, allFields } from '../entity/entity.ts';
import { type Problem, hard } from '../entity/problem.ts';
import type { Noun } from './noun.ts';

/** Why the change is not approved; undefined where it needs no approval or has it. `before`: what is stored. */
export function unapproved(
  noun: Noun,
  rights: Rights,
  before: AnyDocument | undefined,
  after: AnyDocument,
  company?: Company,
): Problem | undefined {
  const { entity } = noun;
  for (const permission of noun.approvals?.(after, before, company) ?? []) {
    const what = approvals[permission];
    if (!isWithin(rights.approves(permission), after))
      return hard('', 'approval_needed', `Your role does not allow this: ${what}. Ask somebody who may approve it.`, 'SYN-7');
    const { reason } = entity;
    if (reason === undefined) throw new Error(`${entity.noun} has approvals and no field for the reason`);
    const said = after[reason];
    if (typeof said !== 'string' || said.trim() === '' || said === before?.[reason])
      return hard(reason, 'reason_needed', `Say why, in "${allFields(entity)[reason]?.label ?? reason}": ${what}.`, 'SYN-7');
  }
  return undefined;
}
