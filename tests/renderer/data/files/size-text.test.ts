import { describe, expect, it } from 'vitest';
import { sizeText } from '../../../../renderer/data/files/size-text.ts';

describe('the size of a file', () => {
  it.each([
    [0, '0 B'],
    [512, '512 B'],
    [1536, '1.5 KB'],
    [5 * 1024 * 1024, '5.0 MB'],
    [50 * 1024 * 1024 + 60_000, '50.1 MB'],
  ])('%i is %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});
