import { describe, expect, it } from 'vitest';
import type { Desk } from '../../../renderer/data/desk.ts';
import type { KeyChain } from '../../../renderer/data/desk-key.ts';
import { newId } from '../../../renderer/data/ids.ts';
import { isSealed } from '../../../renderer/data/storage/frame.ts';
import type { PackedInternals } from '../../../renderer/data/storage/instance.ts';
import { submit } from '../../../renderer/data/submit.ts';
import { actor, freshDesk } from './desk-kit.ts';

interface Chain extends KeyChain {
  kept: string | undefined;
  available: boolean;
}
const chain = (): Chain => ({
  kept: undefined,
  available: true,
  get() {
    return Promise.resolve(this.available ? this.kept : undefined);
  },
  set(value) {
    if (this.available) this.kept = value;
    return Promise.resolve(this.available ? undefined : 'This machine has no keychain.');
  },
});
const nameOf = async (desk: Desk, id: string): Promise<unknown> => (await desk.collection('farms').findOne(id).exec())?.get('name');
const addFarm = async (desk: Desk, name: string): Promise<string> => {
  const answer = await submit(desk, { collection: 'farms', command: 'create', draft: { name } }, actor);
  if (!answer.ok) throw new Error('refused');
  return answer.document.id;
};
/** Frames on the disk of this desk that carry no encryption, once that has come to its end. */
async function plainFrames(desk: Desk): Promise<number> {
  await (desk.collection('farms').storageInstance.internals as unknown as PackedInternals).engine.encrypting;
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(`packed-${desk.name}`);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('not opened'));
  });
  let plain = 0;
  for (const table of ['log', 'bodies', 'heads', 'orders', 'root']) {
    const rows = await new Promise<unknown[]>((resolve, reject) => {
      const request = database.transaction(table).objectStore(table).getAll();
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('not read'));
    });
    plain += rows.filter((row) => row instanceof Uint8Array && isSealed(row) !== true).length;
  }
  database.close();
  return plain;
}

describe('the key of a desk', () => {
  it('is made once where the machine keeps secrets, and the records come back with it', async () => {
    const keychain = chain();
    const desk = await freshDesk({ keychain });
    const id = await addFarm(desk, 'North');
    expect(desk.atRest).toBe('encrypted');
    expect(await plainFrames(desk)).toBe(0);
    await desk.close();
    const kept = keychain.kept;
    const again = await freshDesk({ name: desk.name, keychain });
    expect(await nameOf(again, id)).toBe('North');
    expect(keychain.kept).toBe(kept);
    await again.close();
  });

  it('encrypts what was stored before there was one', async () => {
    const keychain = chain();
    keychain.available = false;
    const name = `plain-${newId()}`;
    const before = await freshDesk({ name, keychain });
    const id = await addFarm(before, 'North');
    expect(before.atRest).toBe('refused');
    expect(await plainFrames(before)).toBeGreaterThan(0);
    await before.close();
    keychain.available = true;
    const desk = await freshDesk({ name, keychain });
    expect(desk.atRest).toBe('encrypted');
    expect(await nameOf(desk, id)).toBe('North');
    expect(await plainFrames(desk)).toBe(0);
    await desk.close();
  });

  it('is not replaced when it cannot be had: the desk says so, and opens when it is back', async () => {
    const keychain = chain();
    const desk = await freshDesk({ keychain });
    const id = await addFarm(desk, 'North');
    await desk.close();
    const { name } = desk;
    const { kept } = keychain;
    keychain.available = false;
    await expect(freshDesk({ name, keychain })).rejects.toMatchObject({ name: 'DeskFault', code: 'key_missing' });
    await expect(freshDesk({ name })).rejects.toMatchObject({ code: 'key_missing' });
    keychain.available = true;
    keychain.kept = btoa('k'.repeat(32));
    await expect(freshDesk({ name, keychain })).rejects.toMatchObject({ name: 'DeskFault', code: 'wrong_key' });
    keychain.kept = 'no key at all';
    await expect(freshDesk({ name, keychain })).rejects.toMatchObject({ code: 'wrong_key' });
    keychain.kept = kept;
    const again = await freshDesk({ name, keychain });
    expect(await nameOf(again, id)).toBe('North');
    await again.close();
  });

  it('is not needed in a browser, whose records lie as they are', async () => {
    const desk = await freshDesk();
    expect(desk.atRest).toBe('plain');
    await desk.close();
  });
});
