import { afterEach, describe, expect, it } from 'vitest';
import { openDesk } from '../../../renderer/data/desk.ts';
import { newId } from '../../../renderer/data/ids.ts';
import { submit } from '../../../renderer/data/submit.ts';
import { listTrash } from '../../../renderer/data/trash.ts';
import { actor, barn, farm, until } from '../data/desk-kit.ts';
import { type Device, closeDevice, content, converge, create, deviceOn, idle, phase, run } from './device-kit.ts';
import { type WireServer, startWireServer } from './wire-server.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

/** A device that can be closed and opened again on the same data. */
function restartable(server: WireServer) {
  const name = `device-${newId()}`;
  const holder: { device?: Device } = {};
  const open = async (password: string): Promise<void> => {
    holder.device = await deviceOn(await openDesk({ name, nouns: [farm, barn] }), server.url, password);
  };
  const now = (): Device => {
    if (!holder.device) throw new Error('the device is closed');
    return holder.device;
  };
  const close = async (): Promise<void> => {
    if (holder.device) await closeDevice(holder.device);
    delete holder.device;
  };
  ends.push(close);
  return { open, close, now };
}

async function edit(device: Device, random: () => number): Promise<void> {
  const live = await content(device, 'farms');
  const trash = await listTrash(device.desk, 'farms');
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
  const dice = random();
  const target = pick(live);
  if (dice < 0.35 || !target) await create(device, 'farms', { name: `n${Math.floor(random() * 1000)}` });
  else if (dice < 0.8)
    await submit(
      device.desk,
      { collection: 'farms', command: 'change', id: target.id, draft: { memo: `m${Math.floor(random() * 1000)}` } },
      actor,
    );
  else if (dice < 0.9) await submit(device.desk, { collection: 'farms', command: 'delete', id: target.id }, actor);
  else {
    const buried = pick(trash);
    if (buried) await submit(device.desk, { collection: 'farms', command: 'restore', id: buried.id }, actor);
  }
}

describe('convergence', () => {
  it.each([1, 2, 3, 4])(
    '[SYN-5] two devices agree with the server after random edits, outages, lost answers and restarts (seed %i)',
    async (seed) => {
      const random = randomOf(seed);
      const server = await startWireServer();
      ends.push(() => server.down());
      const devices = [restartable(server), restartable(server)] as const;
      for (const device of devices) await device.open('right');
      for (let step = 0; step < 40; step += 1) {
        const one = devices[random() < 0.5 ? 0 : 1];
        const dice = random();
        if (dice < 0.06) await one.now().sync.setForcedOffline(true);
        else if (dice < 0.14) await one.now().sync.setForcedOffline(false);
        else if (dice < 0.2) server.faults.loseAnswers = 1;
        else if (dice < 0.26) {
          await one.close();
          await one.open('');
        } else if (dice < 0.3) server.revoke(false);
        else await edit(one.now(), random);
        if (random() < 0.3) await pause(random() * 30);
      }
      server.faults.loseAnswers = 0;
      for (const device of devices) await device.now().sync.setForcedOffline(false);
      const [a, b] = [devices[0].now(), devices[1].now()];
      for (const device of [a, b]) {
        await until('live', () => {
          device.sync.syncNow();
          return device.sync.state.get().phase === 'live';
        });
        await idle(device);
      }
      await converge(a, b, ['farms']);
      const server1 = (await content(a, 'farms')).map(({ id }) => server.state('farms', id));
      expect((await content(a, 'farms')).map((record) => ({ ...record, _deleted: false }))).toEqual(server1);
      expect((await listTrash(a.desk, 'farms')).length + server1.length).toBe(server.count('farms'));
      expect(await listTrash(a.desk, 'farms')).toEqual(await listTrash(b.desk, 'farms'));
    },
  );

  it('[SYN-3] gets the stamps of the server after a lost answer and a restart', async () => {
    const server = await startWireServer();
    ends.push(() => server.down());
    const device = restartable(server);
    await device.open('right');
    await phase(device.now(), 'live');
    server.faults.loseAnswers = 1;
    const made = await create(device.now(), 'farms', { name: 'once' });
    await until('applied', () => server.applied.get(made.id) === 1);
    await device.close();
    await device.open('');
    await idle(device.now());
    await until(
      'stamped',
      async () => (await content(device.now(), 'farms'))[0]?.['modifiedAt'] === server.state('farms', made.id)?.['modifiedAt'],
    );
    expect(server.applied.get(made.id)).toBe(1);
    await run(device.now(), 'farms', 'change', made.id, { memo: 'later' });
    await idle(device.now());
    expect(server.state('farms', made.id)).toMatchObject({ memo: 'later' });
  });
});
