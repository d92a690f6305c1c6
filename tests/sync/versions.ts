/** One noun of the simulated company in two versions: the servers know the newer one, and some devices only the older (SYN-10). */
import { addedBy } from '../../domain/entity/rx-schema.ts';
import type { Entity } from '../../domain/entity/entity.ts';
import { choice, integer, text } from '../../domain/entity/field.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { ranch, syntheticNouns } from '../sync-server/synthetic-nouns.ts';

const newerRanch: Entity = {
  ...ranch,
  fields: {
    ...ranch.fields,
    soil: text('Soil', {}),
    acres: integer('Acres', { most: 100_000 }),
    use: choice('Use', { grazing: 'Grazing', feeding: 'Feeding', resting: 'Resting' }, { default: 'resting' }),
  },
  changes: [{ added: ['soil', 'acres', 'use'] }],
  version: 1,
};

/** All synthetic nouns as the servers know them. */
export const newestNouns: readonly Noun[] = syntheticNouns.map((one) => (one.entity === ranch ? { ...one, entity: newerRanch } : one));
/** The noun as a device that was not updated yet knows it. */
export const asOlder = (one: Noun): Noun => syntheticNouns.find(({ entity }) => entity === ranch && entity.noun === one.entity.noun) ?? one;

/** Whether an older device has never heard of this field. */
export const isNewField = ({ changes }: Entity, key: string): boolean => changes.some((change) => addedBy(change).includes(key));
export const withoutNewFields = (document: object): object =>
  Object.fromEntries(Object.entries(document).filter(([key]) => !isNewField(newerRanch, key)));
/** Of the noun that is there in two versions. */
export const isNewest = (entity: Entity): boolean => entity === newerRanch;
