/** Rules of suppliers, customers and carriers. Most of them warn: an imported or half-known party must be storable. */
import { type Problem, hard, soft } from '../entity/problem.ts';
import { defineNoun } from '../record/noun.ts';
import { repairZip } from '../location/location.rules.ts';
import { type Party, party } from './party.entity.ts';

const has = (after: Party, role: Party['roles'][number]): boolean => after.roles.includes(role);

function checkRelations(after: Party): Problem[] {
  return (after.relations ?? []).flatMap((relation, i) => {
    const problems: Problem[] = [];
    if (relation.partyId === after.id)
      problems.push(hard(`relations.${i}.partyId`, 'own_relation', 'A party cannot stand in a relation to itself; choose another.', 'D6'));
    if (relation.fromOn !== undefined && relation.toOn !== undefined && relation.toOn < relation.fromOn) {
      problems.push(
        hard(
          `relations.${i}.toOn`,
          'ends_before_start',
          `The relation ends on ${relation.toOn}, before it starts; correct one of the dates.`,
          'D6',
        ),
      );
    }
    return problems;
  });
}

function checkCarrier(after: Party): Problem[] {
  const problems: Problem[] = [];
  if (after.dotNumber !== undefined && !/^\d{1,8}$/.test(after.dotNumber))
    problems.push(soft('dotNumber', 'odd_dot', `USDOT number "${after.dotNumber}" should be up to eight digits.`, 'D10'));
  if (after.mcNumber !== undefined && !/^(MC|FF|MX)?[- #]?\d{3,8}$/i.test(after.mcNumber))
    problems.push(soft('mcNumber', 'odd_mc', `MC number "${after.mcNumber}" should look like MC-123456.`, 'D10'));
  if (after.authority === 'revoked' || after.authority === 'inactive')
    problems.push(soft('authority', 'no_authority', 'The carrier may not haul: its authority is not active.', 'D10'));
  return problems;
}

function checkCredit(after: Party): Problem[] {
  const problems: Problem[] = [];
  if (after.insuredLimit !== undefined && after.creditLimit !== undefined && after.insuredLimit > after.creditLimit) {
    problems.push(soft('insuredLimit', 'insured_over_limit', 'The insured limit is above the credit limit; check both.', 'D10'));
  }
  if (has(after, 'customer') && after.sellTerms !== undefined && after.sellTermsAnchor === undefined) {
    problems.push(soft('sellTermsAnchor', 'no_anchor', 'Say from which date the terms run; every due date depends on it.', 'D10'));
  }
  if (has(after, 'supplier') && after.buyTerms !== undefined && after.buyTermsAnchor === undefined) {
    problems.push(soft('buyTermsAnchor', 'no_anchor', 'Say from which date their terms run; every due date depends on it.', 'D10'));
  }
  if (
    after.creditApplicationSentOn !== undefined &&
    after.creditApplicationSetUpOn !== undefined &&
    after.creditApplicationSetUpOn < after.creditApplicationSentOn
  ) {
    problems.push(
      soft(
        'creditApplicationSetUpOn',
        'set_up_before_sent',
        'The credit application was set up before it was sent; check the dates.',
        'D10',
      ),
    );
  }
  return problems;
}

export function checkParty(after: Party): Problem[] {
  const problems = [...checkRelations(after), ...checkCredit(after), ...(has(after, 'carrier') ? checkCarrier(after) : [])];
  if (after.parentId === after.id) problems.push(hard('parentId', 'own_parent', 'A party cannot belong to itself; choose another.', 'D6'));
  if (
    after.postalCode !== undefined &&
    after.state !== undefined &&
    repairZip(after.postalCode, after.state).problem === 'zip_not_in_state'
  ) {
    problems.push(soft('postalCode', 'zip_not_in_state', `ZIP ${after.postalCode} is not in ${after.state}; check both.`, 'R23'));
  }
  return problems;
}

/** A name as it is compared when looking for doubles: without case, signs and legal forms. For hints only. [R30] */
export const nameKey = (name: string): string =>
  name
    .toLowerCase()
    .replace(/&/g, ' and ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .replace(/\b(l ?l ?c|inc|incorporated|corp|corporation|co|company|ltd|limited|l ?p|l ?l ?p|the)\b/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** Parties whose names differ only in spelling. [R30] */
export function sameName<P extends { readonly id: string; readonly name: string }>(candidate: P, others: readonly P[]): P[] {
  const key = nameKey(candidate.name);
  return key === '' ? [] : others.filter((other) => other.id !== candidate.id && nameKey(other.name) === key);
}

export const partyNoun = defineNoun(party, { check: checkParty });
