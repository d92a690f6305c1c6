import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Postgres, startPostgres } from '../../../../build/postgres.ts';
import { attachmentNoun } from '../../../../domain/attachment/attachment.rules.ts';
import type { Attachment } from '../../../../domain/attachment/attachment.entity.ts';
import type { AnyDocument } from '../../../../domain/entity/entity.ts';
import { plain, storedStates } from '../../../../renderer/data/commit.ts';
import type { Desk } from '../../../../renderer/data/desk.ts';
import { addFile, replaceFile } from '../../../../renderer/data/files/add-file.ts';
import { dropHeld, heldContent } from '../../../../renderer/data/files/held-files.ts';
import { listUploads } from '../../../../renderer/data/files/uploads.ts';
import { hashPassword } from '../../../../sync-server/auth/password.ts';
import { type Database, openDatabase } from '../../../../sync-server/db/database.ts';
import { DEMO_PASSWORD, createDemoAccounts } from '../../../../sync-server/db/demo-accounts.ts';
import { folderStore } from '../../../../sync-server/files/folder-store.ts';
import { openLog } from '../../../../sync-server/log.ts';
import { type Server, startServer } from '../../../../sync-server/server.ts';
import { bytesOf, chosen, owner, submitOn } from '../../data/files/file-kit.ts';
import { freshDesk, until } from '../../data/desk-kit.ts';
import { type Device, closeDevice, deviceOn, idle, phase, run } from '../device-kit.ts';
import { type Line, openLine } from './cutting-proxy.ts';

const nouns = [attachmentNoun];
const folder = mkdtempSync(path.join(tmpdir(), 'drover-test-uploads-'));
chmodSync(folder, 0o755);
const files = path.join(folder, 'files');
const ends: (() => Promise<unknown>)[] = [];
let postgres: Postgres;
let server: Server;
let db: Database;
let port = 0;

const serve = async (): Promise<void> => {
  server = await startServer({ databaseUrl: postgres.url, port, log: openLog('silent'), files: { driver: 'folder', folder: files } });
  port = Number(new URL(server.url).port);
};
beforeAll(async () => {
  postgres = await startPostgres({ folder: path.join(folder, 'postgres'), fast: true, temporary: true });
  await serve();
  db = openDatabase({ url: postgres.url, connections: 1 });
  await createDemoAccounts(db, hashPassword, undefined);
}, 60_000);
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(async () => {
  await server.close();
  await db.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

const device = async (url = server.url, desk?: Desk): Promise<Device> => {
  const made = await deviceOn(desk ?? (await freshDesk({ nouns })), url, DEMO_PASSWORD);
  ends.push(() => closeDevice(made));
  return made;
};
const line = async (): Promise<Line> => {
  const made = await openLine(server.url);
  ends.push(() => made.close());
  return made;
};
type Shown = Attachment & AnyDocument;
const recordOf = async ({ desk }: Device, id: string): Promise<Shown> => {
  const state = (await storedStates(desk, 'attachments', [id])).get(id);
  if (!state) throw new Error(`${id} is not on this device`);
  return plain(state) as Shown;
};
const add = async (one: Device, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> => {
  const result = await addFile(one.desk, submitOn(one.desk), chosen(name, bytes), owner);
  if (!result.ok) throw new Error(result.message);
  return result.id;
};
const sent = (one: Device): Promise<void> => until('all files are sent', async () => (await one.desk.local.uploads.count()) === 0, 20_000);
const has = async (one: Device, id: string): Promise<void> =>
  until(`${id} has come`, async () => (await storedStates(one.desk, 'attachments', [id])).has(id));
const fetched = async (one: Device, id: string): Promise<Uint8Array> => {
  await has(one, id);
  const answer = await one.sync.fetchFile(await recordOf(one, id));
  if (!answer.ok) throw new Error(answer.message);
  return new Uint8Array(await answer.content.arrayBuffer());
};
const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(b);

describe('files that wait', () => {
  it('go when the server comes, and another device gets what was added, bit for bit', async () => {
    const [a, b] = [await device(), await device()];
    await a.sync.setForcedOffline(true);
    const bytes = bytesOf('pdf', 9_000_000);
    const id = await add(a, 'BOL.pdf', bytes);
    await until('it is shown as waiting', () => a.sync.state.get().files.count === 1);
    expect(a.sync.state.get().files).toEqual({ count: 1, bytes: 9_000_000, refused: 0 });
    await a.sync.setForcedOffline(false);
    await sent(a);
    expect(isSame(await fetched(b, id), bytes)).toBe(true);
    expect(await heldContent(b.desk.local, (await recordOf(b, id)).sha256)).toBeDefined();
    await until('nothing waits', () => a.sync.state.get().files.count === 0);
  });

  it('go on after the line was cut within a part, without sending again what came through', async () => {
    const cable = await line();
    const a = await device(cable.url);
    await phase(a, 'live');
    const bytes = bytesOf('pdf', 20_000_000);
    cable.cutAfter(14_000_000);
    const before = cable.sent();
    const id = await add(a, 'audit.pdf', bytes);
    await sent(a);
    // 20 MB once, and at most one part of 4 MB again, beside the small talk.
    expect(cable.sent() - before).toBeGreaterThan(20_000_000);
    expect(cable.sent() - before).toBeLessThan(24_800_000);
    expect(isSame(await fetched(await device(), id), bytes)).toBe(true);
  });

  it('[SYN-12] go on after the window was closed in the middle, and after the server was', async () => {
    const cable = await line();
    const first = await deviceOn(await freshDesk({ nouns }), cable.url, DEMO_PASSWORD);
    await phase(first, 'live');
    const bytes = bytesOf('pdf', 20_000_000);
    const id = await add(first, 'long.pdf', bytes);
    await until('a part is sent', async () => ((await listUploads(first.desk.local))[0]?.sent ?? 0) > 0, 20_000);
    await closeDevice(first);
    await server.close();
    await serve();
    const upTo = cable.sent();
    const again = await device(cable.url, await freshDesk({ nouns, name: first.desk.name }));
    await sent(again);
    expect(cable.sent() - upTo).toBeLessThan(17_000_000);
    expect(isSame(await fetched(await device(), id), bytes)).toBe(true);
  });

  it('are not sent twice when another record of the company names the same content', async () => {
    const bytes = bytesOf('pdf', 6_000_000);
    const a = await device();
    const first = await add(a, 'spec.pdf', bytes);
    await sent(a);
    const cable = await line();
    const b = await device(cable.url);
    await has(b, first);
    const before = cable.sent();
    const second = await add(b, 'copy of spec.pdf', bytes);
    await sent(b);
    expect(cable.sent() - before).toBeLessThan(200_000);
    expect(isSame(await fetched(await device(), second), bytes)).toBe(true);
  });

  it('are shown with the reason and the ways out when the server refuses them; a replacement goes', async () => {
    const a = await device();
    const id = await add(a, 'scan.pdf', bytesOf('pdf', 1000));
    await sent(a);
    // What this window let pass and the server does not: the copy is spoiled after it was judged.
    await a.sync.setForcedOffline(true);
    const spoiled = await add(a, 'spoiled.pdf', bytesOf('pdf', 1000));
    const { sha256 } = await recordOf(a, spoiled);
    await a.desk.local.contents.put({ sha256, content: new Blob([bytesOf('pdf', 1000)]) });
    await a.sync.setForcedOffline(false);
    await until('it is refused', () => a.sync.state.get().files.refused === 1);
    expect(await listUploads(a.desk.local)).toMatchObject([{ recordId: spoiled, state: 'refused', code: 'damaged' }]);
    const bytes = bytesOf('jpg', 2000);
    expect(await replaceFile(a.desk, submitOn(a.desk), chosen('good.jpg', bytes), spoiled)).toMatchObject({ ok: true });
    await sent(a);
    expect(isSame(await fetched(await device(), spoiled), bytes)).toBe(true);
    expect(id).not.toBe(spoiled);
  });

  it('wait for their record, which may be refused', async () => {
    const a = await device();
    await idle(a);
    const id = await add(a, 'a.pdf', bytesOf('pdf', 1000));
    await sent(a);
    const { sha256 } = await recordOf(a, id);
    await db.rows({ text: 'delete from attachments where id = $1', values: [id] });
    await a.desk.local.uploads.put({
      recordId: id,
      sha256,
      name: 'a.pdf',
      size: 1000,
      sent: 0,
      state: 'waiting',
      addedAt: '',
      tries: 0,
      nextAt: 0,
    });
    await until('it says what it waits for', async () => ((await listUploads(a.desk.local))[0]?.problem ?? '').includes('inbox'));
    expect(await listUploads(a.desk.local)).toMatchObject([{ state: 'waiting', code: 'file_not_found' }]);
  });

  it('[SYN-11] are offered again when the server lost what it had', async () => {
    const a = await device();
    const bytes = bytesOf('pdf', 50_000);
    const id = await add(a, 'kept.pdf', bytes);
    await sent(a);
    const { sha256 } = await recordOf(a, id);
    await db.rows({ text: 'delete from file_contents where sha256 = $1', values: [sha256] });
    await folderStore(files).remove(sha256);
    await a.sync.setForcedOffline(true);
    await a.sync.setForcedOffline(false);
    const b = await device();
    await has(b, id);
    await until('it is there again', async () => (await b.sync.fetchFile(await recordOf(b, id))).ok);
    expect(isSame(await fetched(b, id), bytes)).toBe(true);
  });
});

describe('fetching a file', () => {
  it('offline says that it is not here, and opens what is', async () => {
    const [a, b] = [await device(), await device()];
    const [one, two] = [await add(a, 'one.pdf', bytesOf('pdf', 3000)), await add(a, 'two.pdf', bytesOf('pdf', 3000))];
    await sent(a);
    await fetched(b, one);
    await has(b, two);
    const down = server;
    await down.close();
    try {
      expect(await b.sync.fetchFile(await recordOf(b, one))).toMatchObject({ ok: true });
      const away = await b.sync.fetchFile(await recordOf(b, two));
      expect(away).toMatchObject({ ok: false, code: 'not_here' });
      expect(away.ok ? '' : away.message).toMatch(/two\.pdf.*not on this device.*online again/);
    } finally {
      await serve();
    }
  });

  it('says that the device that added it has not sent it yet', async () => {
    const [a, b] = [await device(), await device()];
    await a.sync.setForcedOffline(true);
    const id = await add(a, 'late.pdf', bytesOf('pdf', 3000));
    const { sha256 } = await recordOf(a, id);
    await dropHeld(a.desk.local, [sha256]);
    await a.sync.setForcedOffline(false);
    await has(b, id);
    const answer = await b.sync.fetchFile(await recordOf(b, id));
    expect(answer).toMatchObject({ ok: false, code: 'file_not_sent' });
    expect(answer.ok ? '' : answer.message).toContain('has not been sent yet');
    await run(a, 'attachments', 'delete', id);
  });

  it('goes on where the line broke', async () => {
    const bytes = bytesOf('pdf', 8_000_000);
    const a = await device();
    const id = await add(a, 'big.pdf', bytes);
    await sent(a);
    const cable = await line();
    const b = await device(cable.url);
    await has(b, id);
    const record = await recordOf(b, id);
    let cut = false;
    const answer = await b.sync.fetchFile(record, (received) => {
      if (cut || received < 1_000_000) return;
      cut = true;
      cable.cutNow();
    });
    expect(cut).toBe(true);
    expect(answer).toMatchObject({ ok: true });
    expect(answer.ok && isSame(new Uint8Array(await answer.content.arrayBuffer()), bytes)).toBe(true);
  });

  it('throws away a damaged copy and fetches it again; one that is damaged on the server is never shown', async () => {
    const [a, b] = [await device(), await device()];
    const bytes = bytesOf('pdf', 3000);
    const id = await add(a, 'a.pdf', bytes);
    await sent(a);
    await fetched(b, id);
    const { sha256 } = await recordOf(b, id);
    await b.desk.local.contents.put({ sha256, content: new Blob([bytesOf('pdf', 3000)]) });
    expect(isSame(await fetched(b, id), bytes)).toBe(true);
    const incoming = await folderStore(files).begin(sha256);
    await incoming.write(bytesOf('pdf', 3000));
    await incoming.commit();
    await dropHeld(b.desk.local, [sha256]);
    expect(await b.sync.fetchFile(await recordOf(b, id))).toMatchObject({ ok: false, code: 'damaged' });
    expect(await heldContent(b.desk.local, sha256)).toBeUndefined();
  });
});
