import { describe, expect, it } from 'vitest';
import { contentProblem, fileEndings, isTakenMediaType, mediaTypeOf } from '../../../domain/attachment/attachment-type.rules.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const office = 'application/vnd.openxmlformats-officedocument.';
const cfb = 'application/x-cfb';
const codeOf = (name: string, mime: string | undefined, head = bytes('x')): string | undefined =>
  contentProblem({ name, mime: mediaTypeOf(name) ?? '' }, { mime, head })?.code;

describe('the type of a file', () => {
  it.each([
    ['scan.PDF', 'application/pdf'],
    ['photo.jpeg', 'image/jpeg'],
    ['label.gif', 'image/gif'],
    ['page.html', undefined],
    ['noending', undefined],
    ['x.constructor', undefined],
  ])('[D14] the name %s promises %s', (name, mime) => {
    expect(mediaTypeOf(name)).toBe(mime);
  });

  it('[D14] every ending that is taken has a media type that a record may have', () => {
    expect(fileEndings({}).length).toBeGreaterThan(10);
    for (const ending of fileEndings({})) expect(isTakenMediaType(mediaTypeOf(`a.${ending}`) ?? '', {})).toBe(true);
    for (const mime of ['text/html', 'image/svg+xml', 'application/javascript', 'constructor'])
      expect(isTakenMediaType(mime, {})).toBe(false);
  });

  it.each([
    ['a.pdf', 'application/pdf'],
    ['a.jpg', 'image/jpeg'],
    ['a.png', 'image/apng'],
    ['a.heic', 'image/heif'],
    ['a.tif', 'image/tiff'],
    ['a.doc', cfb],
    ['a.msg', cfb],
    ['a.docx', `${office}wordprocessingml.document`],
    ['locked.docx', cfb],
    ['a.xlsx', `${office}spreadsheetml.sheet`],
    // The entry that tells lies beyond the bytes that are looked at.
    ['large.xlsx', 'application/zip'],
    ['a.zip', `${office}wordprocessingml.document`],
  ])('[D14] %s may show itself as %s', (name, mime) => {
    expect(codeOf(name, mime)).toBeUndefined();
  });

  it.each([
    ['a.pdf', 'application/x-msdownload'],
    ['a.pdf', 'text/html'],
    ['a.pdf', undefined],
    ['a.jpg', 'image/png'],
    ['a.jpg', undefined],
    ['a.docx', `${office}spreadsheetml.sheet`],
    ['a.xlsx', 'application/vnd.ms-excel.sheet.macroenabled.12'],
    ['a.zip', 'application/java-archive'],
    ['a.doc', 'application/zip'],
  ])('[D14] %s that shows itself as %s is refused', (name, mime) => {
    expect(codeOf(name, mime)).toBe('wrong_content');
  });

  it('[D14] a PDF may have some bytes before its mark, as scanners write them, but not many', () => {
    expect(codeOf('a.pdf', undefined, bytes(`\r\n\u00ef\u00bb\u00bf${' '.repeat(900)}%PDF-1.4`))).toBeUndefined();
    expect(codeOf('a.pdf', undefined, bytes(`${' '.repeat(1100)}%PDF-1.4`))).toBe('wrong_content');
  });

  it('[D14] a text is what has no bytes that texts do not have, whatever it seems to begin like', () => {
    expect(codeOf('prices.csv', 'image/bmp', bytes('BMW,1\r\nZoë,2'))).toBeUndefined();
    expect(codeOf('utf16.txt', undefined, bytes('\u00ff\u00feA\u0000'))).toBeUndefined();
    expect(codeOf('empty.txt', undefined, new Uint8Array())).toBeUndefined();
    for (const odd of ['A\u0000B', '\u007f', '\u0001']) expect(codeOf('a.txt', undefined, bytes(odd))).toBe('wrong_content');
  });

  it('[D14] the refusal names the file, what it is called, what it is, and what to do', () => {
    const problem = contentProblem({ name: 'BOL.pdf', mime: 'application/pdf' }, { mime: 'image/png', head: bytes('x') });
    expect(problem?.message).toMatch(/^"BOL.pdf" is called PDF, but its content is PNG picture\. Give it the ending/);
  });
});
