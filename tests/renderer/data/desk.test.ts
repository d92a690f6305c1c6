import { describe, expect, it } from 'vitest';
import { type Entity, defineEntity } from '../../../domain/entity/entity.ts';
import { text } from '../../../domain/entity/field.ts';
import type { Noun } from '../../../domain/record/noun.ts';
import { type Desk, MOST_COLLECTIONS, openDesk } from '../../../renderer/data/desk.ts';
import { newId } from '../../../renderer/data/ids.ts';
import type { Moving } from '../../../renderer/data/storage/host/move-from-dexie.ts';
import { submit } from '../../../renderer/data/submit.ts';
import { listTrash } from '../../../renderer/data/trash.ts';
import { actor, freshDesk } from './desk-kit.ts';

const shell = { noun: 'silo', collection: 'silos', label: 'Silo', labels: 'Silos', title: 'name', views: [] } as const;
const v0: Entity = defineEntity({ ...shell, fields: { name: text('Name', { required: true, index: true }) } });
const wider = { name: text('Name', { required: true, index: true }), place: text('Place', { index: true }) };
const v1: Entity = defineEntity({ ...shell, fields: wider, changes: [{ added: 'place' }] });
const broken: Entity = defineEntity({
  ...shell,
  fields: wider,
  changes: [
    {
      why: 'a step with a bug, to see what people are told',
      up: () => {
        throw new Error('cannot read place');
      },
    },
  ],
});
const sameVersionOtherShape: Entity = defineEntity({ ...shell, fields: wider });

const silos = (entity: Entity): readonly Noun[] => [{ entity }];
const filled = async (name: string): Promise<string> => {
  const desk = await openDesk({ name, nouns: silos(v0) });
  const answer = await submit(desk, { collection: 'silos', command: 'create', draft: { name: 'North' } }, actor);
  const gone = await submit(desk, { collection: 'silos', command: 'create', draft: { name: 'South' } }, actor);
  if (!answer.ok || !gone.ok) throw new Error('seed refused');
  await submit(desk, { collection: 'silos', command: 'delete', id: gone.document.id }, actor);
  await desk.close();
  return answer.document.id;
};

describe('desk', () => {
  it('keeps records and the device id over a restart', async () => {
    const name = `restart-${newId()}`;
    const id = await filled(name);
    const device = async (): Promise<string> => {
      const desk = await openDesk({ name, nouns: silos(v0) });
      expect((await desk.collection('silos').findOne(id).exec())?.get('name')).toBe('North');
      await desk.close();
      return desk.deviceId;
    };
    expect(await device()).toBe(await device());
  });

  it('brings records of the previous version to the new one, the trash included', async () => {
    const name = `migrate-${newId()}`;
    const id = await filled(name);
    const desk = await openDesk({ name, nouns: silos(v1) });
    expect((await desk.collection('silos').findOne(id).exec())?.toJSON()).toMatchObject({ name: 'North', place: '' });
    expect((await listTrash(desk, 'silos')).map((record) => record['name'])).toEqual(['South']);
    expect(await submit(desk, { collection: 'silos', command: 'change', id, draft: { place: 'Yard 2' } }, actor)).toMatchObject({
      ok: true,
    });
    expect(
      await desk
        .collection('silos')
        .find({ selector: { place: 'Yard 2' } })
        .exec(),
    ).toHaveLength(1);
    await desk.close();
  });

  it('takes records along from the Dexie storage, and says how far it is', async () => {
    const name = `moved-${newId()}`;
    const old = await openDesk({ name, nouns: silos(v0), storage: 'dexie' });
    const answer = await submit(old, { collection: 'silos', command: 'create', draft: { name: 'North' } }, actor);
    await old.close();
    const heard: Moving[] = [];
    const desk = await openDesk({ name, nouns: silos(v0), onMoving: (moving) => heard.push(moving) });
    expect(await desk.collection('silos').count().exec()).toBe(1);
    expect(answer.ok).toBe(true);
    const total = heard[0]?.total ?? 0;
    expect(heard[0]).toEqual({ done: 0, total });
    expect(heard.at(-1)).toEqual({ done: total, total });
    expect(total).toBeGreaterThan(1);
    await desk.close();
  });

  it('says in plain words when a migration fails, and keeps the old records', async () => {
    const name = `broken-${newId()}`;
    const id = await filled(name);
    await expect(openDesk({ name, nouns: silos(broken) })).rejects.toMatchObject({
      name: 'DeskFault',
      code: 'migration_failed',
      message: expect.stringContaining('The silos on this device could not be brought to version 1'),
    });
    const desk = await openDesk({ name, nouns: silos(v0) });
    expect((await desk.collection('silos').findOne(id).exec())?.get('name')).toBe('North');
    await desk.close();
  });

  it('refuses records of a newer window, and a shape that changed without a version', async () => {
    const name = `skew-${newId()}`;
    await filled(name);
    await (await openDesk({ name, nouns: silos(v1) })).close();
    await expect(openDesk({ name, nouns: silos(v0) })).rejects.toMatchObject({ code: 'newer_data' });
    const other = `shape-${newId()}`;
    await filled(other);
    await expect(openDesk({ name: other, nouns: silos(sameVersionOtherShape) })).rejects.toMatchObject({ code: 'schema_changed' });
  });

  it('refuses more collections than RxDB opens, and names nobody declared', async () => {
    const many = Array.from({ length: MOST_COLLECTIONS + 1 }, (_, i) => ({
      entity: defineEntity({ ...shell, collection: `silos${i}`, fields: { name: text('Name', {}) } }),
    }));
    await expect(openDesk({ name: 'many', nouns: many })).rejects.toThrow('14 collections');
    const desk: Desk = await freshDesk({ memory: true });
    expect(() => desk.collection('nothing')).toThrow('no collection');
    await desk.close();
  });
});
