/** What every storage must do. A new storage passes this before anything is built on it. */
import { afterAll, describe } from 'vitest';
import { contractOfDatabases } from './contract-database.ts';
import type { Candidate } from './contract-kit.ts';
import { contractOfMisuse, contractOfRemoval, contractOfReopening, contractOfSeveral } from './contract-life.ts';
import { contractOfQueries } from './contract-queries.ts';
import { contractOfChangedSince, contractOfEvents, contractOfWrites } from './contract-writes.ts';

export function storageContract(candidate: Candidate): void {
  describe(`storage contract: ${candidate.name}`, () => {
    afterAll(async () => candidate.close?.());
    contractOfWrites(candidate);
    contractOfEvents(candidate);
    contractOfChangedSince(candidate);
    contractOfQueries(candidate);
    contractOfReopening(candidate);
    contractOfRemoval(candidate);
    if (candidate.lenient !== true) contractOfMisuse(candidate);
    contractOfSeveral(candidate);
    contractOfDatabases(candidate);
  });
}
