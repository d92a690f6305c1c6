import { describe, expect, test } from 'vitest';
import type { AnyDocument } from '../../../domain/entity/entity.ts';
import { type JournalEntry, planUndo } from '../../../domain/import/undo.ts';
import { afterWriting, batchOf, moment, planAll } from './import-kit.ts';

const made = async (name: string, w: string): Promise<AnyDocument> => {
  const file = `establishment_id,establishment_number,establishment_name\n1,M1,${name}`;
  const [state] = afterWriting(planAll(await batchOf(file), new Map(), { w })).values();
  if (!state) throw new Error('not made');
  return state.document;
};
const undoing = { ...moment, w: 'w-undo', now: '2026-11-21T10:00:00.000Z' };
const undo = (entry: JournalEntry, current: AnyDocument | undefined, deleted = false, usedBy = '') =>
  planUndo(entry, current && { document: current, deleted }, 'Plant A', usedBy, undoing);

describe('undo of one record', () => {
  test('a made record becomes a tombstone that no longer names its batch and keeps its content', async () => {
    const after = await made('A', 'w-import');
    const step = undo({ collection: 'locations', id: after.id, w: 'w-import' }, after);
    expect(step).toMatchObject({ kind: 'write', change: { deleted: true, before: { w: 'w-import' }, after: { name: 'A', w: 'w-undo' } } });
    expect(step.kind === 'write' && 'importId' in step.change.after).toBe(false);
  });
  test('a changed record gets its old content', async () => {
    const before = { document: await made('Before', 'w-old'), deleted: false };
    const step = undo({ collection: 'locations', id: before.document.id, w: 'w-import', before }, await made('After', 'w-import'));
    expect(step).toMatchObject({
      kind: 'write',
      change: { deleted: false, after: { name: 'Before', w: 'w-undo', modifiedAt: undoing.now } },
    });
  });
  test('a record that was brought back is deleted again', async () => {
    const before = { document: await made('Before', 'w-old'), deleted: true };
    expect(undo({ collection: 'locations', id: before.document.id, w: 'w-import', before }, await made('After', 'w-import'))).toMatchObject(
      {
        kind: 'write',
        change: { deleted: true, after: { name: 'Before' } },
      },
    );
  });
  test('a record edited since is kept and named', async () => {
    const after = await made('A', 'w-person');
    expect(undo({ collection: 'locations', id: after.id, w: 'w-import' }, after)).toMatchObject({
      kind: 'kept',
      reason: expect.stringContaining('was changed since the import'),
    });
    expect(undo({ collection: 'locations', id: after.id, w: 'w-import' }, after, true)).toMatchObject({
      kind: 'kept',
      reason: expect.stringContaining('was deleted since'),
    });
  });
  test('a made record that something else needs is kept', async () => {
    const after = await made('A', 'w-import');
    expect(undo({ collection: 'locations', id: after.id, w: 'w-import' }, after, false, 'order "PO 7"')).toMatchObject({
      kind: 'kept',
      reason: 'Plant A is used by order "PO 7", so it was kept.',
    });
  });
  test('what never arrived, or was taken back already, is passed over', async () => {
    const before = { document: await made('Before', 'w-old'), deleted: false };
    expect(undo({ collection: 'locations', id: 'x', w: 'w-import' }, undefined)).toMatchObject({ kind: 'gone' });
    expect(undo({ collection: 'locations', id: before.document.id, w: 'w-import', before }, before.document)).toMatchObject({
      kind: 'gone',
    });
  });
});
