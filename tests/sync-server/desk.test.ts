/** What `npm start` is made of: the desk that already runs, and a start that cannot work told in a sentence. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { forgetDesk, noteDesk, runningDesk } from '../../build/desk-process.ts';
import { startDesk } from '../../build/desk.ts';
import { cloneDatabase } from './test-server.ts';

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'drover-desk-'));
  folders.push(folder);
  return folder;
}
afterEach(() => {
  vi.unstubAllEnvs();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('the desk that runs in a folder', () => {
  test('is found while it runs, and not when it was forgotten or killed', async () => {
    const folder = newFolder();
    vi.stubEnv('DATABASE_URL', await cloneDatabase());
    vi.stubEnv('PORT', '0');
    expect(await runningDesk(folder)).toBeUndefined();
    const desk = await startDesk(folder);
    const note = { pid: process.pid, url: desk.server.url };
    noteDesk(folder, note);
    expect(await runningDesk(folder)).toEqual(note);
    await desk.stop();
    expect(await runningDesk(folder)).toBeUndefined();
    forgetDesk(folder);
    expect(await runningDesk(folder)).toBeUndefined();
  });

  test.each(['', '{"pid":', '[]', '"x"', '{"pid":1}'])('a note that a power cut left as %j does not stand in the way', async (text) => {
    const folder = newFolder();
    writeFileSync(join(folder, 'desk.json'), text);
    expect(await runningDesk(folder)).toBeUndefined();
  });
});

describe('a start that cannot work', () => {
  test('says what it could not reach, without the password, and where to look', async () => {
    vi.stubEnv('DATABASE_URL', 'postgres://user:hunter2@127.0.0.1:1/drover');
    const message = await startDesk(newFolder()).then(
      () => 'started',
      (error: Error) => error.message,
    );
    expect(message).toBe(
      'The database of DATABASE_URL cannot be reached (connect ECONNREFUSED 127.0.0.1:1). Check the address, and that Postgres runs there.',
    );
  });

  test('says that the data folder cannot be written and how to choose another', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    await expect(startDesk(join(file, 'data'))).rejects.toThrow(
      `The data folder ${join(file, 'data')} cannot be written (ENOTDIR). Set DROVER_DATA to a folder that you may write.`,
    );
  });
});
