/** Two small nouns and a desk on a fresh IndexedDB: what the tests of the data layer stand on. */
import 'fake-indexeddb/auto';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { defineEntity } from '../../../domain/entity/entity.ts';
import { choice, ref, refs, text, texts } from '../../../domain/entity/field.ts';
import { hard, soft } from '../../../domain/entity/problem.ts';
import type { Noun } from '../../../domain/record/noun.ts';
import type { Actor } from '../../../domain/record/record.commands.ts';
import { type Desk, type DeskOptions, openDesk } from '../../../renderer/data/desk.ts';
import { newId } from '../../../renderer/data/ids.ts';

export const farm: Noun = {
  entity: defineEntity({
    noun: 'farm',
    collection: 'farms',
    label: 'Farm',
    labels: 'Farms',
    title: 'name',
    fields: {
      name: text('Name', { required: true, index: true }),
      state: choice('State', { KS: 'Kansas', NE: 'Nebraska' }, { index: true }),
      est: texts('Establishment numbers', {}),
      memo: text('Memo', { long: true, max: 2000 }),
    },
    indexes: [['status', 'name']],
    views: [],
  }),
  check: (after) => [
    ...(after['name'] === 'Forbidden' ? [hard('name', 'forbidden', 'Choose another name.')] : []),
    ...(after['memo'] === undefined ? [soft('memo', 'no_memo', 'A memo would help.')] : []),
  ],
};
export const barn: Noun = {
  entity: defineEntity({
    noun: 'barn',
    collection: 'barns',
    label: 'Barn',
    labels: 'Barns',
    title: 'name',
    fields: {
      name: text('Name', { required: true, index: true }),
      farmId: ref('Farm', 'farms', { index: true, onDelete: 'protect' }),
      nearIds: refs('Near farms', 'farms', { onDelete: 'protect' }),
    },
    views: [],
  }),
};
export const actor: Actor = { userId: 'user-1', deskId: 'desk-main' };

let made = 0;
/** A desk on the Dexie storage over fake-indexeddb, or on memory. Every call without a name is a new device. */
export const freshDesk = (options: Partial<DeskOptions> & { memory?: true } = {}): Promise<Desk> => {
  const { memory, ...rest } = options;
  made += 1;
  return openDesk({
    name: `test-${process.pid}-${made}-${newId().slice(-6)}`,
    nouns: [farm, barn],
    ...(memory ? { storage: getRxStorageMemory() } : {}),
    ...rest,
  });
};

/** Waits until the condition holds; says what it waited for when it does not within the time. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, milliseconds = 10_000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited ${milliseconds} ms in vain: ${what}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}
