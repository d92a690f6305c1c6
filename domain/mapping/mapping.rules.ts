/** Rules of supplier plant mappings: missing sides and doubles warn, dates in the wrong order are refused. */
import { type Problem, hard, soft } from '../entity/problem.ts';
import { defineNoun } from '../record/noun.ts';
import { type Mapping, mapping } from './mapping.entity.ts';

export function checkMapping(after: Mapping): Problem[] {
  const problems: Problem[] = [];
  for (const [field, who] of [
    ['supplierId', 'supplier'],
    ['plantId', 'plant'],
    ['customerId', 'customer'],
  ] as const) {
    if (after[field] === '') problems.push(soft(field, 'missing_side', `The mapping names no ${who} yet; choose one.`, 'D5'));
  }
  if (after.fromOn !== undefined && after.toOn !== undefined && after.toOn < after.fromOn) {
    problems.push(
      hard(
        'toOn',
        'ends_before_start',
        `The mapping ends on ${after.toOn}, before it starts on ${after.fromOn}; correct one of them.`,
        'D6',
      ),
    );
  }
  return problems;
}

/** Other mappings of the same supplier, plant and customer. [R30] */
export function sameLane(candidate: Mapping, others: readonly Mapping[]): Mapping[] {
  if (candidate.supplierId === '' || candidate.customerId === '') return [];
  return others.filter(
    (other) =>
      other.id !== candidate.id &&
      other.supplierId === candidate.supplierId &&
      other.plantId === candidate.plantId &&
      other.customerId === candidate.customerId,
  );
}

export const mappingNoun = defineNoun(mapping, { check: checkMapping });
