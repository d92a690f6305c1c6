/**
 * Whether the options in a record may stand there: they are in the company's list, and nobody has newly chosen one that is
 * retired. What the record held before stays, also what a list that has not come to this device yet knows.
 */
import { type ChangedLists, optionsOf } from '../access/option-lists.ts';
import type { Entity } from '../entity/entity.ts';
import type { Field, Fields } from '../entity/field.ts';
import { type Problem, hard } from '../entity/problem.ts';

type Values = Readonly<Record<string, unknown>>;
const areValues = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value);
const itemsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

type Listed = readonly (readonly [string, Field])[];
const known = new WeakMap<Fields, Listed>();
/** Fields of a company's list, and those that hold such fields; found once, because every record is asked. */
function listedIn(fields: Fields): Listed {
  const found =
    known.get(fields) ?? Object.entries(fields).filter(([, f]) => f.list !== undefined || (f.fields && listedIn(f.fields).length > 0));
  known.set(fields, found);
  return found;
}

function problemOf(f: Field, key: string, path: string, changed: ChangedLists): Problem | undefined {
  if (!f.list || (changed[f.list.key] === undefined && Object.hasOwn(f.list.options, key))) return undefined;
  const options = optionsOf(f.list, changed);
  const option = options.find((one) => one.key === key);
  if (option && !option.retired) return undefined;
  const offered = options.filter(({ retired }) => !retired).map(({ label }) => label);
  const some = offered.length > 12 ? `${offered.slice(0, 12).join(', ')}, ...` : offered.join(', ');
  return option
    ? hard(path, 'retired_choice', `${f.label}: "${option.label}" is not chosen any more; choose one of ${some}.`)
    : hard(path, 'unknown_choice', `${f.label} cannot be "${key}"; choose one of ${some}.`);
}

/** `befores`: what stood in the place of `after`; of a line, all lines, because lines move. */
function problemsIn(fields: Fields, after: Values, befores: readonly Values[], prefix: string, changed: ChangedLists): Problem[] {
  return listedIn(fields).flatMap(([key, f]) => {
    const value = after[key];
    if (value === undefined) return [];
    const earlier = befores.flatMap((before) => itemsOf(before[key]));
    const path = `${prefix}${key}`;
    if (f.fields) {
      const inner = f.fields;
      return itemsOf(value).flatMap((one, i) =>
        areValues(one) ? problemsIn(inner, one, earlier.filter(areValues), `${path}.${f.kind === 'lines' ? `${i}.` : ''}`, changed) : [],
      );
    }
    return itemsOf(value).flatMap((one, i) => {
      if (typeof one !== 'string' || one === '' || earlier.includes(one)) return [];
      return problemOf(f, one, f.kind === 'set' ? `${path}.${i}` : path, changed) ?? [];
    });
  });
}

/** `changed`: the lists that the company has changed. The record's shape was validated. */
export const optionProblems = (entity: Entity, after: Values, before: Values | undefined, changed: ChangedLists): Problem[] =>
  problemsIn(entity.fields, after, before ? [before] : [], '', changed);
