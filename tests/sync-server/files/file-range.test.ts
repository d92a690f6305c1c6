import { describe, expect, it } from 'vitest';
import { byteRange } from '../../../sync-server/files/file-range.ts';

describe('a range of bytes', () => {
  it.each([
    [undefined, 'whole'],
    ['', 'whole'],
    ['bytes=-', 'whole'],
    ['items=0-1', 'whole'],
    ['bytes=0-1,4-5', 'whole'],
    ['bytes=5-2', 'whole'],
    ['bytes=a-b', 'whole'],
    ['bytes=0-', { from: 0, to: 9 }],
    ['bytes=3-5', { from: 3, to: 5 }],
    ['bytes=9-9', { from: 9, to: 9 }],
    ['bytes=4-400', { from: 4, to: 9 }],
    ['bytes=-3', { from: 7, to: 9 }],
    ['bytes=-300', { from: 0, to: 9 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
  ])('%s of ten bytes is %j', (header, expected) => {
    expect(byteRange(header, 10)).toEqual(expected);
  });
});
