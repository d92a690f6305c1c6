import { describe, expect, it } from 'vitest';
import { keptSentence, roomSentence } from '../../../renderer/app/storage-words.ts';
import { NoRoom, isFull } from '../../../renderer/data/room.ts';
import { StorageFault } from '../../../renderer/data/storage/fault.ts';

const MEGA = 1024 * 1024;

describe('a full device', () => {
  it('[SYN-12] is known by the name of the error, however deep it is wrapped, and nothing else is', () => {
    const quota = new DOMException('no room', 'QuotaExceededError');
    expect(isFull(quota)).toBe(true);
    expect(isFull(Object.assign(new Error('aborted'), { name: 'AbortError', inner: quota }))).toBe(true);
    expect(isFull(new Error('outer', { cause: Object.assign(new Error('bulk'), { inner: quota }) }))).toBe(true);
    expect(isFull(new StorageFault('disk_full', 'full'))).toBe(true);
    expect(isFull(new StorageFault('write_failed', 'refused'))).toBe(false);
    expect(isFull(new NoRoom('This import needs more.'))).toBe(true);
    expect(isFull(new DOMException('gone', 'AbortError'))).toBe(false);
    expect(isFull('QuotaExceededError')).toBe(false);
  });
});

describe('what the sync page says of storage', () => {
  it('counts in whole megabytes, and says the way out where little is left', () => {
    expect(roomSentence({ used: 3 * MEGA, free: 2048 * MEGA, kept: true })).toBe('The desk uses 3 MB; 2,048 MB are left for it.');
    expect(roomSentence({ used: 3 * MEGA, free: 12 * MEGA, kept: true })).toContain('That is little. Free some space');
    expect(roomSentence({ used: 12, free: 0, kept: false })).toContain('uses less than 1 MB');
    expect(roomSentence({ used: undefined, free: undefined, kept: undefined })).toContain('does not tell');
  });

  it('tells whether the browser has promised to keep the data', () => {
    const room = { used: 1, free: 1 };
    const said = [true, false, undefined].map((kept) => keptSentence({ ...room, kept }, false));
    expect(said[0]).toContain('has promised');
    expect(said[1]).toContain('has not promised');
    expect(said[2]).toContain('does not tell');
    expect(keptSentence({ ...room, kept: false }, true)).toContain('desktop application');
  });
});
