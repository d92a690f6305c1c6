/** Looks before the writing call which accepted rows would share a value that must be unique. */
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { columnFields, snake } from '../../domain/entity/postgres.ts';
import { type Problem, hard } from '../../domain/entity/problem.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { Runner } from '../db/database.ts';
import { holders } from '../db/stored.ts';
import { byCollection, keyOf } from './references.ts';

export interface Claim {
  readonly key: string;
  readonly noun: Noun;
  readonly doc: AnyDocument;
  readonly deleted: boolean;
}
export interface Obstacle {
  readonly problem: Problem;
  /** The holder is changed by the same push and may give the value up: worth another look afterwards. */
  readonly holderMayMove: boolean;
}

/** By key of the claim: what stands in its way. Of two claims in one push the first wins. */
export async function findTaken(runner: Runner, claims: readonly Claim[]): Promise<Map<string, Obstacle>> {
  const taken = new Map<string, Obstacle>();
  for (const group of byCollection(claims).values()) {
    const entity = group[0]?.noun.entity;
    if (!entity) continue;
    for (const [key, f] of columnFields(entity)) {
      if (!f.unique) continue;
      const values = new Map<string, Claim[]>();
      for (const claim of group) {
        const value = claim.doc[key];
        if (claim.deleted || typeof value !== 'string' || value === '') continue;
        values.set(value, [...(values.get(value) ?? []), claim]);
      }
      if (values.size === 0) continue;
      const held = await holders(runner, entity.collection, snake(key), [...values.keys()]);
      for (const [value, sharers] of values) {
        const holder = held.get(value);
        const free = holder === undefined ? sharers[0]?.doc.id : holder;
        for (const claim of sharers) {
          if (claim.doc.id === free) continue;
          const other = group.find(({ key: at }) => holder !== undefined && at === keyOf(entity.collection, holder));
          taken.set(claim.key, {
            problem: hard(
              key,
              'not_unique',
              `${f.label} "${value}" is already used by another of the ${entity.labels.toLowerCase()}; choose another.`,
            ),
            holderMayMove: other !== undefined && (other.deleted || other.doc[key] !== value),
          });
        }
      }
    }
  }
  return taken;
}
