import { afterEach, describe, expect, it } from 'vitest';
import type { AnyDocument } from '../../../domain/entity/entity.ts';
import { plain, storedStates } from '../../../renderer/data/commit.ts';
import type { Desk } from '../../../renderer/data/desk.ts';
import type { SetAsideRow } from '../../../renderer/data/local-store.ts';
import {
  type KeptEdit,
  discardEdit,
  arrivalOf,
  lostKeys,
  observeSetAside,
  takeUpEdit,
  waitingRecords,
} from '../../../renderer/data/set-aside.ts';
import { submit } from '../../../renderer/data/submit.ts';
import { actor, farm, freshDesk, until } from './desk-kit.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
const open = async (): Promise<Desk> => {
  const desk = await freshDesk();
  ends.push(() => desk.close());
  return desk;
};
const run = async (
  desk: Desk,
  command: 'create' | 'change' | 'delete',
  draft: Record<string, unknown>,
  id?: string,
): Promise<AnyDocument> => {
  const answer = await submit(desk, { collection: 'farms', command, draft, ...(id === undefined ? {} : { id }) }, actor);
  if (!answer.ok) throw new Error(answer.rejection.message);
  return answer.document;
};
const stored = async (desk: Desk, id: string) => {
  const state = (await storedStates(desk, 'farms', [id])).get(id);
  return state ? { document: plain(state), deleted: state._deleted } : undefined;
};
async function keep(desk: Desk, edit: Omit<SetAsideRow, 'collection' | 'at'>): Promise<KeptEdit> {
  const row = { ...edit, collection: 'farms', at: '2026-01-05T10:00:00.000Z' };
  return { ...row, number: await desk.local.setAside.add(row) };
}

describe('edits that were set aside', () => {
  it('[SYN-2] differ only where the person had changed something that the other state lacks', () => {
    const base = { name: 'A', state: 'KS', est: ['1'] };
    const mine = { name: 'B', state: 'KS', est: ['1', '2'], memo: 'm' };
    expect(lostKeys(farm.entity, { base, mine }, { name: 'C', state: 'NE', est: ['1', '2'] })).toEqual(['name', 'memo']);
    expect(lostKeys(farm.entity, { mine }, {})).toEqual(['name', 'state', 'est', 'memo']);
    expect(arrivalOf(farm, { base, mine }, { ...mine, state: 'NE' })).toBe('whole');
    expect(arrivalOf(farm, { base, mine }, { ...mine, _deleted: true })).toBe('lost');
    expect(arrivalOf(farm, { base, mine }, { ...mine, name: 'C' })).toBe('lost');
    expect(arrivalOf(farm, { mine }, { ...mine, name: 'C' })).toBe('lost');
  });

  it('[SYN-6] are no loss when the server joined them with what others changed in the same field', () => {
    const base = { name: 'A', est: ['1'], memo: 'one\ntwo\nthree' };
    const mine = { ...base, est: ['1', '2'], memo: 'ONE\ntwo\nthree' };
    expect(arrivalOf(farm, { base, mine }, { ...base, est: ['1', '2', '3'], memo: 'ONE\ntwo\nTHREE' })).toBe('joined');
    expect(arrivalOf(farm, { base, mine }, { ...base, est: ['1', '2', '3'], memo: 'one\ntwo\nTHREE' })).toBe('lost');
    expect(arrivalOf(farm, { base, mine }, { ...base, est: ['1', '3'], memo: mine.memo })).toBe('lost');
  });

  it('[SYN-2] are taken up without undoing what others changed, and are then gone', async () => {
    const desk = await open();
    const base = await run(desk, 'create', { name: 'A', state: 'KS', memo: 'old' });
    const theirs = await run(desk, 'change', { name: 'theirs', state: 'NE' }, base.id);
    const edit = await keep(desk, { id: base.id, base, mine: { ...base, name: 'mine', memo: undefined }, theirs });
    expect(await takeUpEdit(desk, edit, actor)).toMatchObject({ ok: true });
    const { document } = (await stored(desk, base.id)) ?? {};
    expect(document).toMatchObject({ name: 'mine', state: 'NE' });
    expect(document).not.toHaveProperty('memo');
    expect(await desk.local.setAside.count()).toBe(0);
  });

  it('[SYN-2] stay where they are when they cannot be saved', async () => {
    const desk = await open();
    const base = await run(desk, 'create', { name: 'A' });
    const edit = await keep(desk, { id: base.id, base, mine: { ...base, name: 'Forbidden' }, theirs: base });
    expect(await takeUpEdit(desk, edit, actor)).toMatchObject({ ok: false, rejection: { code: 'invalid' } });
    expect(await desk.local.setAside.count()).toBe(1);
    await discardEdit(desk, edit);
    expect(await desk.local.setAside.count()).toBe(0);
  });

  it('[SYN-2] bring a deleted record back, a refused one too, and repeat a deletion', async () => {
    const desk = await open();
    const base = await run(desk, 'create', { name: 'A', state: 'KS' });
    await run(desk, 'delete', {}, base.id);
    await takeUpEdit(
      desk,
      await keep(desk, { id: base.id, base, mine: { ...base, name: 'B' }, theirs: { ...base, _deleted: true } }),
      actor,
    );
    expect(await stored(desk, base.id)).toMatchObject({ deleted: false, document: { name: 'B', state: 'KS' } });

    await run(desk, 'delete', {}, base.id);
    await takeUpEdit(desk, await keep(desk, { id: base.id, mine: { ...base, name: 'new', memo: 'm' }, theirs: { _deleted: true } }), actor);
    expect(await stored(desk, base.id)).toMatchObject({ deleted: false, document: { name: 'new', memo: 'm' } });

    await takeUpEdit(desk, await keep(desk, { id: base.id, base, mine: { ...base, _deleted: true }, theirs: base }), actor);
    expect(await stored(desk, base.id)).toMatchObject({ deleted: true });
    expect(await desk.local.setAside.count()).toBe(0);
  });

  it('are shown live, and what waits to be sent can be taken along', async () => {
    const desk = await open();
    const live = observeSetAside(desk);
    ends.push(live.subscribe(() => undefined));
    const base = await run(desk, 'create', { name: 'A' });
    await keep(desk, { id: base.id, mine: base, theirs: {} });
    await until('it is shown', () => live.get().length === 1);
    await run(desk, 'delete', {}, base.id);
    expect(await waitingRecords(desk)).toMatchObject([{ collection: 'farms', id: base.id, deleted: true, document: { name: 'A' } }]);
  });
});
