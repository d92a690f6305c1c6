import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { safeFileName, saveFile } from '../../../electron/main/save-file.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-save-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const bytes = new TextEncoder().encode('EST,Reason\nM86K,zip padded\n');

describe('save a file', () => {
  test('writes the bytes where the user said, and answers with the name only', async () => {
    const asked: string[] = [];
    const askForPath = (suggestion: string): Promise<string> => {
      asked.push(suggestion);
      return Promise.resolve(join(folder, 'rows.csv'));
    };
    expect(await saveFile({ folder: () => '/home/broker/Downloads', askForPath }, '../../rows.csv', bytes)).toEqual({
      outcome: 'saved',
      name: 'rows.csv',
    });
    expect(asked).toEqual([join('/home/broker/Downloads', 'rows.csv')]);
    expect(await readFile(join(folder, 'rows.csv'))).toEqual(Buffer.from(bytes));
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test('a changed mind writes nothing', async () => {
    expect(await saveFile({ folder: () => folder, askForPath: () => Promise.resolve(undefined) }, 'a.csv', bytes)).toEqual({
      outcome: 'cancelled',
    });
    expect(await readdir(folder)).not.toContain('a.csv');
  });

  test.each<[string, string, string]>([
    ['a folder that is gone', 'gone/rows.csv', 'that folder is gone'],
    ['a name that is a folder', '.', 'The file was not saved'],
  ])('%s is told in plain words and leaves nothing behind', async (_what, place, words) => {
    const before = await readdir(folder);
    const outcome = await saveFile({ folder: () => folder, askForPath: () => Promise.resolve(join(folder, place)) }, 'rows.csv', bytes);
    expect(outcome).toMatchObject({ outcome: 'failed', message: expect.stringContaining(words) });
    expect(await readdir(folder)).toEqual(before);
  });

  test.each([
    ['rows.csv', 'rows.csv'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Windows\\evil.bat', 'evil.bat'],
    ['PO 4711/2: "Dodge City".pdf', '2_ _Dodge City_.pdf'],
    ['.bashrc', 'bashrc'],
    ['NUL.txt', '_NUL.txt'],
    ['name. ', 'name'],
    ['a\u0000b\nc.csv', 'a_b_c.csv'],
    ['', 'drover-file'],
    ['///', 'drover-file'],
  ])('%j becomes the file name %j', (name, safe) => expect(safeFileName(name)).toBe(safe));

  test('a very long name is cut', () => expect(safeFileName('x'.repeat(300))).toHaveLength(120));
});
