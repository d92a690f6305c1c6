import { afterEach, describe, expect, it } from 'vitest';
import type { AnyDocument } from '../../../domain/entity/entity.ts';
import { changeRecord, createRecord } from '../../../domain/record/record.commands.ts';
import { CommitFault, commit, commitMany } from '../../../renderer/data/commit.ts';
import type { Desk } from '../../../renderer/data/desk.ts';
import { newId, newWriteId } from '../../../renderer/data/ids.ts';
import { dependentsOf, submit } from '../../../renderer/data/submit.ts';
import { listTrash } from '../../../renderer/data/trash.ts';
import { actor, farm, freshDesk } from './desk-kit.ts';

const desks: Desk[] = [];
const open = async (memory: boolean): Promise<Desk> => {
  const desk = await freshDesk(memory ? { memory } : {});
  desks.push(desk);
  return desk;
};
afterEach(async () => {
  await Promise.all(desks.splice(0).map((desk) => desk.close()));
});

const made = async (desk: Desk, name: string, collection = 'farms', draft: Record<string, unknown> = {}): Promise<AnyDocument> => {
  const answer = await submit(desk, { collection, command: 'create', draft: { name, ...draft } }, actor);
  if (!answer.ok) throw new Error(answer.rejection.message);
  return answer.document;
};
const names = async (desk: Desk, collection = 'farms'): Promise<unknown[]> =>
  (await desk.collection(collection).find().exec()).map((document) => String(document.get('name'))).toSorted((x, y) => x.localeCompare(y));
const creation = (desk: Desk, id: string, name: string) => {
  const decision = createRecord(farm, id, { name }, { actor, now: '2026-01-05T10:00:00.000Z', w: newWriteId(desk.deviceId) });
  if (!decision.ok) throw new Error(decision.rejection.message);
  return decision.change;
};

describe.each([
  ['Dexie storage', false],
  ['memory storage', true],
])('write path on %s', (_, memory) => {
  it('creates a record with the envelope, answers soft warnings, and marks it as waiting', async () => {
    const desk = await open(memory);
    const answer = await submit(desk, { collection: 'farms', command: 'create', draft: { name: ' Dry Creek ', state: 'KS' } }, actor);
    expect(answer).toMatchObject({
      ok: true,
      document: { name: 'Dry Creek', state: 'KS', status: 'active', createdBy: 'user-1', deskId: actor.deskId },
    });
    expect(answer.ok && answer.warnings.map((problem) => problem.code)).toEqual(['no_memo']);
    expect(await names(desk)).toEqual(['Dry Creek']);
    const stored = await desk.collection('farms').findOne().exec();
    const [waiting] = await desk.local.waiting.toArray();
    expect(waiting).toMatchObject({ collection: 'farms', id: stored?.primary, w: stored?.get('w') });
  });

  it('[SYN-2] keeps the mark of the write that won when two commit the same record at once', async () => {
    const desk = await open(memory);
    const before = await made(desk, 'Twice');
    const changes = ['One', 'Two'].map((name) => {
      const decision = changeRecord(farm, before, { name }, { actor, now: '2026-01-05T10:00:00.000Z', w: newWriteId(desk.deviceId) });
      if (!decision.ok) throw new Error(decision.rejection.message);
      return decision.change;
    });
    const results = await Promise.allSettled(changes.map((change) => commit(desk, change)));
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const stored = await desk.collection('farms').findOne(before.id).exec();
    expect((await desk.local.waiting.toArray()).map(({ w }) => w)).toEqual([stored?.get('w')]);
  });

  it('refuses what the rules refuse, names the field and writes nothing', async () => {
    const desk = await open(memory);
    const missing = await submit(desk, { collection: 'farms', command: 'create', draft: { name: '  ' } }, actor);
    expect(missing).toMatchObject({ ok: false, rejection: { code: 'invalid', problems: [{ field: 'name', code: 'required' }] } });
    const ruled = await submit(desk, { collection: 'farms', command: 'create', draft: { name: 'Forbidden' } }, actor);
    expect(ruled).toMatchObject({ ok: false, rejection: { problems: [{ field: 'name', code: 'forbidden' }, { code: 'no_memo' }] } });
    expect(await names(desk)).toEqual([]);
    expect(await desk.local.waiting.count()).toBe(0);
  });

  it('changes only the keys of the draft, with a fresh write id, and empties what is undefined', async () => {
    const desk = await open(memory);
    const before = await made(desk, 'A', 'farms', { memo: 'old', est: ['M1'] });
    const answer = await submit(
      desk,
      { collection: 'farms', command: 'change', id: before.id, draft: { state: 'NE', memo: undefined } },
      actor,
    );
    expect(answer).toMatchObject({ ok: true, document: { name: 'A', state: 'NE', est: ['M1'] } });
    const stored = (await desk.collection('farms').findOne(before.id).exec())?.toJSON();
    expect(stored).not.toHaveProperty('memo');
    expect(stored?.w).not.toBe(before.w);
    expect(stored?.createdAt).toBe(before.createdAt);
  });

  it('deletes into the trash with the whole content and restores the same record', async () => {
    const desk = await open(memory);
    const first = await made(desk, 'A', 'farms', { memo: 'kept' });
    const second = await made(desk, 'B');
    for (const { id } of [first, second]) {
      expect(await submit(desk, { collection: 'farms', command: 'delete', id }, actor)).toMatchObject({ ok: true });
      await new Promise((done) => setTimeout(done, 2));
    }
    expect(await names(desk)).toEqual([]);
    const trash = await listTrash(desk, 'farms');
    expect(trash.map((record) => record['name'])).toEqual(['B', 'A']);
    expect(trash[1]).toMatchObject({ id: first.id, memo: 'kept', createdAt: first.createdAt });
    expect(trash[1]).not.toHaveProperty('_deleted');
    expect(await submit(desk, { collection: 'farms', command: 'restore', id: first.id }, actor)).toMatchObject({
      ok: true,
      document: { name: 'A', memo: 'kept' },
    });
    expect(await names(desk)).toEqual(['A']);
    expect((await listTrash(desk, 'farms')).map((record) => record['name'])).toEqual(['B']);
  });

  it('says why a command cannot run on a record that is deleted, missing or already there', async () => {
    const desk = await open(memory);
    const { id } = await made(desk, 'A');
    expect(await submit(desk, { collection: 'farms', command: 'restore', id }, actor)).toMatchObject({
      ok: false,
      rejection: { code: 'not_deleted' },
    });
    expect(await submit(desk, { collection: 'farms', command: 'create', id, draft: { name: 'B' } }, actor)).toMatchObject({
      ok: false,
      rejection: { code: 'exists' },
    });
    await submit(desk, { collection: 'farms', command: 'delete', id }, actor);
    expect(await submit(desk, { collection: 'farms', command: 'change', id, draft: { name: 'B' } }, actor)).toMatchObject({
      ok: false,
      rejection: { code: 'not_found' },
    });
    expect(await submit(desk, { collection: 'farms', command: 'delete', id: 'nowhere' }, actor)).toMatchObject({
      ok: false,
      rejection: { code: 'not_found' },
    });
  });

  it('refuses to delete a parent while protected children live, counting refs and lists of refs', async () => {
    const desk = await open(memory);
    const parent = await made(desk, 'A');
    const child = await made(desk, 'Barn 1', 'barns', { farmId: parent.id });
    const near = await made(desk, 'Barn 2', 'barns', { nearIds: [parent.id] });
    expect(await dependentsOf(desk, 'farms', parent.id)).toEqual([{ label: 'barn', labels: 'barns', count: 1 }]);
    expect(await submit(desk, { collection: 'farms', command: 'delete', id: parent.id }, actor)).toMatchObject({
      ok: false,
      rejection: { code: 'referenced' },
    });
    await submit(desk, { collection: 'barns', command: 'delete', id: child.id }, actor);
    expect(await submit(desk, { collection: 'farms', command: 'delete', id: parent.id }, actor)).toMatchObject({
      ok: false,
      rejection: { code: 'referenced' },
    });
    await submit(desk, { collection: 'barns', command: 'delete', id: near.id }, actor);
    expect(await submit(desk, { collection: 'farms', command: 'delete', id: parent.id }, actor)).toMatchObject({ ok: true });
  });

  it('commits a decision only on the state it was decided on', async () => {
    const desk = await open(memory);
    const before = await made(desk, 'A');
    const moment = { actor, now: '2026-01-05T10:00:00.000Z', w: 'x' };
    const late = changeRecord(farm, before, { name: 'late' }, moment);
    await submit(desk, { collection: 'farms', command: 'change', id: before.id, draft: { name: 'first' } }, actor);
    if (!late.ok) throw new Error(late.rejection.message);
    await expect(commit(desk, late.change)).rejects.toMatchObject({ constructor: CommitFault, code: 'stale' });
    expect(await names(desk)).toEqual(['first']);
  });

  it('lands every one of many concurrent changes of one record', async () => {
    const desk = await open(memory);
    const { id } = await made(desk, 'A');
    const answers = await Promise.all([
      submit(desk, { collection: 'farms', command: 'change', id, draft: { state: 'KS' } }, actor),
      submit(desk, { collection: 'farms', command: 'change', id, draft: { memo: 'm' } }, actor),
      submit(desk, { collection: 'farms', command: 'change', id, draft: { est: ['M9'] } }, actor),
    ]);
    expect(answers.map((answer) => answer.ok)).toEqual([true, true, true]);
    expect((await desk.collection('farms').findOne(id).exec())?.toJSON()).toMatchObject({ state: 'KS', memo: 'm', est: ['M9'] });
  });

  it('commits many in chunks, over tombstones too, names what has moved, and can be stopped', async () => {
    const desk = await open(memory);
    const taken = await made(desk, 'taken');
    const trashed = await made(desk, 'trashed');
    await submit(desk, { collection: 'farms', command: 'delete', id: trashed.id }, actor);
    const ids = Array.from({ length: 25 }, () => newId());
    const changes = [
      ...ids.map((id, i) => creation(desk, id, `n${i}`)),
      creation(desk, trashed.id, 'again'),
      creation(desk, taken.id, 'twice'),
    ];
    const seen: number[] = [];
    const answer = await commitMany(desk, changes, { chunk: 10, onProgress: (done) => seen.push(done) });
    expect(answer.written).toHaveLength(26);
    expect(answer.failed).toEqual([{ id: taken.id, code: 'exists' }]);
    expect(seen).toEqual([10, 20, 27]);
    expect(new Set(answer.written.map((document) => document.w)).size).toBe(26);
    expect(await names(desk)).toContain('again');
    expect(await listTrash(desk, 'farms')).toEqual([]);
    const stop = new AbortController();
    const rest = Array.from({ length: 30 }, (_x, i) => creation(desk, newId(), `s${i}`));
    const stopped = await commitMany(desk, rest, { chunk: 10, signal: stop.signal, onProgress: (done) => done >= 20 && stop.abort() });
    expect(stopped.written).toHaveLength(20);
  });
});
