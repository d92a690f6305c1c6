import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { importedId, newId, newWriteId } from '../../../renderer/data/ids.ts';
import {
  dropDraft,
  listDrafts,
  loadDraft,
  loadSetting,
  openLocalStore,
  saveDraft,
  saveSetting,
} from '../../../renderer/data/local-store.ts';

describe('local store', () => {
  it('keeps drafts over a restart, newest first, until they are dropped', async () => {
    const name = `drafts-${newId()}`;
    const store = await openLocalStore(name);
    await saveDraft(store, { key: 'orders/new', collection: 'orders', id: '', values: { number: 'PO-1', lines: [{ cases: 3 }] } });
    await new Promise((done) => setTimeout(done, 2));
    await saveDraft(store, { key: 'parties/7', collection: 'parties', id: '7', values: { name: 'A' } });
    store.close();
    const again = await openLocalStore(name);
    expect(await loadDraft(again, 'orders/new')).toMatchObject({ values: { number: 'PO-1', lines: [{ cases: 3 }] } });
    expect((await listDrafts(again)).map((draft) => draft.key)).toEqual(['parties/7', 'orders/new']);
    expect((await listDrafts(again, 'orders')).map((draft) => draft.key)).toEqual(['orders/new']);
    await dropDraft(again, 'orders/new');
    expect(await loadDraft(again, 'orders/new')).toBeUndefined();
    again.close();
  });

  it('keeps settings and forgets those set to undefined', async () => {
    const store = await openLocalStore(`settings-${newId()}`);
    await saveSetting(store, 'grid.orders', { hidden: ['memo'] });
    expect(await loadSetting(store, 'grid.orders')).toEqual({ hidden: ['memo'] });
    await saveSetting(store, 'grid.orders', undefined);
    expect(await loadSetting(store, 'grid.orders')).toBeUndefined();
    store.close();
  });
});

describe('ids', () => {
  const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  it('makes UUIDv7 that sort by time', () => {
    const ids = [1, 1_000, 1_700_000_000_000, 1_800_000_000_000].map((now) => newId(now));
    expect(ids).toEqual([...ids].sort());
    for (const id of ids) expect(UUID.exec(id)?.[1]).toBe('7');
    expect(newId(0x0123456789ab).startsWith('01234567-89ab-7')).toBe(true);
  });
  it('makes the same UUIDv8 for the same imported row everywhere', async () => {
    const id = await importedId('fsis', '3548');
    expect(UUID.exec(id)?.[1]).toBe('8');
    expect(await importedId('fsis', '3548')).toBe(id);
    expect(await importedId('fsis', '3549')).not.toBe(id);
  });
  it('makes write ids that differ and fit the envelope', () => {
    const ids = new Set(Array.from({ length: 1000 }, () => newWriteId(newId())));
    expect(ids.size).toBe(1000);
    for (const id of ids) expect(id.length).toBeLessThanOrEqual(60);
  });
});
