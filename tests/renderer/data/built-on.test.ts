import { expect, it, onTestFinished } from 'vitest';
import { type BuiltOn, builtOn } from '../../../renderer/data/built-on.ts';
import { storedStates } from '../../../renderer/data/commit.ts';
import { openDesk } from '../../../renderer/data/desk.ts';
import { newId } from '../../../renderer/data/ids.ts';
import { closeDevice, deviceOn, idle, run } from '../sync/device-kit.ts';
import { farmOf, farmServer, idOf } from '../sync/first-sync-kit.ts';
import { farm } from './desk-kit.ts';

it('[SYN-4] an edit keeps what was pulled, with the unsent ones in between, and what the server took of them is pulled', async () => {
  const server = await farmServer(5);
  const desk = await openDesk({ name: `built-${newId()}`, nouns: [farm] });
  const device = await deviceOn(desk, server.url, 'right');
  onTestFinished(() => closeDevice(device));
  await idle(device);
  const id = idOf(3);
  const kept = async (): Promise<{ readonly w: string; readonly on: BuiltOn | undefined }> => {
    const stored = (await storedStates(desk, 'farms', [id])).get(id);
    if (!stored) throw new Error('the farm is not stored');
    return { w: stored.w, on: builtOn(stored) };
  };
  expect((await kept()).on).toBeUndefined();
  await device.sync.setForcedOffline(true);
  await run(device, 'farms', 'change', id, { memo: 'one' });
  const one = await kept();
  expect(one.on).toEqual({ state: farmOf(3), since: [] });
  await run(device, 'farms', 'change', id, { memo: 'two' });
  const two = await kept();
  expect(two.on).toEqual({ state: farmOf(3), since: [one.w] });
  await device.sync.setForcedOffline(false);
  await idle(device);
  await device.sync.setForcedOffline(true);
  await run(device, 'farms', 'change', id, { memo: 'three' });
  expect((await kept()).on).toMatchObject({ state: { w: two.w, memo: 'two' }, since: [] });
  // Whatever the server answers instead takes the place of all that was kept.
  server.put('farms', farmOf(3, { w: 'theirs' }));
  await device.sync.setForcedOffline(false);
  await idle(device);
  expect(await kept()).toEqual({ w: 'theirs', on: undefined });
});
