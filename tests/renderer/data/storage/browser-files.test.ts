/** A browser whose files are still held by a process that was killed; the real one is in tests/browser/storage-held.e2e.ts. */
import 'fake-indexeddb/auto';
import { describe, expect, it, vi } from 'vitest';
import { filesOpen } from '../../../../renderer/data/storage/browser-files.ts';
import { freshName } from '../storage-contract/contract-kit.ts';

const HELD = new DOMException('Internal error opening backing store for indexedDB.open.', 'UnknownError');

/** Refuses the first `times` openings as Chromium does. */
function refuse(times: number, error: DOMException): { readonly asked: () => number } {
  const real = indexedDB.open.bind(indexedDB);
  let asked = 0;
  vi.spyOn(indexedDB, 'open').mockImplementation((name, version) => {
    asked += 1;
    if (asked > times) return real(name, version);
    const request: { error: DOMException; onerror?: () => void } = { error };
    queueMicrotask(() => request.onerror?.());
    return request as unknown as IDBOpenDBRequest;
  });
  return { asked: () => asked };
}

describe('the files of the browser', () => {
  it('are asked for again while a process that was killed holds them', async () => {
    const browser = refuse(3, HELD);
    await filesOpen(indexedDB, freshName(), [1, 1, 1]);
    expect(browser.asked()).toBe(4);
  });
  it('are given up in the end, with what the browser said', async () => {
    const browser = refuse(Infinity, HELD);
    await expect(filesOpen(indexedDB, freshName(), [1, 1])).rejects.toBe(HELD);
    expect(browser.asked()).toBe(3);
  });
  it('are not asked for again when the browser refuses for another reason', async () => {
    const denied = new DOMException('The user denied permission to access the database.', 'SecurityError');
    const browser = refuse(Infinity, denied);
    await expect(filesOpen(indexedDB, freshName(), [1, 1])).rejects.toBe(denied);
    expect(browser.asked()).toBe(1);
  });
  it('are looked at without making a database', async () => {
    vi.restoreAllMocks();
    const name = freshName();
    await filesOpen(indexedDB, name);
    expect((await indexedDB.databases()).map((one) => one.name)).not.toContain(name);
  });
});
