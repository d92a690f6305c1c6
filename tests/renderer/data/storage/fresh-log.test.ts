import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { expect, it } from 'vitest';
import { openDisk } from '../../../../renderer/data/storage/disk.ts';
import { beginFreshLog } from '../../../../renderer/data/storage/fresh-log.ts';
import { makeDevice, openLoads, stateOf, write } from './packed-kit.ts';

/** What a log of LevelDB holds before the next one begins. */
const LOG = 4 * 1024 * 1024;

it('writes more than a log of the browser holds, and nothing that is ever read', async () => {
  const disk = await openDisk('fresh', { indexedDB: new IDBFactory(), IDBKeyRange });
  await disk.claim();
  let written = 0;
  const fill: typeof disk.fill = (pieces) => {
    written += pieces.reduce((sum, piece) => sum + (piece?.length ?? 0), 0);
    return disk.fill(pieces);
  };
  await beginFreshLog({ fill }, () => false);
  expect(written).toBeGreaterThan(LOG * 1.1);
  expect([await disk.readManifest(), await disk.pageNumbers(), await disk.readLog(0)]).toEqual([[undefined, undefined], [], []]);
  disk.close();
});

it('ends when the storage is closed, and leaves it as it was', async () => {
  const device = makeDevice();
  const loads = await openLoads(device.start({ freshLogAfter: 0 }));
  await write(loads, stateOf({ id: 'one', state: 'KS', sealed: false }));
  await loads.close();
  const again = await openLoads(device.start());
  expect((await again.findDocumentsById(['one'], false)).map(({ state }) => state)).toEqual(['KS']);
  await again.close();
  expect(device.damages).toEqual([]);
});

it('is refused by a disk that another process has taken over', async () => {
  const settings = { indexedDB: new IDBFactory(), IDBKeyRange };
  const first = await openDisk('fresh', settings);
  await first.claim();
  const second = await openDisk('fresh', settings);
  await second.claim();
  await expect(beginFreshLog(first, () => false)).rejects.toMatchObject({ code: 'taken_over' });
  for (const disk of [first, second]) disk.close();
});
