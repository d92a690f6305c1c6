import { describe, expect, test } from 'vitest';
import type { AnyDocument } from '../../../domain/entity/entity.ts';
import type { Noun } from '../../../domain/record/noun.ts';
import { type PushContext, type Seen, decidePush } from '../../../sync-server/push/decide-push.ts';
import { ranch, sighting, syntheticNouns } from '../synthetic-nouns.ts';
import { document } from '../test-server.ts';

const noun = syntheticNouns[0] ?? { entity: ranch };
const context: PushContext = { noun, actor: 'me', now: '2026-11-20T12:00:00.000Z', freshW: () => 's-fresh', isStorable: () => true };
const doc = (w: string, name = 'A', more: Record<string, unknown> = {}): AnyDocument => {
  const { _deleted: _, ...rest } = document('r-1', { name, ...more }, w);
  return rest;
};
const stored = (w: string, name = 'A', deleted = false) => ({ doc: doc(w, name), deleted, w });
const decide = (mine: AnyDocument, seen: Seen, base?: AnyDocument, deleted = false, more: Partial<PushContext> = {}) =>
  decidePush({ doc: mine, deleted, ...(base ? { base } : {}) }, seen, { ...context, ...more });

describe('what becomes of a pushed row', () => {
  test.each<[string, AnyDocument, Seen, AnyDocument | undefined, boolean, object]>([
    [
      'a first insert',
      doc('w1'),
      {},
      undefined,
      false,
      { kind: 'accept', acceptance: { before: null, kind: 'insert', command: 'create', answer: false } },
    ],
    [
      'a record deleted before it was ever sent',
      doc('w1'),
      {},
      undefined,
      true,
      { kind: 'accept', acceptance: { kind: 'delete', before: null } },
    ],
    [
      'a change of what is stored',
      doc('w2', 'B'),
      { stored: stored('w1') },
      doc('w1'),
      false,
      { kind: 'accept', acceptance: { before: { w: 'w1' }, kind: 'update' } },
    ],
    ['a deletion', doc('w2'), { stored: stored('w1') }, doc('w1'), true, { kind: 'accept', acceptance: { kind: 'delete', deleted: true } }],
    [
      'a restoration',
      doc('w2'),
      { stored: stored('w1', 'A', true) },
      doc('w1'),
      false,
      { kind: 'accept', acceptance: { kind: 'restore' } },
    ],
    ['the same write again', doc('w1'), { stored: stored('w1'), applied: stored('w1') }, undefined, false, { kind: 'duplicate' }],
    [
      'the same write again, overwritten since',
      doc('w1'),
      { stored: stored('w9', 'Z'), applied: stored('w1') },
      undefined,
      false,
      { kind: 'duplicate' },
    ],
    ['the same content under another write id', doc('w2'), { stored: stored('w1') }, undefined, false, { kind: 'same', adopt: true }],
    [
      'an insert over another record',
      doc('w2', 'B'),
      { stored: stored('w1') },
      undefined,
      false,
      { kind: 'keep', clashes: [{ path: 'name', mine: 'B', theirs: 'A' }] },
    ],
    [
      'a change of an older state',
      doc('w3', 'C'),
      { stored: stored('w2', 'B') },
      doc('w1'),
      false,
      { kind: 'keep', clashes: [{ path: 'name', base: 'A', mine: 'C', theirs: 'B' }] },
    ],
    [
      'a change of an older state, sent again',
      doc('w3', 'C'),
      { stored: stored('w2', 'B'), settled: true },
      doc('w1'),
      false,
      { kind: 'settled' },
    ],
    [
      'a change of an older state that breaks a rule',
      doc('w3', 'Forbidden'),
      { stored: { ...stored('w2'), doc: doc('w2', 'A', { brand: 'X' }) } },
      doc('w1'),
      false,
      { kind: 'refuse', code: 'refused_after_merge', problems: [{ code: 'forbidden_name' }] },
    ],
    [
      'a bare tombstone for an older state that nobody changed since but for its write id',
      { id: 'r-1', w: 'w3' } as AnyDocument,
      { stored: stored('w2') },
      doc('w1'),
      true,
      { kind: 'accept', acceptance: { kind: 'delete', deleted: true, doc: { name: 'A' } } },
    ],
    [
      'a bare tombstone for what was changed since',
      { id: 'r-1', w: 'w3' } as AnyDocument,
      { stored: stored('w2', 'B') },
      doc('w1'),
      true,
      { kind: 'keep', clashes: [{ path: '_deleted', base: false, mine: true, theirs: false }] },
    ],
    [
      'a malformed row built on an older state',
      { ...doc('w3'), name: 7 },
      { stored: stored('w2', 'B') },
      doc('w1'),
      false,
      { kind: 'refuse', code: 'invalid', problems: [{ code: 'wrong_type' }] },
    ],
    [
      'a change of what the server has lost',
      doc('w2', 'B'),
      {},
      doc('w1'),
      false,
      { kind: 'accept', acceptance: { kind: 'insert', before: null } },
    ],
    [
      'an edit under the old write id',
      doc('w1', 'B'),
      { stored: stored('w1'), applied: stored('w1') },
      doc('w1'),
      false,
      { kind: 'accept', acceptance: { answer: true, doc: { w: 's-fresh' } } },
    ],
    [
      'an edit without a write id',
      doc('', 'B'),
      { stored: stored('w1') },
      doc('w1'),
      false,
      { kind: 'accept', acceptance: { answer: true, doc: { w: 's-fresh' } } },
    ],
    [
      'a change of an own state that waits',
      doc('w3', 'C'),
      { stored: stored('w1'), waiting: { ...stored('w2', 'B'), base: doc('w1') } },
      doc('w2', 'B'),
      false,
      { kind: 'accept', acceptance: { before: { w: 'w1' } } },
    ],
    ['what waits, sent again', doc('w2', 'B'), { waiting: { ...stored('w2', 'B'), base: null } }, undefined, false, { kind: 'duplicate' }],
    [
      'a record that breaks a rule',
      doc('w1', 'Forbidden'),
      {},
      undefined,
      false,
      { kind: 'refuse', code: 'invalid', problems: [{ code: 'forbidden_name' }] },
    ],
  ])('%s', (_title, mine, seen, base, deleted, expected) => {
    expect(decide(mine, seen, base, deleted)).toMatchObject(expected);
  });

  test('rules do not keep anybody from deleting', () => {
    expect(decide(doc('w2', 'Forbidden'), { stored: stored('w1', 'Forbidden') }, doc('w1'), true)).toMatchObject({ kind: 'accept' });
  });

  test('who and when are the server\u2019s; a record keeps its birth', () => {
    const claimed = { createdAt: '2026-01-01T00:00:00.000Z', createdBy: 'x', modifiedBy: 'x', modifiedAt: '2030-01-01T00:00:00.000Z' };
    expect(decide({ ...doc('w1'), ...claimed }, {})).toMatchObject({
      acceptance: { doc: { createdAt: claimed.createdAt, createdBy: 'me', modifiedAt: context.now, modifiedBy: 'me' } },
    });
    const before = { ...stored('w1'), doc: { ...doc('w1'), createdAt: '2025-01-01T00:00:00.000Z', createdBy: 'first' } };
    expect(decide({ ...doc('w2', 'B'), ...claimed }, { stored: before }, before.doc)).toMatchObject({
      acceptance: { doc: { createdAt: '2025-01-01T00:00:00.000Z', createdBy: 'first', modifiedBy: 'me' } },
    });
  });

  test('[SYN-6] changes of different fields are stored together, under a write id of the server, and told to the device', () => {
    const theirs = { ...stored('w2', 'Theirs'), doc: doc('w2', 'Theirs') };
    expect(decide(doc('w3', 'A', { brand: 'MINE' }), { stored: theirs }, doc('w1'))).toMatchObject({
      kind: 'accept',
      acceptance: { before: { w: 'w2' }, answer: true, parkedW: 'w3', doc: { name: 'Theirs', brand: 'MINE', w: 's-fresh' } },
      merged: { clashes: [] },
    });
  });

  test('[SYN-6] a noun may merge in its own way', () => {
    const merge: Noun['merge'] = (_entity, _base, mine, theirs) => ({
      doc: { ...theirs.doc, name: [mine.doc['name'], theirs.doc['name']].join('+') },
      deleted: false,
      clashes: [],
    });
    expect(decide(doc('w3', 'Mine'), { stored: stored('w2', 'Theirs') }, doc('w1'), false, { noun: { ...noun, merge } })).toMatchObject({
      acceptance: { doc: { name: 'Mine+Theirs' } },
    });
  });

  test('append-only records take their first state and no other', () => {
    const log = { entity: sighting };
    const { name: _, ...first } = doc('w1') as AnyDocument & { name: string };
    const mine = { ...first, what: 'Wolf' } as AnyDocument;
    expect(decide(mine, {}, undefined, false, { noun: log })).toMatchObject({ kind: 'accept' });
    expect(
      decide({ ...mine, what: 'Dog', w: 'w2' }, { stored: { doc: mine, deleted: false, w: 'w1' } }, mine, false, {
        noun: log,
      }),
    ).toMatchObject({
      kind: 'refuse',
      code: 'append_only',
    });
  });
});
