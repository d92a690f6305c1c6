/** A desk whose databases were thrown away: what it knows of them by the mark that lies elsewhere. */
import { describe, expect, it } from 'vitest';
import { type Desk, openDesk } from '../../../renderer/data/desk.ts';
import { type MarkPlace, openHeldMark } from '../../../renderer/data/held-mark.ts';
import { newId } from '../../../renderer/data/ids.ts';
import { removeEverything } from '../../../renderer/data/remove-everything.ts';
import { submit } from '../../../renderer/data/submit.ts';
import { actor, barn, farm } from './desk-kit.ts';

/** As localStorage, which Node has not. */
function placeOf(): MarkPlace & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return {
    entries,
    getItem: (key) => entries.get(key) ?? null,
    setItem: (key, value) => void entries.set(key, value),
    removeItem: (key) => void entries.delete(key),
  };
}
const device = () => {
  const marks = placeOf();
  const name = `held-${newId()}`;
  return { marks, name, open: (): Promise<Desk> => openDesk({ name, nouns: [farm, barn], marks }) };
};
const addFarm = async (desk: Desk): Promise<void> => {
  const answer = await submit(desk, { collection: 'farms', command: 'create', draft: { name: 'North', memo: 'x' } }, actor);
  expect(answer.ok).toBe(true);
};
const dropDatabases = (): Promise<void> => removeEverything([], () => expect.unreachable('no desk is open'));
const dropDatabase = (name: string): Promise<void> =>
  new Promise((done, failed) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => done();
    request.onerror = () => failed(request.error ?? new Error(name));
  });

describe('the mark of what a device holds', () => {
  it('tells a desk that lost all its records for whom they were, what waited and since when; until dismissed', async () => {
    const { open, name } = device();
    const first = await open();
    await addFarm(first);
    first.heldMark.note({ user: 'Bea Broker', waiting: 1, files: 0 });
    first.heldMark.note({ user: 'Bea Broker', waiting: 3, files: 2 });
    expect(first.heldMark.losses.get()).toEqual([]);
    await first.close();
    await dropDatabases();

    const second = await open();
    expect(second.heldMark.losses.get()).toMatchObject([{ user: 'Bea Broker', waiting: 3, files: 2, since: expect.any(String) }]);
    const [loss] = second.heldMark.losses.get();
    const [since = '', seenAt = '', foundAt = ''] = [loss?.since, loss?.seenAt, loss?.foundAt];
    expect(since !== '' && since <= seenAt && seenAt <= foundAt, `${since} ${seenAt} ${foundAt}`).toBe(true);
    // What is held from now on is no part of it.
    second.heldMark.note({ user: 'Bea Broker', waiting: 0, files: 0 });
    await second.close();
    const third = await open();
    expect(third.heldMark.losses.get()).toEqual([loss]);
    third.heldMark.dismiss();
    expect(third.heldMark.losses.get()).toEqual([]);
    await third.close();
    const fourth = await open();
    expect(fourth.heldMark.losses.get(), name).toEqual([]);
    await fourth.close();
  });

  it('keeps two losses apart, and tells one once when it was found twice', async () => {
    const { open, marks } = device();
    for (const waiting of [1, 2]) {
      const desk = await open();
      await addFarm(desk);
      desk.heldMark.note({ waiting, files: 0 });
      const mark = [...marks.entries].find(([key]) => key.startsWith('drover.held.'));
      await desk.close();
      await dropDatabases();
      await (await open()).close();
      // As left by a window that ended between the two steps of telling.
      if (mark) marks.setItem(...mark);
      const another = await open();
      expect(another.heldMark.losses.get().map((loss) => loss.waiting)).toEqual([1, 2].slice(0, waiting));
      await another.close();
    }
  });

  it('also knows records that went alone, and is silent about a store that is whole or was never filled', async () => {
    const { open, name, marks } = device();
    const desk = await open();
    desk.heldMark.note({ waiting: 0, files: 0 });
    expect(marks.entries.size, 'nobody would miss anything').toBe(0);
    await addFarm(desk);
    desk.heldMark.note({ user: 'Bea Broker', waiting: 1, files: 0 });
    await desk.close();
    const again = await open();
    expect(again.heldMark.losses.get()).toEqual([]);
    await again.close();
    await dropDatabase(`packed-${name}`);
    const emptied = await open();
    expect(emptied.heldMark.losses.get()).toMatchObject([{ waiting: 1 }]);
    await emptied.close();
  });

  it('is taken away by signing out with nothing left to send, and stays while something waits', async () => {
    const { open, marks } = device();
    const desk = await open();
    desk.heldMark.note({ user: 'Bea Broker', waiting: 2, files: 0 });
    desk.heldMark.note({ waiting: 2, files: 0 });
    expect([...marks.entries.values()].map((text) => JSON.parse(text) as unknown)).toEqual([
      expect.not.objectContaining({ user: expect.anything() }),
    ]);
    desk.heldMark.note({ waiting: 0, files: 0 });
    expect(marks.entries.size).toBe(0);
    await desk.close();
  });

  it('is written when something is new, or the mark is old, and not otherwise; a full place stops nobody', async () => {
    let now = Date.parse('2026-11-21T08:00:00Z');
    let written = 0;
    const place = placeOf();
    const counting: MarkPlace = {
      ...place,
      setItem(key, value) {
        written += 1;
        if (written > 4) throw new DOMException('no room', 'QuotaExceededError');
        place.setItem(key, value);
      },
    };
    const mark = await openHeldMark({ name: 'counted', token: 'a', isEmpty: () => Promise.resolve(true) }, counting, () => now);
    const held = { user: 'Bea Broker', waiting: 1, files: 0 };
    for (let minute = 0; minute < 10; minute += 1) {
      mark.note(held);
      now += 60_000;
    }
    expect(written).toBe(1);
    mark.note(held);
    expect(written).toBe(2);
    mark.note({ ...held, waiting: 2 });
    mark.note({ ...held, waiting: 0 });
    expect(written).toBe(4);
    mark.note({ ...held, waiting: 5 });
    expect([...place.entries.values()].map((text) => JSON.parse(text) as unknown)).toMatchObject([{ waiting: 0 }]);
    mark.close();
  });

  it('takes a mark that it cannot read for none, and one of a store that only got a new token as well', async () => {
    const place = placeOf();
    for (const odd of ['', '{', '[]', '{"store":1}', 'null']) {
      place.setItem('drover.held.odd', odd);
      place.setItem('drover.lost.odd', odd);
      const mark = await openHeldMark({ name: 'odd', token: 'a', isEmpty: () => Promise.resolve(true) }, place);
      expect(mark.losses.get(), odd).toEqual([]);
    }
    (await openHeldMark({ name: 'odd', token: 'a', isEmpty: () => Promise.resolve(true) }, place)).note({ waiting: 1, files: 0 });
    const other = await openHeldMark({ name: 'odd', token: 'b', isEmpty: () => Promise.resolve(false) }, place);
    expect(other.losses.get()).toEqual([]);
  });
});
