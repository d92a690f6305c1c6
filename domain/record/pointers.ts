/** Which records point at which: found in the entities, so that no noun is named here. */
import { type Entity, allFields } from '../entity/entity.ts';
import type { Field } from '../entity/field.ts';
import type { Noun } from './noun.ts';

/** A field that points at another collection: its own key, or a list of lines and the key inside. */
export type Pointer = readonly [key: string, inLine?: string];

const pointsTo = (f: Field, target: string): boolean => (f.kind === 'ref' || f.kind === 'refs') && f.to === target;

/** What is said of the record that holds another one. */
export const holderWords = ({ label }: Entity, title: unknown): string => `${label.toLowerCase()} "${String(title)}"`;

/** Collections whose records may point at this one, each with the fields that do, inside lines as well. */
export function pointersTo(nouns: readonly Noun[], target: string): { readonly noun: Noun; readonly pointers: readonly Pointer[] }[] {
  return nouns.flatMap((noun) => {
    const pointers = Object.entries(allFields(noun.entity)).flatMap(([key, f]): Pointer[] => {
      if (pointsTo(f, target)) return [[key]];
      return Object.entries(f.fields ?? {}).flatMap(([inLine, child]): Pointer[] => (pointsTo(child, target) ? [[key, inLine]] : []));
    });
    return pointers.length === 0 ? [] : [{ noun, pointers }];
  });
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** Notes in `held` every record that a live document points at, with the words for who holds it. */
export function noteHeld(
  held: Map<string, string>,
  { entity }: Noun,
  pointers: readonly Pointer[],
  document: Readonly<Record<string, unknown>>,
): void {
  for (const [key, inLine] of pointers) {
    const values =
      inLine === undefined
        ? listOf(document[key])
        : listOf(document[key]).flatMap((line) => listOf((line as Record<string, unknown> | undefined)?.[inLine]));
    for (const id of values) if (typeof id === 'string' && id !== '') held.set(id, holderWords(entity, document[entity.title]));
  }
}
