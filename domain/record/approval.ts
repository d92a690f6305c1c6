/** Changes that need somebody's approval: a permission of their own, and a reason that goes into the audit. */
import type { Company } from '../access/company.ts';
import { isWithin } from '../access/condition.ts';
import { type ApprovalPermission, approvals } from '../access/permissions.ts';
import type { Rights } from '../access/rights.ts';
import { type AnyDocument, allFields } from '../entity/entity.ts';
import { type Problem, hard } from '../entity/problem.ts';
import { type Around, NOTHING_AROUND, knownUntil } from './around.ts';
import type { Need, Noun } from './noun.ts';

export interface Judging {
  readonly rights: Rights;
  readonly company?: Company | undefined;
  readonly around?: Around | undefined;
  /** The server's instant; a device has none to give. */
  readonly at?: string;
}
export type Approved = { readonly ok: true; readonly after: AnyDocument } | { readonly ok: false; readonly problem: Problem };

/** Tells no number: whoever writes the record may not be allowed to see what it was judged by. */
function missing(noun: Noun, permission: ApprovalPermission, before: AnyDocument | undefined, after: AnyDocument, rights: Rights) {
  const { entity } = noun;
  const what = approvals[permission];
  if (!isWithin(rights.approves(permission), after)) {
    const who = rights.approvers?.[permission] ?? [];
    const ask = who.length === 0 ? 'somebody who may approve it' : `somebody with the role ${who.join(' or ')}`;
    return hard('', 'approval_needed', `Your role does not allow this: ${what}. Ask ${ask}.`, 'SYN-7');
  }
  const { reason } = entity;
  if (reason === undefined) throw new Error(`${entity.noun} has approvals and no field for the reason`);
  const said = after[reason];
  if (typeof said !== 'string' || said.trim() === '' || said === before?.[reason])
    return hard(reason, 'reason_needed', `Say why, in "${allFields(entity)[reason]?.label ?? reason}": ${what}.`, 'SYN-7');
  return undefined;
}

/** The record with what the approvals leave in it, or why it is not approved. `before`: what is stored. */
export function approve(
  noun: Noun,
  before: AnyDocument | undefined,
  after: AnyDocument,
  { rights, company, around = NOTHING_AROUND, at }: Judging,
): Approved {
  const { lenient } = noun;
  const needsBy = (known: Around): readonly Need[] => noun.approvals?.(after, before, company, known) ?? [];
  const needs = needsBy(around);
  let flaggedAt: unknown;
  for (const { permission, isNew } of needs) {
    const problem = missing(noun, permission, before, after, rights);
    if (!problem) continue;
    const mayFlag = lenient?.permission === permission && at !== undefined;
    if (!isNew) flaggedAt = lenient && before?.[lenient.flag];
    else if (mayFlag && !isForeseen(needsBy, permission, around, after[lenient.asOf])) flaggedAt = at;
    else return { ok: false, problem };
  }
  if (!lenient) return { ok: true, after };
  if (at !== undefined) return { ok: true, after: withMark(after, lenient.flag, flaggedAt) };
  // Only the server sets the flag and takes it away; what a device says is how much it knew.
  const flagged = withMark(after, lenient.flag, before?.[lenient.flag]);
  const hasLooked = (noun.looks?.(after, before, around).length ?? 0) > 0;
  return { ok: true, after: hasLooked ? withMark(flagged, lenient.asOf, around.asOf) : flagged };
}

function withMark(document: AnyDocument, field: string, value: unknown): AnyDocument {
  if (document[field] === value) return document;
  const { [field]: _, ...rest } = document;
  return (value === undefined ? rest : { ...rest, [field]: value }) as AnyDocument;
}

/** Whether a device that knew everything until `asOf` must have seen that the approval is needed. */
function isForeseen(needsBy: (known: Around) => readonly Need[], permission: ApprovalPermission, around: Around, asOf: unknown): boolean {
  if (typeof asOf !== 'string') return true;
  return needsBy(knownUntil(around, asOf)).some((need) => need.isNew && need.permission === permission);
}
