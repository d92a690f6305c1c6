/** The derived schemas against RxDB itself in its strictest mode, on memory storage. */
import { addRxPlugin, createRxDatabase } from 'rxdb';
import { RxDBDevModePlugin, disableWarnings } from 'rxdb/plugins/dev-mode';
import { RxDBMigrationSchemaPlugin } from 'rxdb/plugins/migration-schema';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { wrappedValidateAjvStorage } from 'rxdb/plugins/validate-ajv';
import { describe, expect, it } from 'vitest';
import { rxMigrations, rxSchema } from '../../../domain/entity/rx-schema.ts';
import { nouns } from '../../../domain/registry.ts';
import { minimalDocument } from '../sample.ts';

disableWarnings();
addRxPlugin(RxDBDevModePlugin);
addRxPlugin(RxDBMigrationSchemaPlugin);

/** The open-source RxDB refuses a 14th open collection in one process (COL23). */
const COLLECTIONS_MAX = 13;

describe('schemas in RxDB', () => {
  it('all thirteen are accepted by dev mode, and each stores and finds its smallest valid document', async () => {
    expect(nouns).toHaveLength(COLLECTIONS_MAX);
    const database = await createRxDatabase({
      name: 'every-noun',
      storage: wrappedValidateAjvStorage({ storage: getRxStorageMemory() }),
      multiInstance: false,
    });
    try {
      await database.addCollections(
        Object.fromEntries(
          nouns.map(({ entity }) => [
            entity.collection,
            { schema: structuredClone(rxSchema(entity)) as never, migrationStrategies: rxMigrations(entity) },
          ]),
        ),
      );
      for (const noun of nouns) {
        const document = minimalDocument(noun);
        const collection = database.collections[noun.entity.collection];
        if (!collection) throw new Error(`${noun.entity.collection} was not made`);
        await collection.insert(document);
        const found = await collection.findOne(document.id).exec();
        expect(found?.toJSON(), noun.entity.collection).toEqual(document);
      }
    } finally {
      await database.close();
    }
  });

  it('asks for no more than six single indexes a collection, because each one slows every write', () => {
    for (const { entity } of nouns) {
      const single = rxSchema(entity).indexes.filter((index) => typeof index === 'string');
      expect(single.length, entity.collection).toBeLessThanOrEqual(6);
    }
  });

  it('indexes only fields that are always present', () => {
    for (const { entity } of nouns) {
      const schema = rxSchema(entity);
      for (const key of schema.indexes.flat()) expect(schema.required, `${entity.collection}.${key}`).toContain(key);
    }
  });
});
