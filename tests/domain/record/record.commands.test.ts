import { describe, expect, it } from 'vitest';
import { type AnyDocument, defineEntity } from '../../../domain/entity/entity.ts';
import { choice, group, integer, lines, refs, set, text } from '../../../domain/entity/field.ts';
import { hard, soft } from '../../../domain/entity/problem.ts';
import { defineNoun } from '../../../domain/record/noun.ts';
import {
  type Decision,
  blankDraft,
  changeRecord,
  createRecord,
  deleteRecord,
  restoreRecord,
  stampedKeys,
} from '../../../domain/record/record.commands.ts';
import { nounOf, nouns } from '../../../domain/registry.ts';
import { minimalDocument, moment } from '../sample.ts';

const entity = defineEntity({
  noun: 'thing',
  collection: 'things',
  label: 'Thing',
  labels: 'Things',
  title: 'name',
  views: [],
  fields: {
    name: text('Name', { required: true }),
    city: text('City', { index: true }),
    memo: text('Memo', { long: true }),
    grade: choice('Grade', { a: 'A', b: 'B' }, { default: 'b' }),
    tags: set('Tags', { x: 'X', y: 'Y' }, {}),
    others: refs('Others', 'things', {}),
    place: group('Place', { street: text('Street', {}) }, {}),
    count: integer('Count', {}),
    sum: integer('Sum', { computed: true }),
    rows: lines('Rows', { item: text('Item', { required: true }), count: integer('Count', {}) }, {}),
  },
});
const noun = defineNoun(entity, {
  derive: (document) => ({ ...document, sum: Number(document['count'] ?? 0) * 2 }),
  check: (after) => [
    ...(after.name === 'bad' ? [hard('name', 'bad', 'Not this name.')] : []),
    ...(after.count === 13 ? [soft('count', 'unlucky', 'Thirteen.')] : []),
  ],
});
function stored(decision: Decision): AnyDocument {
  if (!decision.ok) throw new Error(decision.rejection.message);
  return decision.change.after;
}
const create = (draft: Record<string, unknown>): Decision => createRecord(noun, 'thing-1', draft, moment());

describe('[E1] create', () => {
  it('[E1] trims, drops what is empty, fills what must be present, and stamps', () => {
    expect(
      stored(create({ name: '  Anna ', memo: ' two \n lines \n\n', city: undefined, tags: [], place: { street: '' }, count: null })),
    ).toEqual({
      id: 'thing-1',
      w: 'w1',
      status: 'active',
      ownerId: 'account-1',
      deskId: 'desk-1',
      createdAt: '2026-09-04T14:00:00.000Z',
      createdBy: 'account-1',
      modifiedAt: '2026-09-04T14:00:00.000Z',
      modifiedBy: 'account-1',
      name: 'Anna',
      memo: ' two \n lines',
      city: '',
      grade: 'b',
      sum: 0,
    });
  });

  it('[E1] keeps the date and owner of an import, never its author', () => {
    expect(
      stored(
        create({
          name: 'x',
          createdAt: '2020-01-01T00:00:00.000Z',
          ownerId: 'account-9',
          createdBy: 'account-9',
          modifiedBy: 'account-9',
          w: 'forged',
          id: 'forged',
        }),
      ),
    ).toMatchObject({
      id: 'thing-1',
      w: 'w1',
      createdAt: '2020-01-01T00:00:00.000Z',
      ownerId: 'account-9',
      createdBy: 'account-1',
      modifiedBy: 'account-1',
    });
  });

  it('[E1] removes doubles from sets and tidies lines', () => {
    expect(
      stored(create({ name: 'x', tags: ['x', 'y', 'x', ''], others: ['a', ' a ', ''], rows: [{ lineId: 'a', item: ' i ', count: null }] })),
    ).toMatchObject({ tags: ['x', 'y'], others: ['a'], rows: [{ lineId: 'a', item: 'i' }] });
  });

  it.each<[Record<string, unknown>, string]>([
    [{}, 'name required'],
    [{ name: 'x', colour: 'red' }, 'colour unknown_field'],
    [{ name: 'x', grade: 'c' }, 'grade unknown_choice'],
    [{ name: 'x', rows: [{ item: 'i' }] }, 'rows bad_line_id'],
    [{ name: 'bad' }, 'name bad'],
  ])('[E1] refuses %j for "%s"', (draft, problem) => {
    const decision = create(draft);
    expect(decision).toMatchObject({ ok: false, rejection: { code: 'invalid' } });
    expect(decision.ok ? [] : decision.rejection.problems.map(({ field, code }) => `${field} ${code}`)).toContain(problem);
  });

  it('[E1] warns without refusing', () => {
    const decision = create({ name: 'x', count: 13 });
    expect(decision).toMatchObject({
      ok: true,
      warnings: [{ code: 'unlucky' }],
      change: { command: 'create', collection: 'things', deleted: false, after: { sum: 26 } },
    });
    expect(decision.ok && 'before' in decision.change).toBe(false);
  });
});

describe('[E2] change', () => {
  const before = stored(create({ name: 'Anna', memo: 'old', count: 1 }));

  it('[E2] keeps what is not named, empties what is undefined, stamps anew', () => {
    const decision = changeRecord(
      noun,
      before,
      { memo: undefined, count: 5 },
      { ...moment('w2', '2026-09-05T08:00:00.000Z'), actor: { userId: 'account-2', deskId: 'desk-2' } },
    );
    expect(stored(decision)).toEqual({
      ...omit(before, 'memo'),
      count: 5,
      sum: 10,
      w: 'w2',
      modifiedAt: '2026-09-05T08:00:00.000Z',
      modifiedBy: 'account-2',
    });
    expect(decision).toMatchObject({ ok: true, change: { command: 'change', before } });
  });

  it('[E2] never changes who made it, when, or which record it is', () => {
    expect(
      stored(changeRecord(noun, before, { id: 'other', createdBy: 'x', createdAt: '2000-01-01T00:00:00.000Z' }, moment('w2'))),
    ).toMatchObject({ id: 'thing-1', createdBy: 'account-1', createdAt: before.createdAt });
  });

  it('[E2] refuses to empty what is required', () => {
    expect(changeRecord(noun, before, { name: ' ' }, moment('w2'))).toMatchObject({
      ok: false,
      rejection: { problems: [{ field: 'name', code: 'required' }] },
    });
  });

  it('[E2] leaves the stored record untouched', () => {
    const copy = structuredClone(before);
    changeRecord(noun, before, { rows: [{ lineId: 'a', item: 'i' }], name: 'B' }, moment('w2'));
    expect(before).toEqual(copy);
  });
});

describe('[E3] delete and restore', () => {
  const before = stored(create({ name: 'Anna', memo: 'kept', count: 2 }));

  it('[E3] the tombstone has the whole content, and restoring brings all of it back', () => {
    const deleted = deleteRecord(noun, before, [{ label: 'order', labels: 'orders', count: 0 }], moment('w2', '2026-09-05T08:00:00.000Z'));
    expect(deleted).toMatchObject({ ok: true, change: { command: 'delete', deleted: true, before } });
    const tombstone = stored(deleted);
    expect(tombstone).toEqual({ ...before, w: 'w2', modifiedAt: '2026-09-05T08:00:00.000Z' });
    const restored = restoreRecord(noun, tombstone, moment('w3', '2026-09-06T08:00:00.000Z'));
    expect(restored).toMatchObject({ ok: true, change: { command: 'restore', deleted: false } });
    expect(stored(restored)).toEqual({ ...before, w: 'w3', modifiedAt: '2026-09-06T08:00:00.000Z' });
  });

  it('[E3] is refused while protected records point at it, and says which', () => {
    const decision = deleteRecord(
      noun,
      before,
      [
        { label: 'purchase order', labels: 'purchase orders', count: 3 },
        { label: 'lot', labels: 'lots', count: 0 },
        { label: 'mapping', labels: 'mappings', count: 1 },
      ],
      moment('w2'),
    );
    expect(decision).toMatchObject({
      ok: false,
      rejection: {
        code: 'referenced',
        message: 'Thing is still used by 3 purchase orders, 1 mapping. Set it to inactive, or change those first.',
      },
    });
  });

  it('[E3] a tombstone that no longer fits the rules is not restored', () => {
    expect(restoreRecord(noun, { ...before, name: 'bad' }, moment('w3'))).toMatchObject({ ok: false, rejection: { code: 'invalid' } });
  });
});

describe('every noun', () => {
  it('[E1] starts from a blank draft that lacks only what is required', () => {
    for (const one of nouns) {
      const decision = createRecord(one, 'x-1', { ...blankDraft(one.entity) }, moment());
      const missing = decision.ok
        ? []
        : decision.rejection.problems
            .filter((problem) => problem.code !== 'required')
            .map((problem) => `${one.entity.collection}.${problem.field} ${problem.code}`);
      expect(missing).toEqual([]);
    }
  });

  it('[E2] survives a change that changes nothing', () => {
    for (const one of nouns.filter((candidate) => !candidate.entity.appendOnly)) {
      const before = minimalDocument(one);
      expect(stored(changeRecord(one, before, {}, moment('w1', before.modifiedAt))), one.entity.collection).toEqual(before);
    }
  });

  it('is found by its collection, and nothing else is', () => {
    for (const one of nouns) expect(nounOf(one.entity.collection)).toBe(one);
    expect([nounOf('suppliers'), nounOf('__proto__'), nounOf('')]).toEqual([undefined, undefined, undefined]);
  });

  it('a form never sends what is stamped', () => {
    expect(stampedKeys).toEqual(expect.arrayContaining(['id', 'w', 'createdAt', 'createdBy', 'modifiedAt', 'modifiedBy']));
    expect(stampedKeys).not.toContain('status');
  });
});

function omit(document: AnyDocument, key: string): Record<string, unknown> {
  const { [key]: _, ...rest } = document;
  return rest;
}
