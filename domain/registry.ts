/** Every noun of the desk, one line each. The order is the order in which a first import or a first sync fills them. */
import type { Noun } from './record/noun.ts';

export const nouns: readonly Noun[] = [];

const byCollection = new Map(nouns.map((noun) => [noun.entity.collection, noun]));

/** The noun behind a collection name; undefined for a name nobody declared. */
export const nounOf = (collection: string): Noun | undefined => byCollection.get(collection);
