import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type AnchorPlace, anchorPlaceFrom, openAnchorsAway } from '../../../sync-server/audit/anchors-away.ts';
import { type Anchor, noteAnchor, readAnchors } from '../../../sync-server/audit/seal-key.ts';
import { settingsFrom } from '../../../sync-server/server.ts';
import { openPostBox } from '../post-box.ts';

const root = mkdtempSync(path.join(tmpdir(), 'drover-anchors-'));
let folders = 0;
const newFolder = (): string => {
  const folder = path.join(root, String((folders += 1)));
  mkdirSync(folder);
  return folder;
};
afterAll(() => rmSync(root, { recursive: true, force: true }));
const anchor = (block: number, day: number, restarted?: string): Anchor => ({
  block,
  hash: String(block).padStart(64, '0'),
  at: new Date(Date.UTC(2026, 4, day, 12)).toISOString(),
  ...(restarted === undefined ? {} : { restarted }),
});
/** A sender over a folder of a key, by a clock that stands where the test puts it. */
function sender(place: AnchorPlace, mail?: { smtpUrl: string; from: string }) {
  const folder = newFolder();
  let today = new Date(Date.UTC(2026, 4, 1, 13));
  const open = () => openAnchorsAway({ folder, place, mail }, () => today);
  return { folder, open, away: open(), on: (day: number) => void (today = new Date(Date.UTC(2026, 4, day, 13))) };
}

describe('anchors that are kept elsewhere', () => {
  test('come to a folder once a day, each once, with the first of every day and every restart', async () => {
    const elsewhere = newFolder();
    const { folder, away, open, on } = sender({ kind: 'folder', folder: elsewhere });
    await away.send();
    expect(away.state()).toEqual({ place: 'folder', sentAt: null, problem: null });
    expect(() => readAnchors(elsewhere)).toThrow('No anchor was sent');
    for (const one of [anchor(1, 1), anchor(2, 1)]) await noteAnchor(folder, one);
    await away.send();
    expect(readAnchors(elsewhere)).toEqual([anchor(1, 1), anchor(2, 1)]);
    await noteAnchor(folder, anchor(3, 1));
    // Another process of the same day, or the same one after a restart.
    await open().send();
    expect(readAnchors(elsewhere)).toHaveLength(2);
    on(2);
    for (const one of [anchor(4, 2), anchor(5, 2)]) await noteAnchor(folder, one);
    await away.send();
    expect(readAnchors(elsewhere)).toEqual([1, 2, 4, 5].map((block) => anchor(block, block < 3 ? 1 : 2)));
    expect(open().state()).toEqual({ place: 'folder', sentAt: '2026-05-02T13:00:00.000Z', problem: null });
    on(3);
    await noteAnchor(folder, anchor(3, 3, 'backup of Monday'));
    await away.send();
    // What a restart gave up is not asked of the database any more.
    expect(readAnchors(elsewhere).map(({ block }) => block)).toEqual([1, 2, 3]);
  });

  test('say why they could not go, and go when they can: a folder that is not there is not made', async () => {
    const gone = path.join(root, 'not-mounted');
    const { folder, away } = sender({ kind: 'folder', folder: gone });
    await noteAnchor(folder, anchor(1, 1));
    await expect(away.send()).rejects.toThrow('Is its disk mounted?');
    expect(away.state()).toMatchObject({ sentAt: null, problem: expect.stringContaining(gone) });
    mkdirSync(gone);
    await away.send();
    expect(away.state().problem).toBeNull();
    expect(readFileSync(path.join(gone, 'anchors.jsonl'), 'utf8')).toBe(`${JSON.stringify(anchor(1, 1))}\n`);
    rmSync(gone, { recursive: true });
  });

  test('go by mail as a line that verifying takes from a file', async () => {
    const box = await openPostBox();
    const { folder, away, on } = sender({ kind: 'mail', to: 'auditor@example.com' }, { smtpUrl: box.url, from: 'drover@example.com' });
    for (const one of [anchor(1, 1), anchor(2, 1)]) await noteAnchor(folder, one);
    box.refuse(true);
    await expect(away.send()).rejects.toThrow('not sent away');
    box.refuse(false);
    await away.send();
    await away.send();
    expect(box.letters.map(({ to }) => to)).toEqual([['auditor@example.com']]);
    const line = box.letters[0]?.text.split(/\r?\n/).find((one) => one.startsWith('{')) ?? '';
    const file = path.join(newFolder(), 'letter.json');
    writeFileSync(file, line);
    expect(readAnchors(file)).toEqual([anchor(2, 1)]);
    on(2);
    await away.send();
    expect(box.letters).toHaveLength(2);
    await box.close();
  });

  test('are set by a folder or an address, and by nothing that would protect nobody', () => {
    const from = (text: string) => anchorPlaceFrom({ DROVER_ANCHORS: text }, '/srv/seal');
    expect(from('')).toBeUndefined();
    expect(from('/mnt/elsewhere')).toEqual({ kind: 'folder', folder: '/mnt/elsewhere' });
    expect(from('mailto:auditor@example.com')).toEqual({ kind: 'mail', to: 'auditor@example.com' });
    expect(() => from('/srv/seal/')).toThrow('away from the folder of the key');
    for (const text of ['s3://bucket', 'mailto:a@b.example,c@d.example', 'mailto:nobody'])
      expect(() => from(text)).toThrow('DROVER_ANCHORS must be');
    const base = { DATABASE_URL: 'postgres://x', DROVER_ANCHORS: 'mailto:auditor@example.com' };
    expect(() => settingsFrom(base)).toThrow('DROVER_SMTP_URL');
    expect(settingsFrom({ ...base, DROVER_ANCHORS: '/mnt/elsewhere' }).audit).toMatchObject({ anchors: { kind: 'folder' } });
  });
});
