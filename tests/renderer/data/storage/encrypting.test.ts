import { afterEach, describe, expect, it } from 'vitest';
import { isSealed } from '../../../../renderer/data/storage/frame.ts';
import type { PackedStorageSettings } from '../../../../renderer/data/storage/packed-storage.ts';
import { type Armed, arm, disarm } from './fuse.ts';
import { type Device, type Loads, ask, engineOf, makeDevice, openLoads, stateOf } from './packed-kit.ts';

const small: PackedStorageSettings = { pageChars: 2000, rowChars: 800, heldChars: 3000, decodedChars: 500, logChars: 1_000_000 };
const makeKey = (): Promise<CryptoKey> => crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
const taking = (key: CryptoKey): PackedStorageSettings => ({ ...small, key, encryptExisting: true });

const insert = async (loads: Loads, from: number, to: number): Promise<void> => {
  for (let n = from; n < to; n += 10) {
    const rows = Array.from({ length: Math.min(10, to - n) }, (_, i) => ({
      document: stateOf({ id: `load-${n + i}`, name: `word ${n + i}`, state: 'draft', sealed: false, note: 'x'.repeat(200) }),
    }));
    expect(await loads.bulkWrite(rows, 'test')).toEqual({ error: [] });
  }
};
const idsOf = async (loads: Loads): Promise<string[]> => (await ask(loads, { selector: {}, sort: [{ id: 'asc' }] })).map(({ id }) => id);
const upTo = (count: number): string[] => Array.from({ length: count }, (_, n) => `load-${n}`).sort();

/** A device without a key: documents in pages of the manifest, in pages of the log, in the log, and of a collection nobody opens. */
async function plainDevice(): Promise<Device> {
  const device = makeDevice();
  const storage = device.start(small);
  const loads = await openLoads(storage);
  const others = await openLoads(storage, { collectionName: 'others' });
  await insert(loads, 0, 40);
  await engineOf(loads).compact();
  await insert(loads, 40, 60);
  await insert(loads, 60, 63);
  await insert(others, 0, 3);
  await loads.close();
  await others.close();
  return device;
}

async function plainFrames(device: Device): Promise<number> {
  const tables = (['log', 'bodies', 'heads', 'orders', 'root'] as const).map((name) => device.table(name, (table) => table.toArray()));
  const frames = (await Promise.all(tables)).flat().filter((row) => row instanceof Uint8Array);
  expect(frames.length).toBeGreaterThan(6);
  return frames.filter((frame) => isSealed(frame) !== true).length;
}

afterEach(disarm);

describe('a store that is given a key', () => {
  it('is encrypted wholly while it is in use, and asks for the key from its opening on', async () => {
    const device = await plainDevice();
    const key = await makeKey();
    const loads = await openLoads(device.start(taking(key)));
    await expect(openLoads(device.start(small))).rejects.toMatchObject({ code: 'key_missing' });
    const again = await openLoads(device.start(taking(key)));
    await insert(again, 63, 80);
    expect(await idsOf(again)).toEqual(upTo(80));
    await engineOf(again).encrypting;
    expect(await idsOf(again)).toEqual(upTo(80));
    await again.close();
    await loads.close();
    expect(await plainFrames(device)).toBe(0);
    // The key alone opens it now, plain pages are accepted no more, and the collection that nobody opened came along.
    const storage = device.start({ ...small, key });
    expect(await idsOf(await openLoads(storage))).toEqual(upTo(80));
    expect(await idsOf(await openLoads(storage, { collectionName: 'others' }))).toEqual(upTo(3));
    await expect(openLoads(device.start({ ...small, key: await makeKey() }))).rejects.toMatchObject({ code: 'wrong_key' });
    expect(device.damages).toEqual([]);
  });

  it('keeps every document when the process dies at any call meanwhile, and ends up encrypted', async () => {
    const key = await makeKey();
    const run = async (device: Device): Promise<void> => {
      try {
        const loads = await openLoads(device.start(taking(key)));
        await engineOf(loads).encrypting;
      } catch {
        // The device broke; what counts is what the next process finds.
      }
    };
    const calls = async (): Promise<Armed> => {
      const device = await plainDevice();
      const armed = arm(0, 'die');
      await run(device);
      disarm();
      return armed;
    };
    const whole = await calls();
    expect(whole.calls).toBeGreaterThan(25);
    for (let call = 1; call <= whole.calls; call += 1) {
      const device = await plainDevice();
      arm(call, 'die');
      await run(device);
      disarm();
      const loads = await openLoads(device.start(taking(key)));
      expect(await idsOf(loads), `dead at call ${call}`).toEqual(upTo(63));
      await engineOf(loads).encrypting;
      await loads.close();
      expect(await plainFrames(device), `dead at call ${call}`).toBe(0);
      expect(device.damages, `dead at call ${call}`).toEqual([]);
    }
  }, 180_000);

  it('does not take a plain page for its own once it is encrypted', async () => {
    const device = await plainDevice();
    const page = await device.table('bodies', (rows) => rows.toCollection().first());
    const key = await makeKey();
    const loads = await openLoads(device.start(taking(key)));
    await engineOf(loads).encrypting;
    await loads.close();
    const at = await device.table('bodies', async (rows) => {
      const [first = -1] = await rows.toCollection().primaryKeys();
      await rows.put(page, first);
      return first;
    });
    const again = await openLoads(device.start(taking(key)));
    const found = await idsOf(again);
    expect(device.damages).toMatchObject([{ kind: 'body_page', position: at, reason: 'open', healed: false }]);
    expect([...found, ...(device.damages[0]?.ids ?? [])].sort()).toEqual(upTo(63));
  });
});

describe('rows of pages, as they are unless told otherwise', () => {
  /** From here on Chromium compresses a value, or puts it into a file when that does not make it smaller. */
  const COMPRESSED = 64 * 1024;
  /** Bytes of each row of one write of so many documents. */
  async function rowsOf(settings: PackedStorageSettings): Promise<number[]> {
    const device = makeDevice();
    const loads = await openLoads(device.start(settings));
    const document = (n: number) => stateOf({ id: `load-${n}`, state: 'draft', sealed: false, note: 'x'.repeat(1000) });
    expect(
      await loads.bulkWrite(
        Array.from({ length: 400 }, (_, n) => ({ document: document(n) })),
        'test',
      ),
    ).toEqual({ error: [] });
    const rows = await device.table('bodies', (table) => table.toArray());
    await loads.close();
    return rows.map((row) => row?.length ?? 0);
  }
  it('are so long that the browser compresses them', async () => {
    const rows = await rowsOf({});
    expect(rows.length).toBeGreaterThan(4);
    for (const length of rows.slice(0, -1)) expect(length).toBeGreaterThanOrEqual(COMPRESSED);
  });
  it('are so short, where they are encrypted, that it puts none into a file', async () => {
    const rows = await rowsOf({ key: await makeKey() });
    expect(rows.length).toBeGreaterThan(8);
    for (const length of rows) expect(length).toBeLessThan(COMPRESSED);
  });
});
