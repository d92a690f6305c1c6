/** A storage's life: closing and opening again, several at once, removal, cleanup. */
import type { RxStorage } from 'rxdb';
import { describe, expect, it } from 'vitest';
import { until } from '../desk-kit.ts';
import {
  type Candidate,
  type Instance,
  type Stored,
  byId,
  changeOf,
  find,
  freshName,
  idsOf,
  insertOf,
  openInstance,
  record,
  refusals,
  tick,
  write,
} from './contract-kit.ts';

type Storage = RxStorage<unknown, unknown>;

export function contractOfReopening(candidate: Candidate): void {
  describe('closing and opening again', () => {
    it('finds what was stored, tombstones and changes included, and goes on from there', async () => {
      const database = freshName();
      const first = await openInstance(candidate.make(), { database });
      const [a, b] = await write(first, [insertOf('a'), insertOf('b'), insertOf('c')]);
      if (!a || !b) throw new Error('three documents were written');
      const [changed, gone] = await write(first, [changeOf(a, { name: 'changed' }), changeOf(b, { _deleted: true })]);
      await first.close();
      const second = await openInstance(candidate.make(), { database });
      expect(await byId(second, 'a')).toStrictEqual(changed);
      expect(await byId(second, 'b')).toStrictEqual(gone);
      expect(await idsOf(second, { selector: {}, sort: [{ name: 'asc' }] })).toEqual(['a', 'c']);
      expect(refusals(await second.bulkWrite([changeOf(a, { name: 'stale' })], 'test'))).toEqual(['a 409']);
      if (changed) await write(second, [changeOf(changed, { name: 'again' })]);
      expect((await byId(second, 'a'))?.name).toBe('again');
      await second.close();
    });

    it('holds every write it has answered, also of those under way when it is closed', async () => {
      const database = freshName();
      const first = await openInstance(candidate.make(), { database });
      const under = Array.from({ length: 20 }, (_, i) => {
        const id = `w-${i}`;
        return first.bulkWrite([insertOf(id)], 'test').then((answer) => (answer.error.length === 0 ? id : undefined));
      });
      const closing = first.close();
      // A storage may refuse what comes too late, but then it must say so.
      const settled = await Promise.allSettled(under);
      await closing;
      const answered = settled.flatMap((one) => (one.status === 'fulfilled' && one.value !== undefined ? [one.value] : []));
      const second = await openInstance(candidate.make(), { database });
      const found = await second.findDocumentsById(answered, false);
      expect(found.map((one) => one.id).toSorted()).toEqual(answered.toSorted());
      await second.close();
    });

    it('keeps databases, collections and versions of a schema apart', async () => {
      const storage = candidate.make();
      const database = freshName();
      const open: Instance[] = [
        await openInstance(storage, { database }),
        await openInstance(storage, { database, collection: 'others' }),
        await openInstance(storage, { database, version: 1 }),
        await openInstance(storage, { database: freshName() }),
      ];
      for (const [i, instance] of open.entries()) await write(instance, [insertOf('same', { weight: i })]);
      for (const [i, instance] of open.entries()) expect((await find(instance, { selector: {} })).map((one) => one.weight)).toEqual([i]);
      for (const instance of open) await instance.close();
    });
  });
}

/** Bugs of the caller, which must not pass in silence. */
export function contractOfMisuse(candidate: Candidate): void {
  describe('misuse', () => {
    it('closes twice without complaint and refuses work afterwards', async () => {
      const instance = await openInstance(candidate.make());
      await write(instance, [insertOf('a')]);
      await instance.close();
      await instance.close();
      await expect((async () => instance.bulkWrite([insertOf('b')], 'test'))()).rejects.toBeInstanceOf(Error);
      await expect((async () => instance.findDocumentsById(['a'], false))()).rejects.toBeInstanceOf(Error);
      await expect((async () => find(instance, { selector: {} }))()).rejects.toBeInstanceOf(Error);
    });
  });
}

export function contractOfRemoval(candidate: Candidate): void {
  describe('removal', () => {
    it('takes all data of the collection, and only of it', async () => {
      const database = freshName();
      const storage = candidate.make();
      const doomed = await openInstance(storage, { database });
      const other = await openInstance(storage, { database, collection: 'others' });
      await write(doomed, [insertOf('a')]);
      await write(other, [insertOf('b')]);
      await doomed.remove();
      const again = await openInstance(storage, { database });
      expect(await find(again, { selector: {} })).toEqual([]);
      expect(await byId(again, 'a')).toBeUndefined();
      await write(again, [insertOf('a', { name: 'new' })]);
      expect((await byId(again, 'a'))?.name).toBe('new');
      expect(await idsOf(other, { selector: {} })).toEqual(['b']);
      await again.close();
      await other.close();
    });
  });

  describe('cleanup', () => {
    const clean = async (instance: Instance, age: number): Promise<void> => {
      for (let turn = 0; turn < 50; turn += 1) if (await instance.cleanup(age)) return;
      throw new Error('cleanup did not come to an end');
    };

    it('purges documents that were deleted longer ago than asked, and nothing else', async () => {
      const instance = await openInstance(candidate.make());
      const [a, b, c] = await write(instance, [insertOf('a'), insertOf('b'), insertOf('c')]);
      if (!a || !b || !c) throw new Error('three documents were written');
      await write(instance, [changeOf(a, { _deleted: true, _meta: { lwt: tick() } })]);
      await write(instance, [changeOf(b, { _deleted: true, _meta: { lwt: Date.now() } })]);
      await clean(instance, 60_000);
      expect(await byId(instance, 'a')).toBeUndefined();
      expect((await byId(instance, 'b'))?._deleted).toBe(true);
      expect(await byId(instance, 'c')).toStrictEqual(c);
      expect(await idsOf(instance, { selector: {} })).toEqual(['c']);
      await instance.close();
    });

    it('lets a purged id be used again', async () => {
      const instance = await openInstance(candidate.make());
      const [a] = await write(instance, [insertOf('a')]);
      if (a) await write(instance, [changeOf(a, { _deleted: true })]);
      await clean(instance, 0);
      await write(instance, [insertOf('a', { name: 'new' })]);
      expect(await idsOf(instance, { selector: { name: 'new' } })).toEqual(['a']);
      await instance.close();
    });
  });
}

export function contractOfSeveral(candidate: Candidate): void {
  describe('several instances of one collection', () => {
    const pair = async (storage: Storage = candidate.make()): Promise<readonly [Instance, Instance]> => {
      const database = freshName();
      return [await openInstance(storage, { database, several: true }), await openInstance(storage, { database, several: true })];
    };

    it('read and refuse by the same state', async () => {
      const [one, two] = await pair();
      const [a] = await write(one, [insertOf('a')]);
      if (!a) throw new Error('a document was written');
      expect(await byId(two, 'a')).toStrictEqual(a);
      await write(two, [changeOf(a, { name: 'by two' })]);
      expect(refusals(await one.bulkWrite([changeOf(a, { name: 'by one' })], 'test'))).toEqual(['a 409']);
      expect((await byId(one, 'a'))?.name).toBe('by two');
      await one.close();
      await two.close();
    });

    it('hear of each other once, with the documents', async () => {
      const [one, two] = await pair();
      const heard = [record(one), record(two)];
      const [a] = await write(one, [insertOf('a')], 'of one');
      const [b] = await write(two, [insertOf('b')], 'of two');
      await until('both to hear both', () => heard.every(({ bulks }) => bulks.length >= 2));
      // Whatever came twice would be here by now.
      await new Promise((done) => setTimeout(done, 50));
      for (const { bulks } of heard) {
        const told = bulks.flatMap((bulk) => bulk.events.map((event) => [bulk.context, event.documentData] as const));
        expect(told.toSorted((x, y) => x[0].localeCompare(y[0]))).toStrictEqual([
          ['of one', a],
          ['of two', b],
        ]);
      }
      await one.close();
      await two.close();
    });

    it('go on when one of them is closed', async () => {
      const [one, two] = await pair();
      await write(one, [insertOf('a')]);
      await one.close();
      const written: Stored[] = await write(two, [insertOf('b')]);
      expect(await byId(two, 'b')).toStrictEqual(written[0]);
      expect(await idsOf(two, { selector: {} })).toEqual(['a', 'b']);
      await two.close();
    });
  });
}
