import { afterEach, expect, it } from 'vitest';
import { type Desk, openDesk } from '../../../renderer/data/desk.ts';
import { newId } from '../../../renderer/data/ids.ts';
import { farm, until } from '../data/desk-kit.ts';
import { type Device, closeDevice, deviceOn, idle, phase, run } from './device-kit.ts';
import { aroundWrites, expectWhole, farmOf, farmServer } from './first-sync-kit.ts';
import type { WireServer } from './wire-server.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A desk whose notes of what was pulled come to nothing, as on a full disk or when the device dies before them. */
async function withoutNotes(name: string) {
  const desk = await openDesk({ name, nouns: [farm] });
  const lost = { is: true, times: 0 };
  aroundWrites(desk, (write, context) => {
    if (context !== 'replication-down-write-meta' || !lost.is) return write();
    lost.times += 1;
    return Promise.reject(new Error('QuotaExceededError: the disk is full'));
  });
  return { desk, lost };
}
async function deviceFor(desk: Desk, server: WireServer, password = 'right'): Promise<Device> {
  const device = await deviceOn(desk, server.url, password);
  ends.push(() => closeDevice(device));
  return device;
}

it('[SYN-1, SYN-12] takes what comes of records that were written, but not noted any more when the device died', async () => {
  const server = await farmServer(5);
  const name = `unnoted-${newId()}`;
  const { desk, lost } = await withoutNotes(name);
  const first = await deviceFor(desk, server);
  await until('they are written and not noted', () => lost.times > 0);
  ends.pop();
  await closeDevice(first);
  const again = await deviceFor(await openDesk({ name, nouns: [farm] }), server, '');
  await idle(again);
  server.put('farms', farmOf(3, { w: 'remote-later' }));
  await until(
    'the change is here',
    async () => (await again.desk.collection('farms').findOne(farmOf(3).id).exec())?.get('w') === 'remote-later',
  );
  await expectWhole(again, server);
  // Nobody on this device has changed anything.
  expect(server.requests['push']).toBeUndefined();
});

it.each([
  ['was written', 'a first state'],
  ['was written over an older one', 'a later state'],
])('[SYN-11, SYN-12] gives back to a server that was put back what %s, but not noted any more when the device died', async (_, w) => {
  const server = await farmServer(5);
  const name = `unnoted-${newId()}`;
  const { desk, lost } = await withoutNotes(name);
  lost.is = w === 'a first state';
  const first = await deviceFor(desk, server);
  if (!lost.is) {
    await idle(first);
    lost.is = true;
    server.put('farms', farmOf(3, { w }));
    const held = async () => (await desk.collection('farms').findOne(farmOf(3).id).exec())?.get('w') as unknown;
    await until('it is here', async () => (await held()) === w);
  }
  await until('it is written and not noted', () => lost.times > 0);
  ends.pop();
  await closeDevice(first);
  const before = server.state('farms', farmOf(3).id);
  server.restore({ lost: [farmOf(3).id] });
  if (w === 'a later state') server.put('farms', farmOf(3));
  const again = await deviceFor(await openDesk({ name, nouns: [farm] }), server, '');
  await expectWhole(again, server);
  expect(server.state('farms', farmOf(3).id)).toMatchObject({ w: before?.['w'] });
  expect(server.applied.get(farmOf(3).id)).toBe(1);
});

it('[SYN-4, SYN-12] sends an edit of what was not noted any more when the device died as one of that, not of the state before', async () => {
  const server = await farmServer(5);
  const name = `unnoted-${newId()}`;
  const { desk, lost } = await withoutNotes(name);
  lost.is = false;
  const first = await deviceFor(desk, server);
  await idle(first);
  lost.is = true;
  const { id } = farmOf(3);
  server.put('farms', farmOf(3, { w: 'theirs', state: 'NE' }));
  await until('it is written and not noted', () => lost.times > 0);
  ends.pop();
  await closeDevice(first);
  const again = await openDesk({ name, nouns: [farm] });
  await run({ desk: again }, 'farms', 'change', id, { memo: 'mine' });
  await run({ desk: again }, 'farms', 'change', id, { memo: 'mine, once more' });
  const device = await deviceFor(again, server, '');
  await idle(device);
  expect(server.state('farms', id)).toMatchObject({ memo: 'mine, once more', state: 'NE' });
  expect(await again.local.setAside.toArray()).toEqual([]);
  await expectWhole(device, server);
});

it('[SYN-1] takes what comes of records whose notes found no room, once there is room', async () => {
  const server = await farmServer(5);
  const { desk, lost } = await withoutNotes(`full-${newId()}`);
  const device = await deviceFor(desk, server);
  await phase(device, 'error');
  lost.is = false;
  server.put('farms', farmOf(3, { w: 'remote-later' }));
  await until('all is well', () => {
    device.sync.syncNow();
    return device.sync.state.get().phase === 'live';
  });
  await expectWhole(device, server);
  expect(server.requests['push']).toBeUndefined();
});
