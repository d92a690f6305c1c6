import { afterEach, describe, expect, it } from 'vitest';
import { StorageFault } from '../../../../renderer/data/storage/fault.ts';
import { type Break, arm, disarm } from './fuse.ts';
import { type Device, type Load, type StoredLoad, ask, engineOf, makeDevice, openLoads, stateOf } from './packed-kit.ts';

const small = { pageChars: 2000, rowChars: 800, heldChars: 3000, decodedChars: 500, logChars: 6000 };

/** One write of several documents, and whether it was acknowledged. */
interface Batch {
  readonly rows: readonly { readonly previous?: StoredLoad; readonly document: StoredLoad }[];
  acknowledged: boolean;
}

function batchOf(known: Map<string, StoredLoad>, round: number): Batch {
  const size = round % 4 === 3 ? 9 : 1 + (round % 2);
  const rows = Array.from({ length: size }, (_, i) => {
    const id = `load-${(round * 5 + i * 3) % 17}`;
    const previous = known.get(id);
    const load: Load = { id, name: `round ${round}`, state: 'draft', sealed: false, note: 'x'.repeat(size > 2 ? 400 : 60) };
    const document = stateOf(load, previous, round % 7 === 5);
    return previous ? { previous, document } : { document };
  });
  return { rows, acknowledged: false };
}

/** Works through a fixed day: writes of all sizes, queries, compactions, a reopening. Answers all batches; ends with the process. */
async function workDay(device: Device, how: Break): Promise<Batch[]> {
  const batches: Batch[] = [];
  const known = new Map<string, StoredLoad>();
  const compactions: Promise<void>[] = [];
  try {
    let loads = await openLoads(device.start(small));
    for (let round = 0; round < 22; round += 1) {
      if (round === 12) loads = await openLoads(device.start(small));
      if (round % 6 === 4)
        // It runs beside what follows, and may fail with it.
        compactions.push(
          engineOf(loads)
            .compact()
            .then(undefined, () => undefined),
        );
      const batch = batchOf(known, round);
      batches.push(batch);
      try {
        await loads.bulkWrite([...batch.rows], 'test');
      } catch (error) {
        if (how === 'full') continue;
        throw error;
      }
      batch.acknowledged = true;
      for (const { document } of batch.rows) known.set(document.id, document);
      if (round % 5 === 0) await ask(loads, { selector: { name: { $gt: '' } }, sort: [{ name: 'desc' }], limit: 3 });
    }
  } catch {
    // The device broke; what counts is what the next process finds.
  }
  await Promise.all(compactions);
  return batches;
}

const revisions = (documents: Iterable<StoredLoad>): Map<string, string> => new Map([...documents].map(({ id, _rev }) => [id, _rev]));

/** What must be there: all acknowledged batches, and the last one, which may not have been, as a whole or not at all. */
function allowed(batches: readonly Batch[]): Map<string, string>[] {
  const stored = new Map<string, StoredLoad>();
  for (const { rows } of batches.filter(({ acknowledged }) => acknowledged))
    for (const { document } of rows) stored.set(document.id, document);
  const without = revisions(stored.values());
  for (const { rows } of batches.filter(({ acknowledged }) => !acknowledged))
    for (const { document } of rows) stored.set(document.id, document);
  return [without, revisions(stored.values())];
}

async function everything(device: Device): Promise<Map<string, string>> {
  const loads = await openLoads(device.start(small));
  const live = await ask(loads, { selector: {} });
  const dead = await ask(loads, { selector: { _deleted: { $eq: true } } } as never);
  await loads.close();
  return revisions([...live, ...dead]);
}

afterEach(disarm);

describe('a process that dies', () => {
  it('at any call to IndexedDB loses nothing that was acknowledged, and leaves nothing half', async () => {
    const whole = arm(0, 'die');
    await workDay(makeDevice(), 'die');
    expect(whole.calls).toBeGreaterThan(150);
    for (let call = 1; call <= whole.calls; call += 1) {
      const device = makeDevice();
      const armed = arm(call, 'die');
      const batches = await workDay(device, 'die');
      disarm();
      expect(armed.broken, `call ${call} was made`).toBe(true);
      const [without, withLast] = allowed(batches);
      expect([without, withLast], `dead at call ${call}`).toContainEqual(await everything(device));
      expect(device.damages, `dead at call ${call}`).toEqual([]);
    }
  }, 180_000);
});

describe('a full disk', () => {
  it('at any call loses nothing that was acknowledged, shows nothing that was refused, and the work goes on', async () => {
    const whole = arm(0, 'full');
    await workDay(makeDevice(), 'full');
    for (let call = 1; call <= whole.calls; call += 1) {
      const device = makeDevice();
      arm(call, 'full');
      const batches = await workDay(device, 'full');
      disarm();
      const [without] = allowed(batches);
      expect(await everything(device), `full at call ${call}`).toEqual(without);
      expect(device.damages, `full at call ${call}`).toEqual([]);
    }
  }, 180_000);

  it('is told as such, in memory nothing has changed, and the same write goes through once there is room', async () => {
    const device = makeDevice();
    const loads = await openLoads(device.start(small));
    const document = stateOf({ id: 'a', state: 'draft', sealed: false });
    arm(1, 'full');
    const refused = await loads.bulkWrite([{ document }], 'test').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StorageFault);
    expect(refused).toMatchObject({ code: 'disk_full' });
    expect(await loads.findDocumentsById(['a'], true)).toEqual([]);
    expect(await loads.bulkWrite([{ document }], 'test')).toEqual({ error: [] });
    expect(await loads.findDocumentsById(['a'], true)).toEqual([document]);
  });
});

describe('power loss', () => {
  it('[SYN-1] takes the latest of what was relaxed, never documents from before a checkpoint that stays', async () => {
    const pulled = (round: number) =>
      Array.from({ length: round % 2 === 0 ? 2 : 9 }, (_, i) => ({
        id: `pulled-${round}-${i}`,
        state: 'draft',
        sealed: false,
        note: 'x'.repeat(300),
      }));
    for (let lost = 0; lost <= 14; lost += 1) {
      const device = makeDevice();
      const storage = device.start(small);
      const loads = await openLoads(storage);
      const meta = await openLoads(storage, { collectionName: 'meta' });
      let checkpoint: StoredLoad | undefined;
      for (let round = 1; round <= 7; round += 1) {
        await loads.bulkWrite(
          pulled(round).map((load) => ({ document: stateOf(load) })),
          'replication-downstream-x',
        );
        const next = stateOf({ id: 'checkpoint', state: 'draft', sealed: false, weight: round }, checkpoint);
        await meta.bulkWrite([checkpoint ? { previous: checkpoint, document: next } : { document: next }], 'replication-set-checkpoint');
        checkpoint = next;
      }
      // The rows of the log and the pages that came with them, last first: what the operating system had not written yet.
      await device.table('log', async (rows) => {
        const keys = await rows.toCollection().primaryKeys();
        await rows.bulkDelete(lost === 0 ? [] : keys.slice(-lost));
      });
      const again = device.start(small);
      const stored = (await (await openLoads(again, { collectionName: 'meta' })).findDocumentsById(['checkpoint'], true))[0]?.weight ?? 0;
      expect(stored).toBe(7 - Math.ceil(lost / 2));
      const expected = Array.from({ length: stored }, (_, i) => pulled(i + 1).map(({ id }) => id)).flat();
      const found = await (await openLoads(again)).findDocumentsById(expected, true);
      expect(found.map(({ id }) => id)).toEqual(expected);
      expect(device.damages).toEqual([]);
    }
  });
});

describe('two processes on one device', () => {
  it('the later one writes, the earlier one is refused and changes nothing', async () => {
    const device = makeDevice();
    const first = await openLoads(device.start(small));
    const second = await openLoads(device.start(small));
    const row = (id: string) => ({ document: stateOf({ id, state: 'draft', sealed: false }) });
    await expect(first.bulkWrite([row('a')], 'test')).rejects.toMatchObject({ code: 'taken_over' });
    await expect(engineOf(first).compact()).rejects.toMatchObject({ code: 'taken_over' });
    expect(await second.bulkWrite([row('b')], 'test')).toEqual({ error: [] });
    expect([...(await everything(device)).keys()]).toEqual(['b']);
  });
});
