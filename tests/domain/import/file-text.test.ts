import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isUtf8, readFileText } from '../../../domain/import/file-text.ts';
import { bytesOf, platform } from './import-kit.ts';

const TEXT = 'id,name\r\n1,Café Río\r\n2,Doña Tina\r\n';
const read = (bytes: Uint8Array) => readFileText(bytes, platform.decode);
const withMark = (mark: readonly number[], rest: Uint8Array): Uint8Array => Uint8Array.from([...mark, ...rest]);

function utf16(text: string, little: boolean): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i += 1) view.setUint16(i * 2, text.charCodeAt(i), little);
  return bytes;
}
const cp1252 = Uint8Array.from(Buffer.from(TEXT, 'latin1'));

describe('encodings', () => {
  test.each<[string, Uint8Array, string, number]>([
    ['UTF-8', bytesOf(TEXT), 'utf-8', 0],
    ['UTF-8 with a mark', withMark([0xef, 0xbb, 0xbf], bytesOf(TEXT)), 'utf-8', 0],
    ['UTF-16 little endian with a mark', withMark([0xff, 0xfe], utf16(TEXT, true)), 'utf-16le', 0],
    ['UTF-16 big endian with a mark', withMark([0xfe, 0xff], utf16(TEXT, false)), 'utf-16be', 0],
    ['UTF-16 without a mark', utf16(TEXT, true), 'utf-16le', 1],
    ['Windows-1252', cp1252, 'windows-1252', 1],
  ])('%s', (_, bytes, encoding, notes) => {
    const reading = read(bytes);
    if (!reading.ok) throw new Error(reading.refusal.message);
    expect(reading.file).toMatchObject({ text: TEXT, encoding });
    expect(reading.file.notes).toHaveLength(notes);
  });

  test('a mend of Windows-1252 is said aloud', () => {
    const reading = read(cp1252);
    expect(reading.ok && reading.file.notes[0]).toMatch(/not UTF-8.*Windows-1252/);
  });

  test('a Ctrl-Z at the end of a DOS file is no content', () => {
    const reading = read(bytesOf(`${TEXT}\u001a`));
    expect(reading.ok && reading.file.text.endsWith('Tina\r\n')).toBe(true);
  });
});

describe('isUtf8 agrees with the platform', () => {
  const platformSays = (bytes: Uint8Array): boolean => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      return true;
    } catch {
      return false;
    }
  };
  test('on random bytes near the borders of the encoding', () => {
    const byte = fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5),
    );
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 8 }), (numbers) => {
        const bytes = Uint8Array.from(numbers);
        expect(isUtf8(bytes)).toBe(platformSays(bytes));
      }),
      { numRuns: 3000 },
    );
  });
  test('on random text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => isUtf8(bytesOf(text))));
  });
});

describe('what is no table is told, with the way out', () => {
  test.each<[string, Uint8Array, string, RegExp]>([
    ['nothing', new Uint8Array(), 'empty', /empty/],
    ['blanks', bytesOf(' \r\n \r\n'), 'empty', /blanks only/],
    ['a workbook', withMark([0x50, 0x4b, 0x03, 0x04], bytesOf('xl/workbook.xml')), 'wrong_type', /Excel workbook.*save it as CSV/],
    ['an old workbook', withMark([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], bytesOf('...')), 'wrong_type', /old Excel/],
    ['a picture', withMark([0x89, 0x50, 0x4e, 0x47], bytesOf('...')), 'wrong_type', /PNG/],
    ['a PDF', bytesOf('%PDF-1.7'), 'wrong_type', /PDF/],
    ['a web page', bytesOf('<!DOCTYPE html><html>'), 'wrong_type', /web page/],
    ['JSON', bytesOf('{"value":[{"name":"x"}]}'), 'wrong_type', /JSON/],
    ['a JSON list', bytesOf('[{"name":"x"}]'), 'wrong_type', /JSON/],
    ['a program', Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 1, 0, 0, 0, 3, 0, 62]), 'wrong_type', /binary/],
    ['control characters', Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 65, 66, 67]), 'wrong_type', /binary/],
  ])('%s', (_, bytes, code, words) => {
    const reading = read(bytes);
    expect(reading).toMatchObject({ ok: false, refusal: { code } });
    expect(!reading.ok && reading.refusal.message).toMatch(words);
  });

  test('no bytes make it throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => typeof read(bytes).ok === 'boolean'));
  });
});
