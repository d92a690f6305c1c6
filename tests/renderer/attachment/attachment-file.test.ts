import { describe, expect, it } from 'vitest';
import { ATTACHMENT_BYTES_MAX } from '../../../domain/attachment/attachment.entity.ts';
import { openingOf, refusalOf, sizeText } from '../../../renderer/attachment/attachment-file.ts';

describe('a file to attach', () => {
  it.each([
    ['BOL 226101.PDF', 1000, ''],
    ['label.jpeg', ATTACHMENT_BYTES_MAX, ''],
    ['run.exe', 1000, 'not taken'],
    ['page.html', 1000, 'not taken'],
    ['picture.svg', 1000, 'not taken'],
    ['empty.pdf', 0, 'empty'],
    ['huge.pdf', ATTACHMENT_BYTES_MAX + 1, 'at most 50.0 MB'],
  ])('%s of %i bytes', (name, size, reason) => {
    const refusal = refusalOf({ name, size });
    if (reason === '') expect(refusal).toBe('');
    else expect(refusal).toContain(reason);
  });
  it('is shown in the window only when it cannot run there', () => {
    expect(['image/png', 'text/plain', 'application/pdf'].map((mime) => openingOf(mime, false))).toEqual(['picture', 'text', 'tab']);
    for (const mime of ['text/html', 'image/svg+xml', 'application/xhtml+xml', '', 'constructor'])
      expect([mime, openingOf(mime, false)]).toEqual([mime, 'save']);
  });
  it('is never opened in a window of its own by the desktop shell, which denies them', () => {
    expect(['image/png', 'text/plain', 'application/pdf'].map((mime) => openingOf(mime, true))).toEqual(['picture', 'text', 'save']);
  });
  it('has a size people can read', () => {
    expect([512, 1536, 5 * 1024 * 1024].map(sizeText)).toEqual(['512 B', '1.5 KB', '5.0 MB']);
  });
});
