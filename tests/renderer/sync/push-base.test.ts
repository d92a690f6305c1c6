import { afterEach, expect, it } from 'vitest';
import { openDesk } from '../../../renderer/data/desk.ts';
import { newId } from '../../../renderer/data/ids.ts';
import { farm, until } from '../data/desk-kit.ts';
import { closeDevice, deviceOn, idle, run } from './device-kit.ts';
import { aroundWrites, expectWhole, farmOf, farmServer } from './first-sync-kit.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A desk on which the notes of what was pulled can be held up. */
async function withSlowNotes() {
  const desk = await openDesk({ name: `slow-${newId()}`, nouns: [farm] });
  const notes = { open: (): void => undefined, passed: Promise.resolve(), waiting: 0 };
  aroundWrites(desk, async (write, context) => {
    if (context === 'replication-down-write-meta') {
      notes.waiting += 1;
      await notes.passed;
    }
    return write();
  });
  return { desk, notes };
}

it('[SYN-4] an edit of what came a moment ago is sent as one of that, and not of the state before', async () => {
  const server = await farmServer(5);
  const { desk, notes } = await withSlowNotes();
  const device = await deviceOn(desk, server.url, 'right');
  ends.push(() => closeDevice(device));
  await idle(device);
  notes.passed = new Promise((go) => (notes.open = go));
  const before = notes.waiting;
  const { id } = farmOf(3);
  server.put('farms', farmOf(3, { w: 'theirs', state: 'NE' }));
  await until('it is written, and its note is under way', () => notes.waiting > before);
  expect((await desk.collection('farms').findOne(id).exec())?.get('w')).toBe('theirs');
  await run(device, 'farms', 'change', id, { memo: 'mine' });
  // It would have been sent by now.
  for (let i = 0; i < 30 && server.requests['push'] === undefined; i += 1) await new Promise((go) => setTimeout(go, 10));
  notes.open();
  await idle(device);
  expect(server.state('farms', id)).toMatchObject({ memo: 'mine', state: 'NE' });
  expect(server.applied.get(id)).toBe(1);
  expect(await desk.local.setAside.toArray()).toEqual([]);
  await expectWhole(device, server);
});
