/**
 * Keeps the model of the client honest: the same people do the same things on model devices in the simulation and on real
 * desks, with the real replication over HTTP, and both must end with the same records and the same inboxes.
 */
import 'fake-indexeddb/auto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { type SubmitResult, submit } from '../../renderer/data/submit.ts';
import { DEMO_PASSWORD } from '../../sync-server/db/demo-accounts.ts';
import type { Server } from '../../sync-server/server.ts';
import { actor, freshDesk } from '../renderer/data/desk-kit.ts';
import { type Device as RealDevice, closeDevice, converge, deviceOn, idle } from '../renderer/sync/device-kit.ts';
import { cloneDatabase, openTestServer } from '../sync-server/test-server.ts';
import { Device, type Intent } from './device.ts';
import { type Dice, makeDice } from './dice.ts';
import { someEdit } from './drafts.ts';
import { Kernel } from './kernel.ts';
import { Network } from './network.ts';
import { casts } from './plan.ts';
import { SharedDatabase } from './sim-database.ts';
import { simUser } from './sim-users.ts';
import { openStage } from './stage.ts';

const COLLECTIONS = casts.orders;
const DEVICES = 2;
const STEPS_MAX = 20_000;

/** One turn: everybody is offline, does these things, and comes back one after the other. */
type Turn = readonly (readonly Intent[])[];

let stage: Awaited<ReturnType<typeof openStage>>;
let server: Server;
beforeAll(async () => {
  stage = await openStage(await cloneDatabase('template0'));
  server = await openTestServer();
}, 120_000);
afterAll(async () => {
  await stage.close();
  await server.close();
});

/** Who wrote, when, and under which write id differs between two runs; what was written does not. */
const STAMPS = new Set(['w', 'createdAt', 'createdBy', 'modifiedAt', 'modifiedBy', 'ownerId', 'deskId', 'retainUntil', '_deleted']);
const INBOX = ['kind', 'code', 'recordId', 'recordCollection', 'fieldNames'];
function plainly(collection: string, document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isEntry = collection === 'activities' && document['keptContent'] !== undefined;
  const kept = Object.entries(document).filter(([key]) => (isEntry ? INBOX.includes(key) : !STAMPS.has(key)));
  return Object.fromEntries(kept);
}
/** JSON with the keys of every object in one order; Postgres keeps another than JavaScript. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
const sorted = (texts: readonly string[]): string[] => texts.toSorted();

/** What a person may do: a desk refuses to delete what others refer to, and the model does not ask. */
function someIntent(dice: Dice, device: Device): Intent | undefined {
  const intent = someEdit(dice, device, COLLECTIONS);
  if (!intent || (intent.command === 'delete' && intent.collection !== 'orders')) return undefined;
  // The people of the two runs belong to other desks.
  const { deskId: _desk, ownerId: _owner, ...draft } = intent.draft ?? {};
  return { ...intent, draft };
}

/** Plays turns in the simulation; answers what was done and what the devices hold in the end. */
async function inTheModel(seed: number, turns: number): Promise<{ script: Turn[]; holds: string[][] }> {
  const user = simUser('user-0', 'desk-0');
  await stage.company.empty([user]);
  const kernel = new Kernel(seed);
  const dice = makeDice(seed);
  const calm = { held: 0, cutBefore: 0, cutAfter: 0, mute: 0 };
  const shared = new SharedDatabase(kernel, stage.monitor, calm);
  const nouns = COLLECTIONS.flatMap((name) => stage.nouns.filter(({ entity }) => entity.collection === name));
  const network = new Network(kernel, stage.servers, () => undefined);
  const giveBack = kernel.takeTimers();
  const devices = Array.from(
    { length: DEVICES },
    (_, i) => new Device({ kernel, network, committed: () => undefined }, `d${i}`, user, nouns, { pull: 500, push: 100 }),
  );
  const script: Turn[] = [];
  try {
    for (const one of stage.servers) {
      await one.enter({ kernel, shared, userOf: () => user, ports: {}, numbers: false });
      one.start();
    }
    for (const device of devices) device.start();
    await kernel.rest(STEPS_MAX);
    for (let turn = 0; turn < turns; turn += 1) {
      const done: Intent[][] = [];
      for (const device of devices) {
        device.setForcedOffline(true);
        const own: Intent[] = [];
        for (let count = dice.between(0, 3); count > 0; count -= 1) {
          const intent = someIntent(dice, device);
          if (!intent) continue;
          own.push(intent);
          void device.act([intent]).catch(kernel.fail.bind(kernel));
          await kernel.drain(STEPS_MAX);
        }
        done.push(own);
      }
      script.push(done);
      for (const device of devices) {
        device.setForcedOffline(false);
        await kernel.rest(STEPS_MAX);
      }
    }
  } finally {
    for (const device of devices) device.kill();
    for (const one of stage.servers) one.leave();
    giveBack();
  }
  const holds = devices.map((device) =>
    sorted(
      COLLECTIONS.flatMap((collection) =>
        [...device.diskOf(collection).replica.fork.values()]
          .filter(({ doc }) => !doc._deleted)
          .map(({ doc }) => canonical([collection, plainly(collection, doc)])),
      ),
    ),
  );
  return { script, holds };
}

const submitted = async (device: RealDevice, { collection, command, id, draft }: Intent): Promise<SubmitResult> =>
  submit(device.desk, { collection, command, id, ...(draft ? { draft } : {}) }, actor);

async function onRealDesks(script: readonly Turn[]): Promise<string[][]> {
  const nouns = COLLECTIONS.flatMap((name) => stage.nouns.filter(({ entity }) => entity.collection === name));
  const devices: RealDevice[] = [];
  try {
    for (let i = 0; i < DEVICES; i += 1) devices.push(await deviceOn(await freshDesk({ nouns }), server.url, DEMO_PASSWORD));
    const [first, second] = devices;
    if (!first || !second) throw new Error('two devices are compared');
    for (const turn of script) {
      for (const device of devices) await device.sync.setForcedOffline(true);
      for (const [i, device] of devices.entries()) for (const intent of turn[i] ?? []) await submitted(device, intent);
      for (const device of devices) {
        await device.sync.setForcedOffline(false);
        await idle(device);
      }
      await converge(first, second, COLLECTIONS);
    }
    return await Promise.all(
      devices.map(async ({ desk }) => {
        const all = await Promise.all(
          COLLECTIONS.map(async (collection) => {
            const documents = await desk.collection(collection).find().exec();
            return documents.map((document) => canonical([collection, plainly(collection, document.toJSON() as AnyDocument)]));
          }),
        );
        return sorted(all.flat());
      }),
    );
  } finally {
    for (const device of devices) await closeDevice(device);
  }
}

describe('the model of the client', () => {
  test('ends where the real client ends, after the same edits, clashes and refusals', async () => {
    const { script, holds } = await inTheModel(11, 8);
    expect(script.flat(2).length).toBeGreaterThan(12);
    expect(await onRealDesks(script)).toEqual(holds);
  }, 240_000);
});
