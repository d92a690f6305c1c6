import { type RxStorage, getChangedDocumentsSince } from 'rxdb';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { afterEach, describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../../domain/protocol/protocol.ts';
import { type Desk, openDesk } from '../../../renderer/data/desk.ts';
import { newId } from '../../../renderer/data/ids.ts';
import { farm, until } from '../data/desk-kit.ts';
import { type Device, closeDevice, create, deviceOn, idle, phase } from './device-kit.ts';
import { aroundWrites, expectWhole, farmOf, farmServer } from './first-sync-kit.ts';
import type { WireServer } from './wire-server.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Note {
  readonly itemId?: string;
  readonly checkpointData?: Checkpoint;
}
/** A desk on which RxDB's note of how far it is cannot be written for a while, as on a full disk. */
async function fullFor(direction: 'up' | 'down', name: string, storage?: RxStorage<unknown, unknown>) {
  const desk = await openDesk({ name, nouns: [farm], ...(storage ? { storage } : {}) });
  /** Deleted ones too. */
  const farms = async (): Promise<number> =>
    (await getChangedDocumentsSince(desk.collection('farms').storageInstance, 10_000)).documents.length;
  const seen = { full: false, failed: 0, stored: [] as number[], ahead: [] as number[] };
  aroundWrites(desk, async (write, context, first) => {
    const { itemId, checkpointData } = (first ?? {}) as Note;
    const isNote = context === 'replication-set-checkpoint' && itemId === direction;
    if (isNote && seen.full) {
      seen.failed += 1;
      throw new Error('QuotaExceededError: the disk is full');
    }
    const answer = await write();
    if (isNote && direction === 'down' && checkpointData) {
      seen.stored.push(checkpointData.lwt);
      if ((await farms()) < checkpointData.lwt) seen.ahead.push(checkpointData.lwt);
    }
    return answer;
  });
  return { desk, farms, seen };
}
async function deviceFor(desk: Desk, server: WireServer, password = 'right'): Promise<Device> {
  const device = await deviceOn(desk, server.url, password);
  ends.push(() => closeDevice(device));
  return device;
}
/** Goes on when there is room again, without waiting for the next try. */
async function recovers(device: Device): Promise<void> {
  await until('all is well', () => {
    device.sync.syncNow();
    return device.sync.state.get().phase === 'live';
  });
  await idle(device);
}

describe('a device that cannot note for a while how far it is', () => {
  for (const [what, storage] of [
    ['past RxDB', undefined],
    ['through RxDB', getRxStorageMemory],
  ] as const) {
    it(`[SYN-1] says so, and has everything and the right place afterwards, its pages coming ${what}`, async () => {
      const server = await farmServer(2600);
      const { desk, farms, seen } = await fullFor('down', `pull-${newId()}`, storage?.());
      seen.full = true;
      const device = await deviceFor(desk, server);
      await phase(device, 'error');
      expect(device.sync.state.get().problem).toContain('Farms could not be written on this device (QuotaExceededError');
      expect([seen.failed > 0, seen.stored]).toEqual([true, []]);
      seen.full = false;
      await recovers(device);
      await expectWhole(device, server);
      expect(device.sync.state.get().problem).toBeUndefined();
      // Nothing was passed over, and the place is that of the server again.
      expect([seen.ahead, seen.stored.at(-1)]).toEqual([[], 2600]);
      // What comes live later is noted as well.
      server.put('farms', farmOf(2600));
      await until('it is noted', () => seen.stored.at(-1) === 2601);
      expect(await farms()).toBe(2601);
    });
  }

  it('[SYN-2] sends on, and neither loses nor doubles what it made meanwhile', async () => {
    const server = await farmServer(3);
    const name = `push-${newId()}`;
    const { desk, seen } = await fullFor('up', name);
    const device = await deviceFor(desk, server);
    await idle(device);
    seen.full = true;
    const made = [await create(device, 'farms', { name: 'made while full' })];
    await phase(device, 'error');
    expect(seen.failed).toBeGreaterThan(0);
    made.push(await create(device, 'farms', { name: 'made after that' }));
    await until('both arrived', () => made.every(({ id }) => server.applied.get(id) === 1));
    seen.full = false;
    await recovers(device);
    made.push(await create(device, 'farms', { name: 'made later' }));
    await idle(device);
    ends.pop();
    await closeDevice(device);
    const again = await deviceFor(await openDesk({ name, nouns: [farm] }), server, '');
    await idle(again);
    expect(made.map(({ id }) => server.applied.get(id))).toEqual([1, 1, 1]);
    await expectWhole(again, server);
  });

  it('can be stopped while its disk is full', async () => {
    const server = await farmServer(1200);
    const name = `stop-${newId()}`;
    const { desk, seen } = await fullFor('down', name);
    seen.full = true;
    const device = await deviceFor(desk, server);
    await phase(device, 'error');
    ends.pop();
    await closeDevice(device);
    const again = await deviceFor(await openDesk({ name, nouns: [farm] }), server, '');
    await expectWhole(again, server);
  });
});
