import { expect, test } from 'vitest';
import { type Grant, type Rights, rightsOf } from '../../../domain/access/rights.ts';
import { seedRoles } from '../../../domain/access/seeds.ts';
import type { AnyDocument } from '../../../domain/entity/entity.ts';
import { approve } from '../../../domain/record/approval.ts';
import type { Noun } from '../../../domain/record/noun.ts';
import { nouns, nounOf } from '../../../domain/registry.ts';

const commissions = nounOf('commissions');
if (!commissions) throw new Error('there are no commissions');
const viewer = { accountId: 'me', desks: ['east'] };
const rights = (grants: readonly Grant[]) => rightsOf(grants, viewer);
const unapproved = (noun: Noun, own: Rights, before: AnyDocument | undefined, after: AnyDocument) => {
  const approved = approve(noun, before, after, { rights: own });
  return approved.ok ? undefined : approved.problem;
};
const at = (stage: string, more: Record<string, unknown> = {}): AnyDocument =>
  ({ deskId: 'east', stage, ...more }) as unknown as AnyDocument;
const of = (role: string) => rights(seedRoles.find(({ name }) => name === role)?.grants ?? []);

test('[SYN-7] a commission is posted by who may approve it, with a reason of its own', () => {
  const code = (role: string, before: AnyDocument | undefined, after: AnyDocument) =>
    unapproved(commissions, of(role), before, after)?.code;
  const why = { stageReason: 'agreed on Friday' };
  expect(code('broker', at('approved'), at('posted', why))).toBe('approval_needed');
  expect(code('broker', undefined, at('posted', why))).toBe('approval_needed');
  expect(code('broker', at('approved'), at('paid', why))).toBe('approval_needed');
  expect(code('accounting', at('approved'), at('posted'))).toBe('reason_needed');
  expect(code('accounting', at('approved'), at('posted', { stageReason: '  ' }))).toBe('reason_needed');
  expect(code('accounting', at('approved', why), at('posted', why))).toBe('reason_needed');
  expect(code('accounting', at('approved'), at('posted', why))).toBeUndefined();
  for (const [before, after] of [
    ['posted', 'paid'],
    ['posted', 'reversed'],
    ['draft', 'approved'],
    ['posted', 'posted'],
  ] as const)
    expect(code('broker', at(before), at(after))).toBeUndefined();
});

test('[SYN-7] an approval may hold for some records only', () => {
  const own = rights([{ permission: 'commissions:approve_posting', when: { is: 'my_desks', field: 'deskId' } }]);
  const why = { stageReason: 'agreed' };
  expect(unapproved(commissions, own, at('approved'), at('posted', why))).toBeUndefined();
  expect(unapproved(commissions, own, at('approved'), at('posted', { ...why, deskId: 'west' }))?.code).toBe('approval_needed');
});

test('[SYN-7] whatever needs an approval has a field for the reason', () => {
  const fields = nouns.flatMap(({ entity, approvals }) => (approvals ? [entity.fields[entity.reason ?? '']?.kind] : []));
  expect(fields).toEqual(fields.map(() => 'text'));
  expect(fields.length).toBeGreaterThan(0);
});
