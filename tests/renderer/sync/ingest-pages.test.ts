import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { afterEach, describe, expect, it } from 'vitest';
import { type Desk, openDesk } from '../../../renderer/data/desk.ts';
import { newId } from '../../../renderer/data/ids.ts';
import { saveSetting } from '../../../renderer/data/local-store.ts';
import { observeRecords } from '../../../renderer/data/observe-records.ts';
import type { PackedStorageInstance } from '../../../renderer/data/storage/instance.ts';
import { barn, farm, freshDesk, until } from '../data/desk-kit.ts';
import { type Device, closeDevice, content, create, deviceOn, idle, phase, run } from './device-kit.ts';
import { expectWhole, farmOf, farmServer, idOf } from './first-sync-kit.ts';
import type { WireServer } from './wire-server.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A desk that counts the pages which went past RxDB, and how many records they held. `each` is called after each. */
async function counting(own?: Desk, each: (pages: number) => void = () => undefined) {
  const desk = own ?? (await freshDesk());
  const storage = desk.collection('farms').storageInstance.originalStorageInstance as unknown as PackedStorageInstance<unknown>;
  const pages: number[] = [];
  const ingest = storage.ingest.bind(storage);
  storage.ingest = async (...asked) => {
    const taken = await ingest(...asked);
    pages.push(taken);
    each(pages.length);
    return taken;
  };
  return { desk, pages };
}
/** Has the server answer no pull after so many pages, until it is let go again. */
function makeHold(server: WireServer, ...after: readonly number[]) {
  let release = (): void => undefined;
  return {
    each(pages: number): void {
      if (!after.includes(pages)) return;
      server.faults.hold = new Promise((go) => {
        release = go;
      });
    },
    isHeld: (): boolean => server.faults.hold !== undefined,
    release(): void {
      delete server.faults.hold;
      release();
    },
  };
}
const deviceFor = async (desk: Desk, server: WireServer, password = 'right'): Promise<Device> => {
  const device = await deviceOn(desk, server.url, password);
  ends.push(() => closeDevice(device));
  return device;
};
const held = async ({ desk }: Pick<Device, 'desk'>): Promise<number> => desk.collection('farms').count({ selector: {} }).exec();
const received = ({ sync }: Device): number => sync.state.get().received;
describe('a first sync', () => {
  it('[SYN-5] takes full pages past RxDB, and everything is there as the server holds it', async () => {
    const server = await farmServer(3400);
    const { desk, pages } = await counting();
    const device = await deviceFor(desk, server);
    await expectWhole(device, server);
    expect(pages).toEqual([1000, 1000, 1000]);
    expect([await held(device), received(device)]).toEqual([3366, 3400]);
    // A page each, the rest, and one for the barns.
    expect(server.requests['pull']).toBe(5);
    expect(server.requests['push']).toBeUndefined();
  });

  it('[SYN-5] goes on as if RxDB had written them: edits of both sides arrive, also after a restart', async () => {
    const server = await farmServer(2100);
    const name = `first-${newId()}`;
    const first = await deviceFor((await counting(await openDesk({ name, nouns: [farm, barn] }))).desk, server);
    await idle(first);
    await run(first, 'farms', 'change', idOf(7), { memo: 'written here' });
    server.put('farms', farmOf(8, { w: 'remote-later', memo: 'written there' }));
    await until('both edits are known', () => server.applied.get(idOf(7)) === 1);
    await until('theirs is here', async () => (await content(first, 'farms')).some(({ memo }) => memo === 'written there'));
    await expectWhole(first, server);
    ends.pop();
    await closeDevice(first);
    const pulls = server.requests['pull'] ?? 0;
    const second = await deviceFor(await openDesk({ name, nouns: [farm, barn] }), server, '');
    await run(second, 'farms', 'change', idOf(9), { memo: 'after the restart' });
    await expectWhole(second, server);
    expect(server.applied.get(idOf(9))).toBe(1);
    // It asked from where it had been, for each collection and for what the server made of its edit.
    expect((server.requests['pull'] ?? 0) - pulls).toBeLessThan(6);
    expect(received(second)).toBeLessThan(6);
  });

  it('[SYN-12] goes on where it was after the device stopped in the middle, and doubles nothing', async () => {
    const server = await farmServer(12_200);
    const name = `cut-${newId()}`;
    const hold = makeHold(server, 3);
    const { desk } = await counting(await openDesk({ name, nouns: [farm, barn] }), hold.each);
    const first = await deviceFor(desk, server);
    await until('three pages are here', hold.isHeld);
    ends.pop();
    await closeDevice(first);
    hold.release();
    const again = await counting(await openDesk({ name, nouns: [farm, barn] }));
    // What was under way when the server fell silent may be here as well.
    expect([2970, 3960, 4950, 5940]).toContain(await held(again));
    const second = await deviceFor(again.desk, server, '');
    await expectWhole(second, server);
    expect(await held(second)).toBe(12_078);
    // What was written before its checkpoint comes once more, and is RxDB's; then pages go past it again.
    expect(received(second)).toBeLessThanOrEqual(12_200 - 1000);
    expect(again.pages.filter((taken) => taken > 0).length).toBeGreaterThan(0);
  });

  it('[SYN-3][SYN-5] keeps what is created and changed here meanwhile, and sends it', async () => {
    const server = await farmServer(6300);
    const hold = makeHold(server, 1);
    const { desk, pages } = await counting(undefined, hold.each);
    const device = await deviceFor(desk, server);
    await until('the first page is here', hold.isHeld);
    const made = await create(device, 'farms', { name: 'made in the middle' });
    await run(device, 'farms', 'change', idOf(5), { memo: 'changed in the middle' });
    hold.release();
    await expectWhole(device, server);
    expect(server.state('farms', made.id)).toMatchObject({ name: 'made in the middle' });
    expect(server.state('farms', idOf(5))).toMatchObject({ memo: 'changed in the middle' });
    expect((await content(device, 'farms')).find(({ id }) => id === idOf(5))).toMatchObject({ memo: 'changed in the middle' });
    expect(await held(device)).toBe(6300 - 63 + 1);
    // RxDB took what came while they waited; pages go past it again when nothing does.
    expect(pages.length).toBeGreaterThan(1);
  });

  it('[SYN-4] leaves a page to RxDB that holds a record which was made here too', async () => {
    const server = await farmServer(2500);
    const { desk, pages } = await counting();
    const own = { ...farmOf(1500, { w: 'own', name: 'made here too' }), _attachments: {}, _rev: '1-own', _meta: { lwt: 1 } };
    await desk.collection('farms').storageInstance.bulkWrite([{ document: own as never }], 'an import');
    const device = await deviceFor(desk, server);
    await idle(device);
    expect(pages).toEqual([1000, 0]);
    expect(await held(device)).toBe(2475);
    expect((await content(device, 'farms')).find(({ id }) => id === idOf(1500))).toMatchObject({ w: 'remote-1500' });
  });

  it('gives RxDB what holds records that were withdrawn', async () => {
    const server = await farmServer(1100);
    server.put('farms', farmOf(2000, { w: 'withdrawn:5', _deleted: true }));
    server.put('farms', farmOf(2001, { w: 'purged:5', _deleted: true }));
    for (let i = 2002; i < 3500; i += 1) server.put('farms', farmOf(i));
    const { desk, pages } = await counting();
    const device = await deviceFor(desk, server);
    await idle(device);
    expect(pages).toEqual([1000]);
    expect(await held(device)).toBe(1100 - 11 + 1498);
  });

  it('hardly tries again on a device that holds everything already', async () => {
    const server = await farmServer(9500);
    const { desk, pages } = await counting();
    const first = await deviceFor(desk, server);
    await expectWhole(first, server);
    expect(pages).toEqual(Array.from({ length: 9 }, () => 1000));
    const pulls = server.requests['pull'] ?? 0;
    // As after an update, when all is asked for once more.
    await saveSetting(desk.local, 'sync.again.farms', { from: undefined });
    ends.pop();
    await first.sync.stop();
    first.session.close();
    const second = await deviceFor(desk, server, '');
    await expectWhole(second, server);
    const tried = pages.slice(9);
    expect(tried.every((taken) => taken === 0)).toBe(true);
    expect(tried.length).toBeLessThanOrEqual(4);
    expect((server.requests['pull'] ?? 0) - pulls).toBeLessThanOrEqual(11 + 4);
  });

  it('[SYN-12] survives a server that fails, is gone, and takes no token any more in the middle', async () => {
    const server = await farmServer(15_200);
    const hold = makeHold(server, 1, 5, 9);
    const { desk, pages } = await counting(undefined, hold.each);
    const device = await deviceFor(desk, server);
    await until('the first page is here', hold.isHeld);
    server.faults.status = 500;
    hold.release();
    await phase(device, 'offline');
    server.faults.status = 0;
    device.sync.syncNow();
    await until('five pages are here', hold.isHeld);
    server.revoke(false);
    hold.release();
    await until('nine pages are here', hold.isHeld);
    await server.down();
    hold.release();
    await phase(device, 'offline');
    await server.start();
    device.sync.syncNow();
    await expectWhole(device, server);
    expect(await held(device)).toBe(15_048);
    expect(pages).toEqual(Array.from({ length: 15 }, () => 1000));
  });

  it('[SYN-1] says that the disk is full, passes over nothing, and goes on when there is room', async () => {
    const server = await farmServer(3400);
    const { desk, pages } = await counting();
    const storage = desk.collection('farms').storageInstance.originalStorageInstance as unknown as PackedStorageInstance<unknown>;
    const [ingest, write] = [storage.ingest.bind(storage), storage.bulkWrite.bind(storage)];
    let full = false;
    const whole = (): Promise<never> => Promise.reject(new Error('QuotaExceededError: the disk is full'));
    storage.ingest = (...asked) => {
      full ||= pages.length === 1;
      return full ? whole() : ingest(...asked);
    };
    storage.bulkWrite = (...asked) => (full ? whole() : write(...asked));
    const device = await deviceFor(desk, server);
    await phase(device, 'error', 20_000);
    expect(device.sync.state.get().problem).toContain('Farms could not be written on this device');
    expect(await held(device)).toBe(990);
    storage.ingest = ingest;
    storage.bulkWrite = write;
    await phase(device, 'live', 30_000);
    await expectWhole(device, server);
    expect(await held(device)).toBe(3366);
  });

  it('shows what comes in lists, whole ones and the first of an order', async () => {
    const server = await farmServer(2300);
    const { desk, pages } = await counting();
    const whole = observeRecords(desk, 'farms');
    const some = observeRecords(desk, 'farms', { sort: [{ name: 'desc' }], limit: 3 });
    const stops = [whole.subscribe(() => undefined), some.subscribe(() => undefined)];
    await until('both were read', () => whole.get().ready && some.get().ready);
    const device = await deviceFor(desk, server);
    await expectWhole(device, server);
    await until('the whole list has all', () => whole.get().total === 2277);
    await until('the window has the last ones', () => some.get().records[0]?.['name'] === 'farm 02298');
    expect(pages).toEqual([1000, 1000]);
    for (const stop of stops) stop();
  });

  it('goes through RxDB on a storage that takes no pages', async () => {
    const server = await farmServer(2300);
    const desk = await freshDesk({ storage: getRxStorageMemory() });
    const device = await deviceFor(desk, server);
    await expectWhole(device, server);
    expect([await held(device), received(device)]).toEqual([2277, 2300]);
    expect(server.requests['pull']).toBe(4);
  });
});
