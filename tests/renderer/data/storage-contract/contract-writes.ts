/** Writing: what is taken, what is refused, what a refusal carries, what is told to those who listen. */
import { getChangedDocumentsSince } from 'rxdb';
import { describe, expect, it } from 'vitest';
import { until } from '../desk-kit.ts';
import {
  type Candidate,
  type Checkpoint,
  type Instance,
  type Stored,
  animal,
  byId,
  changeOf,
  find,
  idsOf,
  insertOf,
  openInstance,
  record,
  refusals,
  stored,
  write,
} from './contract-kit.ts';

const only = (list: readonly Stored[]): Stored => {
  const [one] = list;
  if (!one || list.length !== 1) throw new Error(`expected one document, found ${list.length}`);
  return one;
};

/** Runs the body on a fresh instance that is closed afterwards. */
const on = (candidate: Candidate, body: (instance: Instance) => Promise<void>) => async (): Promise<void> => {
  const instance = await openInstance(candidate.make());
  await body(instance);
  await instance.close();
};

export function contractOfWrites(candidate: Candidate): void {
  describe('writes', () => {
    it(
      'gives back exactly what was written, bookkeeping included',
      on(candidate, async (instance) => {
        const document = stored(animal('a', { tags: ['x', ''], memo: null, pen: { code: 'B2', row: 7 } }), { _rev: '3-abc' });
        await write(instance, [{ document }]);
        expect(await byId(instance, 'a')).toStrictEqual(document);
        expect(await find(instance, { selector: { id: 'a' } })).toStrictEqual([document]);
      }),
    );

    it(
      'keeps every text as it was written',
      on(candidate, async (instance) => {
        const texts = ['', 'Größe', '肉', '🥩🐄', '"quoted"\\', "it's", 'a|b||c', 'a b', 'é\u0301', '__proto__'];
        if (candidate.lenient !== true) texts.push(' ', 'blank ', '\u0000\u0001', '\uffff');
        const awkward = texts.map((text, i) =>
          stored(animal(`${i}:${text || 'empty'}`.slice(0, 40), { name: text, tags: [text], memo: text })),
        );
        const long = stored(animal('long', { memo: 'ü'.repeat(300_000) }));
        await write(
          instance,
          [...awkward, long].map((document) => ({ document })),
        );
        for (const document of [...awkward, long]) expect(await byId(instance, document.id)).toStrictEqual(document);
        for (const document of awkward) expect(await idsOf(instance, { selector: { name: document.name } })).toContain(document.id);
      }),
    );

    it(
      'refuses to insert what is stored, says what is stored, and takes the rest of the batch',
      on(candidate, async (instance) => {
        const [first] = await write(instance, [insertOf('a')]);
        const again = insertOf('a', { name: 'another' });
        const answer = await instance.bulkWrite([insertOf('b'), again, insertOf('c')], 'test');
        expect(refusals(answer)).toEqual(['a 409']);
        const [refusal] = answer.error;
        expect(refusal?.isError).toBe(true);
        expect(refusal?.writeRow).toStrictEqual(again);
        expect(refusal && 'documentInDb' in refusal ? refusal.documentInDb : undefined).toStrictEqual(first);
        expect(await idsOf(instance, { selector: {} })).toEqual(['a', 'b', 'c']);
        expect((await byId(instance, 'a'))?.name).toBe('name of a');
      }),
    );

    it(
      'takes a change of the stored revision and of no other',
      on(candidate, async (instance) => {
        const first = only(await write(instance, [insertOf('a')]));
        const second = only(await write(instance, [changeOf(first, { name: 'second' })]));
        const stale = await instance.bulkWrite([changeOf(first, { name: 'stale' })], 'test');
        expect(refusals(stale)).toEqual(['a 409']);
        expect(await byId(instance, 'a')).toStrictEqual(second);
      }),
    );

    it(
      'lets exactly one of several changes of one revision win',
      on(candidate, async (instance) => {
        const first = only(await write(instance, [insertOf('a')]));
        const answers = await Promise.all([1, 2, 3, 4].map((n) => instance.bulkWrite([changeOf(first, { weight: n })], 'test')));
        expect(answers.filter((answer) => answer.error.length === 0)).toHaveLength(1);
        const winner = answers.findIndex((answer) => answer.error.length === 0);
        expect((await byId(instance, 'a'))?.weight).toBe(winner + 1);
      }),
    );

    it(
      'keeps a deleted document with its content, out of queries and lookups of live ones',
      on(candidate, async (instance) => {
        const first = only(await write(instance, [insertOf('a', { name: 'gone' })]));
        const gone = only(await write(instance, [changeOf(first, { _deleted: true })]));
        expect(await byId(instance, 'a', false)).toBeUndefined();
        expect(await byId(instance, 'a', true)).toStrictEqual(gone);
        expect(await find(instance, { selector: {} })).toEqual([]);
        expect(await find(instance, { selector: { _deleted: { $eq: true } } })).toStrictEqual([gone]);
      }),
    );

    it(
      'takes a restored document on the revision of its tombstone, and not without it',
      on(candidate, async (instance) => {
        const first = only(await write(instance, [insertOf('a')]));
        const gone = only(await write(instance, [changeOf(first, { _deleted: true })]));
        expect(refusals(await instance.bulkWrite([insertOf('a')], 'test'))).toEqual(['a 409']);
        const back = only(await write(instance, [changeOf(gone, { _deleted: false, name: 'back' })]));
        expect(await find(instance, { selector: { name: 'back' } })).toStrictEqual([back]);
      }),
    );

    it(
      'takes a document that arrives deleted, as replication sends them, and tells nobody',
      on(candidate, async (instance) => {
        const heard = record(instance);
        const document = stored(animal('a'), { _deleted: true });
        await write(instance, [{ document }]);
        expect(await byId(instance, 'a')).toStrictEqual(document);
        expect(heard.bulks.flatMap((bulk) => bulk.events)).toEqual([]);
      }),
    );

    it(
      'takes a batch of thousands',
      on(candidate, async (instance) => {
        const rows = Array.from({ length: 3000 }, (_, i) => insertOf(`n-${String(i).padStart(5, '0')}`, { weight: i }));
        await write(instance, rows);
        expect(await find(instance, { selector: { weight: { $gte: 2990 } } })).toHaveLength(10);
        const all = rows.map((row) => row.document.id);
        const found = await instance.findDocumentsById(all, false);
        expect(found.map((one) => one.id).toSorted()).toEqual(all);
      }),
    );

    it(
      'answers writes that come in the moment in which another one is answered',
      on(candidate, async (instance) => {
        await write(instance, [insertOf('a')]);
        // Refused wholly, so nothing is written and the answer comes at once; the next one a few microtasks around it.
        for (let turns = 0; turns < 60; turns += 1) {
          const first = instance.bulkWrite([insertOf('a')], 'test');
          for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
          const second = instance.bulkWrite([insertOf('a')], 'test');
          expect([refusals(await first), refusals(await second)]).toEqual([['a 409'], ['a 409']]);
        }
      }),
    );

    it(
      'answers an empty batch and empty lookups with nothing',
      on(candidate, async (instance) => {
        expect((await instance.bulkWrite([], 'test')).error).toEqual([]);
        expect(await instance.findDocumentsById([], true)).toEqual([]);
        expect(await instance.findDocumentsById(['nobody'], true)).toEqual([]);
      }),
    );
  });
}

export function contractOfEvents(candidate: Candidate): void {
  describe('change stream', () => {
    it(
      'tells each write once, in one bulk, in the order of its rows, before or with the answer',
      on(candidate, async (instance) => {
        const heard = record(instance);
        const [a, b] = await write(instance, [insertOf('a'), insertOf('b')], 'first');
        if (!a || !b) throw new Error('two documents were written');
        await until('the first bulk', () => heard.bulks.length === 1);
        const [changed, gone] = await write(instance, [changeOf(b, { name: 'changed' }), changeOf(a, { _deleted: true })], 'second');
        if (!gone) throw new Error('two documents were written');
        await until('the second bulk', () => heard.bulks.length === 2);
        const back = only(await write(instance, [changeOf(gone, { _deleted: false })], 'third'));
        await until('the third bulk', () => heard.bulks.length === 3);
        const told = heard.bulks.flatMap((bulk) =>
          bulk.events.map((event) => [bulk.context, event.operation, event.documentId, event.documentData] as const),
        );
        expect(told).toStrictEqual([
          ['first', 'INSERT', 'a', a],
          ['first', 'INSERT', 'b', b],
          ['second', 'UPDATE', 'b', changed],
          ['second', 'DELETE', 'a', gone],
          ['third', 'INSERT', 'a', back],
        ]);
        const before = heard.bulks[1]?.events.map((event) => event.previousDocumentData);
        expect(before).toStrictEqual([b, a]);
        expect(new Set(heard.bulks.map((bulk) => bulk.id)).size).toBe(3);
        heard.stop();
      }),
    );

    it(
      'says nothing of rows that were refused, nor of a batch in which all were',
      on(candidate, async (instance) => {
        await write(instance, [insertOf('a')]);
        const heard = record(instance);
        await instance.bulkWrite([insertOf('a'), insertOf('b')], 'test');
        await instance.bulkWrite([insertOf('a')], 'test');
        await write(instance, [insertOf('c')]);
        await until('both bulks', () => heard.bulks.length >= 2);
        expect(heard.bulks.map((bulk) => bulk.events.map((event) => event.documentId))).toEqual([['b'], ['c']]);
      }),
    );

    it(
      'names a checkpoint after which only later writes are found',
      on(candidate, async (instance) => {
        const heard = record(instance);
        await write(instance, [insertOf('a'), insertOf('b')]);
        await until('the bulk', () => heard.bulks.length === 1);
        const at = heard.bulks[0]?.checkpoint;
        expect((await getChangedDocumentsSince(instance, 10, at)).documents).toEqual([]);
        await write(instance, [insertOf('c')]);
        expect((await getChangedDocumentsSince(instance, 10, at)).documents.map((one) => one.id)).toEqual(['c']);
      }),
    );

    it(
      'leaves nobody out: all who listen hear the same, those who left hear nothing more',
      on(candidate, async (instance) => {
        const one = record(instance);
        const two = record(instance);
        await write(instance, [insertOf('a')]);
        await until('both to hear', () => one.bulks.length === 1 && two.bulks.length === 1);
        two.stop();
        await write(instance, [insertOf('b')]);
        await until('the one to hear again', () => one.bulks.length === 2);
        expect(two.bulks).toHaveLength(1);
      }),
    );
  });
}

export function contractOfChangedSince(candidate: Candidate): void {
  const walk = async (instance: Instance, limit: number): Promise<Stored[][]> => {
    const pages: Stored[][] = [];
    let checkpoint: Checkpoint | undefined;
    for (;;) {
      const page = await getChangedDocumentsSince(instance, limit, checkpoint);
      if (page.documents.length === 0) return pages;
      pages.push(page.documents);
      checkpoint = page.checkpoint;
    }
  };

  describe('changed since', () => {
    it(
      'walks all states in the order of their last write, deleted ones too, each once, whatever the page',
      on(candidate, async (instance) => {
        const all = await write(
          instance,
          Array.from({ length: 23 }, (_, i) => insertOf(`d-${String(i).padStart(2, '0')}`)),
        );
        const at = (i: number): Stored => all[i] ?? only([]);
        await write(instance, [changeOf(at(3), { name: 'later' }), changeOf(at(0), { _deleted: true })]);
        const expected = [...all.slice(1, 3), ...all.slice(4)].map((one) => one.id).concat('d-03', 'd-00');
        for (const limit of [1, 5, 100]) {
          const pages = await walk(instance, limit);
          expect(pages.flat().map((one) => one.id)).toEqual(expected);
          expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(limit);
        }
      }),
    );

    it(
      'walks documents written at the same instant in the order of their ids, and none twice across pages',
      on(candidate, async (instance) => {
        const at = { lwt: 1_800_000_000_000.05 };
        const rows = ['c', 'a', 'e', 'b', 'd'].map((id) => ({ document: stored(animal(id), { _meta: { ...at } }) }));
        await write(instance, rows);
        expect((await walk(instance, 2)).map((page) => page.map((one) => one.id))).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
      }),
    );

    it(
      'starts from nothing in an empty collection',
      on(candidate, async (instance) => {
        expect(await walk(instance, 10)).toEqual([]);
      }),
    );
  });
}
