/** What RxDB itself builds on a storage: a database with its internal store, live queries, migrations of a schema. */
import { type RxJsonSchema, addRxPlugin, createRxDatabase } from 'rxdb';
import { RxDBMigrationSchemaPlugin } from 'rxdb/plugins/migration-schema';
import { describe, expect, it } from 'vitest';
import { until } from '../desk-kit.ts';
import { type Candidate, freshName } from './contract-kit.ts';

interface Note {
  readonly id: string;
  readonly text: string;
  readonly rank: number;
}
const notes = (version: number): RxJsonSchema<Note> => ({
  version,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: { type: 'string', maxLength: 40 },
    text: { type: 'string', maxLength: 100 },
    rank: { type: 'integer', minimum: 0, maximum: 1000, multipleOf: 1 },
  },
  required: ['id', 'text', 'rank'],
  indexes: version === 0 ? ['rank'] : ['rank', 'text'],
});

export function contractOfDatabases(candidate: Candidate): void {
  const open = async (name: string, version = 0) => {
    addRxPlugin(RxDBMigrationSchemaPlugin);
    const db = await createRxDatabase({ name, storage: candidate.make(), multiInstance: false, eventReduce: true, allowSlowCount: true });
    try {
      const migrationStrategies = version === 0 ? {} : { 1: (old: Note) => ({ ...old, text: old.text.toUpperCase() }) };
      const { notes: collection } = await db.addCollections({ notes: { schema: notes(version), migrationStrategies } });
      if (!collection) throw new Error('the collection did not open');
      return { db, collection };
    } catch (error) {
      await db.close();
      throw error;
    }
  };
  const many = (count: number): Note[] => Array.from({ length: count }, (_, i) => ({ id: `n${i}`, text: `text ${i}`, rank: i % 50 }));

  describe('under a database of RxDB', () => {
    it('opens again with its records', async () => {
      const name = freshName();
      const first = await open(name);
      await first.collection.bulkInsert(many(30));
      const two = await first.collection.findOne('n2').exec();
      await two?.incrementalPatch({ text: 'patched' });
      const three = await first.collection.findOne('n3').exec();
      await three?.remove();
      await first.db.close();
      const again = await open(name);
      expect(await again.collection.count().exec()).toBe(29);
      expect((await again.collection.findOne('n2').exec())?.get('text')).toBe('patched');
      expect(await again.collection.findOne('n3').exec()).toBeNull();
      await again.db.close();
    });

    it('keeps a live query right through inserts, changes, deletions and restorations', async () => {
      const { db, collection } = await open(freshName());
      await collection.bulkInsert(many(20));
      const shown: string[][] = [];
      const sub = collection
        .find({ selector: { rank: { $lt: 5 } }, sort: [{ rank: 'desc' }], limit: 3 })
        .$.subscribe((found) => shown.push(found.map((one) => one.primary)));
      const last = () => shown.at(-1)?.join();
      await until('the first answer', () => last() === 'n4,n3,n2');
      await collection.insert({ id: 'x', text: 'new', rank: 3 });
      await until('the new one', () => last() === 'n4,n3,x');
      await (await collection.findOne('n4').exec())?.remove();
      await until('the deletion', () => last() === 'n3,x,n2');
      await (await collection.findOne('x').exec())?.incrementalPatch({ rank: 9 });
      await until('the change', () => last() === 'n3,n2,n1');
      await collection.insert({ id: 'n4', text: 'back', rank: 4 });
      await until('the restoration', () => last() === 'n4,n3,n2');
      sub.unsubscribe();
      await db.close();
    });

    it('brings records to a new version of their schema, once', async () => {
      const name = freshName();
      const first = await open(name);
      await first.collection.bulkInsert(many(250));
      await first.db.close();
      const second = await open(name, 1);
      expect(await second.collection.count().exec()).toBe(250);
      expect((await second.collection.findOne({ selector: { text: 'TEXT 7' } }).exec())?.primary).toBe('n7');
      await second.db.close();
      const third = await open(name, 1);
      expect(await third.collection.count({ selector: { text: { $gte: 'TEXT' } } }).exec()).toBe(250);
      await third.db.close();
    });

    it('refuses a schema that changed without a new version, and leaves the records alone', async () => {
      const name = freshName();
      const first = await open(name);
      await first.collection.bulkInsert(many(3));
      await first.db.close();
      const db = await createRxDatabase({ name, storage: candidate.make(), multiInstance: false });
      const changed = { ...notes(0), indexes: ['text'] };
      await expect(db.addCollections({ notes: { schema: changed } })).rejects.toMatchObject({ code: 'DB6' });
      await db.close();
      const again = await open(name);
      expect(await again.collection.count().exec()).toBe(3);
      await again.db.close();
    });

    it('removes a collection and starts empty', async () => {
      const name = freshName();
      const { db, collection } = await open(name);
      await collection.bulkInsert(many(5));
      await collection.remove();
      await db.close();
      const again = await open(name);
      expect(await again.collection.count().exec()).toBe(0);
      await again.db.close();
    });
  });
}
