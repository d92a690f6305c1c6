import { afterEach, describe, expect, it } from 'vitest';
import type { Desk } from '../../../../renderer/data/desk.ts';
import { addFile } from '../../../../renderer/data/files/add-file.ts';
import { dropUnnamed, heldContent, hold, observeHeld, touchHeld, trimHeld } from '../../../../renderer/data/files/held-files.ts';
import { sha256Of } from '../../../../renderer/data/files/inspect.ts';
import { noFiles, waitingFilesOf } from '../../../../renderer/data/files/uploads.ts';
import { submit } from '../../../../renderer/data/submit.ts';
import { actor, freshDesk, until } from '../desk-kit.ts';
import { bytesOf, chosen, nouns, owner, submitOn } from './file-kit.ts';

const desks: Desk[] = [];
const openDesk = async (): Promise<Desk> => {
  const desk = await freshDesk({ nouns });
  desks.push(desk);
  return desk;
};
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.close();
});
const tick = (): Promise<void> => new Promise((done) => setTimeout(done, 5));
const keep = async ({ local }: Desk, size: number, recordId = 'r'): Promise<string> => {
  const bytes = bytesOf('pdf', size);
  const sha256 = await sha256Of(bytes.buffer);
  await hold(local, sha256, new Blob([bytes]), recordId);
  await tick();
  return sha256;
};
const held = async ({ local }: Desk): Promise<string[]> => (await local.files.orderBy('usedAt').toArray()).map(({ sha256 }) => sha256);

describe('contents on the device', () => {
  it('the longest unused go when there are too many bytes', async () => {
    const desk = await openDesk();
    const [a, b, c] = [await keep(desk, 1000), await keep(desk, 1000), await keep(desk, 1000)];
    await touchHeld(desk.local, a, 'r');
    expect(await trimHeld(desk.local, 3000)).toBe(0);
    expect(await trimHeld(desk.local, 2500)).toBe(1000);
    expect(await held(desk)).toEqual([c, a]);
    expect(await heldContent(desk.local, b)).toBeUndefined();
    expect(await trimHeld(desk.local, 0)).toBe(2000);
    expect(await desk.local.contents.count()).toBe(0);
  });

  it('what waits to be sent never goes', async () => {
    const desk = await openDesk();
    expect(await addFile(desk, submitOn(desk), chosen('a.pdf', bytesOf('pdf', 1000)), owner)).toMatchObject({ ok: true });
    await keep(desk, 1000);
    expect(await trimHeld(desk.local, 0)).toBe(1000);
    expect(await held(desk)).toHaveLength(1);
    await dropUnnamed(desk, 'attachments');
    expect(await held(desk)).toHaveLength(1);
  });

  it('[SYN-7] what no record here names any more goes with it; what lies in the trash stays', async () => {
    const desk = await openDesk();
    const add = async (name: string): Promise<string> => {
      const result = await addFile(desk, submitOn(desk), chosen(name, bytesOf('pdf', 100)), owner);
      return result.ok ? result.id : expect.fail(result.message);
    };
    const [live, trashed] = [await add('a.pdf'), await add('b.pdf')];
    await submit(desk, { collection: 'attachments', command: 'delete', id: trashed }, actor);
    await desk.local.uploads.clear();
    await keep(desk, 50, live);
    await keep(desk, 50, 'a-record-that-is-gone');
    expect(await held(desk)).toHaveLength(4);
    await dropUnnamed(desk, 'attachments');
    expect(await held(desk)).toHaveLength(2);
  });

  it('are told of live', async () => {
    const desk = await openDesk();
    const live = observeHeld(desk.local);
    const stop = live.subscribe(() => undefined);
    const sha256 = await keep(desk, 10);
    await until('the new content is told of', () => live.get().has(sha256));
    stop();
  });
});

describe('what waits', () => {
  it('counts the files and the bytes that are not sent, and apart from them the refused', () => {
    const row = { recordId: 'r', sha256: 's', name: 'n', addedAt: '', tries: 0, nextAt: 0 };
    expect(waitingFilesOf([])).toEqual(noFiles);
    expect(
      waitingFilesOf([
        { ...row, size: 100, sent: 40, state: 'waiting' },
        { ...row, size: 50, sent: 0, state: 'waiting' },
        { ...row, size: 9, sent: 0, state: 'refused' },
      ]),
    ).toEqual({ count: 2, bytes: 110, refused: 1 });
  });
});
