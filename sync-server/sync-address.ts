/** The address /sync/<collection>/<schemaVersion>/...: which noun it means, and in which version the device speaks of it. */
import { oldestServed } from '../domain/entity/cast.ts';
import type { Noun } from '../domain/record/noun.ts';
import { HttpError } from './error-answer.ts';

export interface SyncAddress {
  readonly collection: string;
  readonly version: string;
}

/** The version in an address that `nounAt` has let pass. */
export const versionAt = ({ version }: SyncAddress): number => Number(version);

/** Throws 404 for an unknown collection, 400 for a version that is no number, 426 for one that is not served. */
export function nounAt(nounOf: (collection: string) => Noun | undefined, { collection, version }: SyncAddress): Noun {
  const noun = nounOf(collection);
  if (!noun)
    throw new HttpError(404, 'unknown_collection', `There is no collection "${collection.slice(0, 60)}".`, { field: 'collection' });
  if (!/^\d{1,6}$/.test(version))
    throw new HttpError(400, 'bad_version', 'The schema version in the address must be a whole number.', { field: 'schemaVersion' });
  const asked = Number(version);
  const { version: ours, labels } = noun.entity;
  if (asked < oldestServed(noun.entity)) {
    throw new HttpError(
      426,
      'client_outdated',
      `This Drover is too old for the server (${labels.toLowerCase()}: version ${asked}, now ${ours}). Update it; unsent work is kept.`,
    );
  }
  if (asked > ours) {
    throw new HttpError(
      426,
      'server_outdated',
      `The server is older than this Drover (${labels.toLowerCase()}: version ${ours}, yours ${asked}). It must be updated first; unsent work is kept.`,
    );
  }
  return noun;
}
