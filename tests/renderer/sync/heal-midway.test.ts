/** The server is found to be put back while a device is in the middle of something (SYN-11). */
import { afterEach, describe, expect, it } from 'vitest';
import { type Desk, openDesk } from '../../../renderer/data/desk.ts';
import { newId } from '../../../renderer/data/ids.ts';
import type { PackedStorageInstance } from '../../../renderer/data/storage/instance.ts';
import type { Session } from '../../../renderer/sync/session.ts';
import { barn, farm, freshDesk, until } from '../data/desk-kit.ts';
import { type Device, closeDevice, create, deviceOn, idle, phase, run } from './device-kit.ts';
import { expectWhole, farmServer, idOf } from './first-sync-kit.ts';
import type { WireServer } from './wire-server.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const ids = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => idOf(from + i));
function makeDoor() {
  let open = (): void => undefined;
  const passed = new Promise<void>((go) => (open = go));
  return { open, passed };
}
type Around = (number: number, ask: () => Promise<Response>) => Promise<Response>;
/** A device whose pulls of farms go through `around`, numbered from 1. */
async function deviceFor(desk: Desk, server: WireServer, around: Around = (_, ask) => ask(), password = 'right'): Promise<Device> {
  let pulls = 0;
  const between =
    (fetch: Session['authorizedFetch']): Session['authorizedFetch'] =>
    (path, init) =>
      path.includes('farms') && path.includes('pull?') ? around((pulls += 1), () => fetch(path, init)) : fetch(path, init);
  const device = await deviceOn(desk, server.url, password, 'broker', between);
  ends.push(() => closeDevice(device));
  return device;
}
const storageOf = (desk: Desk) =>
  desk.collection('farms').storageInstance.originalStorageInstance as unknown as PackedStorageInstance<unknown>;

describe('a server that was put back', () => {
  it('[SYN-11] is given back what was still on its way to the disk', async () => {
    const server = await farmServer(3200);
    const desk = await freshDesk();
    const [disk, wire] = [makeDoor(), makeDoor()];
    const storage = storageOf(desk);
    const ingest = storage.ingest.bind(storage);
    let pages = 0;
    storage.ingest = async (...page) => {
      pages += 1;
      if (pages > 1) await disk.passed;
      return ingest(...page);
    };
    let asked = 0;
    const device = await deviceFor(desk, server, async (number, ask) => {
      asked = number;
      if (number === 4) await wire.passed;
      return ask();
    });
    await until('two pages are on their way', () => asked === 4 && pages === 3);
    server.restore({ lost: ids(1000, 3000) });
    wire.open();
    // It would ask at once, if it did not wait for them.
    for (let i = 0; i < 30 && server.requests['known'] === undefined; i += 1) await new Promise((go) => setTimeout(go, 10));
    disk.open();
    await expectWhole(device, server);
    expect(server.count('farms')).toBe(3200);
    expect(ids(1000, 3000).filter((id) => server.applied.get(id) !== 1)).toEqual([]);
  });

  it('[SYN-11] is asked again for a page that it answered before', async () => {
    const server = await farmServer(2200);
    const wire = makeDoor();
    let isAnswered = false;
    const device = await deviceFor(await freshDesk(), server, async (number, ask) => {
      const answer = await ask();
      if (number !== 2) return answer;
      isAnswered = true;
      await wire.passed;
      return answer;
    });
    await until('the second page is on the line', () => isAnswered);
    server.restore({ lost: ids(1000, 2000) });
    await run(device, 'farms', 'change', idOf(5), { memo: 'finds that it was put back' });
    await until('the edit arrived', () => server.applied.get(idOf(5)) === 1);
    wire.open();
    await expectWhole(device, server);
    expect(server.state('farms', idOf(5))).toMatchObject({ memo: 'finds that it was put back' });
  });

  it('[SYN-11, SYN-12] was sent nothing by a device that would not know of which history it was, should it die', async () => {
    const server = await farmServer(3);
    const desk = await freshDesk();
    const disk = makeDoor();
    const { settings } = desk.local;
    const put = settings.put.bind(settings);
    let waits = false;
    settings.put = (setting) => {
      if (setting.key !== 'sync.epochs.farms') return put(setting);
      waits = true;
      const later = async () => {
        await disk.passed;
        return put(setting);
      };
      return later() as ReturnType<typeof put>;
    };
    const device = await deviceFor(desk, server);
    await create(device, 'farms', { name: 'New', state: 'KS' });
    await until('it knows', () => waits);
    // It would have been sent by now.
    for (let i = 0; i < 30 && server.requests['push'] === undefined; i += 1) await new Promise((go) => setTimeout(go, 10));
    expect(server.requests['push']).toBeUndefined();
    disk.open();
    await expectWhole(device, server);
    expect(server.count('farms')).toBe(4);
  });

  it('[SYN-7, SYN-11, SYN-12] has a device let go of what is hidden, though it is killed before that is written', async () => {
    const server = await farmServer(1100);
    const name = `killed-${newId()}`;
    const never = new Promise<Response>(() => undefined);
    let waits = 0;
    const first = await deviceFor(await openDesk({ name, nouns: [farm, barn] }), server, async (_, ask) => {
      if (server.requests['known'] === undefined) return ask();
      waits += 1;
      return never;
    });
    await idle(first);
    server.restore({ hidden: [idOf(7)] });
    first.sync.syncNow();
    await until('all was offered', () => waits > 0);
    ends.pop();
    await closeDevice(first);
    const again = await deviceFor(await openDesk({ name, nouns: [farm, barn] }), server, undefined, '');
    await expectWhole(again, server);
    expect(await again.desk.collection('farms').findOne(idOf(7)).exec()).toBeNull();
  });

  it('[SYN-7, SYN-11] has a device let go of what is hidden, though its disk is full when that is to be written', async () => {
    const server = await farmServer(1100);
    const desk = await freshDesk();
    const storage = storageOf(desk);
    const write = storage.bulkWrite.bind(storage);
    let isFull = false;
    storage.bulkWrite = (...asked) => (isFull ? Promise.reject(new Error('QuotaExceededError: the disk is full')) : write(...asked));
    const device = await deviceFor(desk, server);
    await idle(device);
    isFull = true;
    server.restore({ hidden: [idOf(7)] });
    device.sync.syncNow();
    await phase(device, 'error');
    isFull = false;
    await until('all is well', () => {
      device.sync.syncNow();
      return device.sync.state.get().phase === 'live';
    });
    await expectWhole(device, server);
    expect(await desk.collection('farms').findOne(idOf(7)).exec()).toBeNull();
  });
});
