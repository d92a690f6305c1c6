import { describe, expect, it } from 'vitest';
import type { ChangedLists } from '../../../domain/access/option-lists.ts';
import { acceptedIn, openingOf } from '../../../renderer/attachment/attachment-file.ts';

describe('an attached file', () => {
  it('is shown in the window only when it cannot run there', () => {
    expect(['image/png', 'text/plain', 'application/pdf'].map((mime) => openingOf(mime, false))).toEqual(['picture', 'text', 'tab']);
    for (const mime of ['text/html', 'image/svg+xml', 'application/xhtml+xml', '', 'constructor'])
      expect([mime, openingOf(mime, false)]).toEqual([mime, 'save']);
  });
  it('is offered only of the kinds that the company takes', () => {
    const lists: ChangedLists = {
      file_kinds: [
        { key: 'zip', label: 'Zip', retired: true },
        { key: 'heic', label: 'HEIC', retired: true },
      ],
    };
    const offered = acceptedIn({}).split(',');
    expect(offered).toEqual(expect.arrayContaining(['.pdf', '.zip', '.heic', '.docx', '.jpeg']));
    expect(acceptedIn(lists).split(',')).toEqual(offered.filter((ending) => ending !== '.zip' && ending !== '.heic'));
  });
  it('is never opened in a window of its own by the desktop shell, which denies them', () => {
    expect(['image/png', 'text/plain', 'application/pdf'].map((mime) => openingOf(mime, true))).toEqual(['picture', 'text', 'save']);
  });
});
