/** Small nouns with every relation that sync has to handle: a parent, a child, a cycle, a unique value, an append-only log. */
import { type AnyDocument, defineEntity } from '../../domain/entity/entity.ts';
import { integer, lines, ref, text } from '../../domain/entity/field.ts';
import { hard } from '../../domain/entity/problem.ts';
import type { Noun } from '../../domain/record/noun.ts';

export const ranch = defineEntity({
  noun: 'ranch',
  collection: 'ranches',
  label: 'Ranch',
  labels: 'Ranches',
  title: 'name',
  fields: {
    name: text('Name', { required: true, index: true }),
    brand: text('Brand', { unique: true, max: 20 }),
    headOfHerdId: ref('Head of herd', 'animals', {}),
  },
  views: [{ name: 'ranch_list' }],
});

export const animal = defineEntity({
  noun: 'animal',
  collection: 'animals',
  label: 'Animal',
  labels: 'Animals',
  title: 'tag',
  fields: {
    tag: text('Tag', { required: true, index: true }),
    ranchId: ref('Ranch', 'ranches', { required: true, onDelete: 'protect' }),
    weighings: lines(
      'Weighings',
      { pounds: integer('Pounds', { required: true, most: 5000 }), scaleRanchId: ref('Scale of', 'ranches', {}) },
      {},
    ),
    heaviest: integer('Heaviest', { computed: true }),
  },
  views: [{ name: 'animal_list' }, { name: 'animal_weighings', lines: 'weighings' }],
});

export const sighting = defineEntity({
  noun: 'sighting',
  collection: 'sightings',
  label: 'Sighting',
  labels: 'Sightings',
  title: 'what',
  fields: { what: text('What', { required: true }) },
  views: [{ name: 'sighting_list' }],
  appendOnly: true,
});

const weighingsOf = (document: AnyDocument): { pounds: number }[] => (document['weighings'] as { pounds: number }[] | undefined) ?? [];

export const syntheticNouns: readonly Noun[] = [
  { entity: ranch, check: (after) => (after['name'] === 'Forbidden' ? [hard('name', 'forbidden_name', 'This name is not allowed.')] : []) },
  {
    entity: animal,
    derive: (document) =>
      weighingsOf(document).length === 0 ? document : { ...document, heaviest: Math.max(...weighingsOf(document).map((w) => w.pounds)) },
  },
  { entity: sighting },
];
