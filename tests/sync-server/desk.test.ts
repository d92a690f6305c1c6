/** What `npm start` is made of: the desk that already runs, and a start that cannot work told in a sentence. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { forgetDesk, noteDesk, runningDesk } from '../../build/desk-process.ts';
import { seedDemo, startDesk } from '../../build/desk.ts';
import { partyNoun } from '../../domain/party/party.rules.ts';
import { feedHead } from '../../sync-server/db/feed.ts';
import { minimalDocument } from '../domain/sample.ts';
import { cloneDatabase, document, insert, signIn } from './test-server.ts';

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

describe('the demo company', () => {
  test('is told once, to its end also when the first telling was cut off, and never into other work', async () => {
    vi.stubEnv('DATABASE_URL', await cloneDatabase());
    vi.stubEnv('PORT', '0');
    const folder = newFolder();
    const note = join(folder, 'demo-begun');
    const desk = await startDesk(folder);
    try {
      const { epoch } = await feedHead(desk.server.db);
      const broker = await signIn(desk.server);
      const { w: _, ...fields } = minimalDocument(partyNoun, 'p-own');
      await broker.push('parties', [insert(document('p-own', fields))]);
      expect(await seedDemo(desk.server, folder)).toBe(0);
      writeFileSync(note, 'the epoch of another database');
      expect(await seedDemo(desk.server, folder)).toBe(0);

      writeFileSync(note, epoch);
      expect(await seedDemo(desk.server, folder)).toBeGreaterThan(100);
      expect(existsSync(note)).toBe(false);
      const { seq } = await feedHead(desk.server.db);
      expect(await seedDemo(desk.server, folder)).toBe(0);
      expect((await feedHead(desk.server.db)).seq).toBe(seq);
    } finally {
      await desk.stop();
    }
  });

  test('that cannot be told leaves the note for the next start', async () => {
    vi.stubEnv('DATABASE_URL', await cloneDatabase());
    vi.stubEnv('PORT', '0');
    const folder = newFolder();
    const desk = await startDesk(folder);
    const { epoch } = await feedHead(desk.server.db);
    const unreachable = { ...desk.server, url: 'http://127.0.0.1:1' };
    await expect(seedDemo(unreachable, folder)).rejects.toThrow('fetch failed');
    expect(readFileSync(join(folder, 'demo-begun'), 'utf8')).toBe(epoch);
    await desk.stop();
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
