/**
 * What RxDB's package carries of its own storage tests, run over a candidate. Its unit tests of storages and its data set of
 * query correctness are in the repository only; the package exports the suite of the replication plugins, which writes,
 * deletes, restores and compares collections, and the loop of its performance comparison, which checks what it reads. They open databases in RxDB's development mode, which freezes what a
 * storage hands out and holds for the whole process: keep them in a test file of their own.
 */
import { type RxCollection, addRxPlugin } from 'rxdb';
import { RxDBDevModePlugin, disableWarnings } from 'rxdb/plugins/dev-mode';
import { RxDBLocalDocumentsPlugin } from 'rxdb/plugins/local-documents';
import { replicateRxCollection } from 'rxdb/plugins/replication';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import {
  getPullHandler,
  getPullStream,
  getPushHandler,
  humansCollection,
  runPerformanceTests,
  runReplicationBaseTestSuite,
  setConfig,
} from 'rxdb/plugins/test-utils';
import { wrappedValidateAjvStorage } from 'rxdb/plugins/validate-ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Candidate } from './contract-kit.ts';

type Humans = RxCollection<{ passportId: string }>;

export function rxdbSuites(candidate: Candidate): void {
  disableWarnings();
  addRxPlugin(RxDBDevModePlugin);
  addRxPlugin(RxDBLocalDocumentsPlugin);
  // Development mode refuses a storage without a validator.
  const make = () => wrappedValidateAjvStorage({ storage: candidate.make() });
  describe(`RxDB's own suites: ${candidate.name}`, () => {
    beforeAll(() => setConfig({ storage: { getStorage: make } as never }));
    // The suite is written for Mocha and takes these from the global scope.
    Object.assign(globalThis, { describe, it });
    let server: Promise<Humans> | undefined;
    const ofServer = (): Promise<Humans> =>
      (server ??= humansCollection.create(
        0,
        'human',
        false,
        true,
        wrappedValidateAjvStorage({ storage: getRxStorageMemory() }),
      ) as unknown as Promise<Humans>);
    const replicate = async (collection: Humans, live: boolean) => {
      const remote = await ofServer();
      return replicateRxCollection({
        replicationIdentifier: `contract-${remote.database.name}`,
        collection,
        live,
        waitForLeadership: false,
        pull: { handler: getPullHandler(remote), ...(live ? { stream$: getPullStream(remote) } : {}) },
        push: { handler: getPushHandler(remote) },
      } as never);
    };
    runReplicationBaseTestSuite({
      startReplication: (collection) => replicate(collection, true),
      async syncOnce(collection) {
        const state = await replicate(collection, false);
        await state.awaitInitialReplication();
      },
      async getAllServerDocs() {
        return [...(await (await ofServer()).find().exec())];
      },
      async cleanUpServer() {
        await (await server)?.database.close();
        server = undefined;
      },
      getPrimaryOfServerDoc: (document: { primary: string }) => document.primary,
    });

    it('comes through the loop of its performance comparison', async () => {
      const result = await runPerformanceTests(make(), candidate.name, {
        runs: 1,
        collectionsAmount: 2,
        docsAmount: 300,
        serialDocsAmount: 5,
        parallelQueryAmount: 2,
        insertBatches: 2,
        waitBetweenTests: 0,
        log: false,
      });
      expect(result.docsAmount).toBe(300);
    });
  });
}
