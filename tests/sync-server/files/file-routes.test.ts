import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sweepFiles } from '../../../sync-server/files/file-sweep.ts';
import { folderStore } from '../../../sync-server/files/folder-store.ts';
import { openLog } from '../../../sync-server/log.ts';
import type { Server } from '../../../sync-server/server.ts';
import { type Client, change, databaseUrl, openTestServer, signIn } from '../test-server.ts';
import { startS3 } from './s3-server.ts';
import { type Named, download, hashOf, missing, pdf, recordOf, sendAll, sendPart, state } from './file-kit.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'drover-test-file-routes-'));
let server: Server;
let broker: Client;
let field: Client;
beforeAll(async () => {
  server = await openTestServer({ files: { driver: 'folder', folder } });
  broker = await signIn(server, 'broker', 'device-1');
  field = await signIn(server, 'field', 'device-2');
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const content = async (client: Client, file: Pick<Named, 'id' | 'sha256'>): Promise<Buffer> =>
  Buffer.from(await (await download(client, file)).arrayBuffer());
const isKept = async (sha256: string): Promise<boolean> => {
  const found = await folderStore(folder).read(sha256, 0, 0);
  found?.destroy();
  return found !== undefined;
};
const partFolders = (): string[] => readdirSync(path.join(folder, 'parts'));
const logged = (sha256: string): Promise<{ what: string; code: string | null; size: number; actor: string; device: string }[]> =>
  server.db.rows({ text: 'select what, code, size, actor, device from file_log where sha256 = $1 order by number', values: [sha256] });

describe('sending a file', () => {
  it('takes it in parts, checks it, and hands it to whoever may read the record; who sent what is written down', async () => {
    const file = await recordOf(broker, pdf(350_000));
    expect(await state(broker, file)).toMatchObject({ status: 200, body: { received: 0, complete: false } });
    expect(await sendPart(broker, file, 0, file.bytes.subarray(0, 200_000))).toMatchObject({
      body: { received: 200_000, complete: false },
    });
    expect((await download(field, file)).status).toBe(404);
    expect(await sendPart(broker, file, 200_000, file.bytes.subarray(200_000))).toMatchObject({
      body: { received: 350_000, complete: true },
    });
    expect((await content(field, file)).equals(file.bytes)).toBe(true);
    expect(await logged(file.sha256)).toEqual([
      { what: 'stored', code: null, size: 350_000, actor: broker.login.user.id, device: 'device-1' },
    ]);
    expect(await state(broker, file)).toMatchObject({ body: { complete: true } });
    expect(partFolders()).toEqual([]);
  });

  it('goes on after a cut in the middle of a part: half a part counts for nothing, whole ones are kept', async () => {
    const file = await recordOf(broker, pdf(300_000));
    await sendPart(broker, file, 0, file.bytes.subarray(0, 100_000));
    await new Promise<void>((done) => {
      const url = new URL(`${broker.url}/files/${file.id}/${file.sha256}/upload?from=100000`);
      const cut = httpRequest(url, {
        method: 'PATCH',
        headers: { ...broker.headers, 'content-type': 'application/octet-stream', 'content-length': 200_000 },
      });
      cut.on('error', () => done());
      cut.write(file.bytes.subarray(100_000, 180_000), () => cut.destroy(new Error('cable out')));
    });
    expect(await state(broker, file)).toMatchObject({ body: { received: 100_000, complete: false } });
    expect(await sendPart(broker, file, 100_000, file.bytes.subarray(100_000))).toMatchObject({ body: { complete: true } });
    expect((await content(broker, file)).equals(file.bytes)).toBe(true);
  });

  it('goes on in another server process', async () => {
    const file = await recordOf(broker, pdf(200_000));
    await sendPart(broker, file, 0, file.bytes.subarray(0, 100_000));
    const [database] = await server.db.rows<{ name: string }>({ text: 'select current_database() as name' });
    const other = await openTestServer({ files: { driver: 'folder', folder }, databaseUrl: databaseUrl(database?.name ?? '') });
    try {
      const again = await signIn(other, 'broker', 'device-1');
      expect(await state(again, file)).toMatchObject({ body: { received: 100_000 } });
      expect(await sendPart(again, file, 100_000, file.bytes.subarray(100_000))).toMatchObject({ body: { complete: true } });
    } finally {
      await other.close();
    }
    expect((await content(broker, file)).equals(file.bytes)).toBe(true);
  });

  it('says where to go on when a part does not fit, such as one that is sent twice', async () => {
    const file = await recordOf(broker, pdf(300_000));
    const first = file.bytes.subarray(0, 100_000);
    await sendPart(broker, file, 0, first);
    expect(await sendPart(broker, file, 0, first)).toMatchObject({ status: 409, body: { code: 'wrong_offset', received: 100_000 } });
    expect(await sendPart(broker, file, 200_000, first)).toMatchObject({ status: 409, body: { received: 100_000 } });
    expect(await sendPart(broker, file, 100_000, file.bytes.subarray(100_000))).toMatchObject({ body: { complete: true } });
  });

  it('keeps one content when the same file is sent by many at once, also over the same record', async () => {
    const bytes = pdf(400_000);
    const files = await Promise.all([recordOf(broker, bytes), recordOf(field, bytes), recordOf(broker, bytes)]);
    const ends = await Promise.all(
      files.flatMap((file, i) => {
        const client = i === 1 ? field : broker;
        return [sendAll(client, file, 400_000), sendAll(client, file, 400_000)];
      }),
    );
    for (const { status, body } of ends) expect(status === 200 || (status === 409 && body.code === 'wrong_offset')).toBe(true);
    for (const file of files) {
      expect(await state(broker, file)).toMatchObject({ body: { complete: true } });
      expect((await content(field, file)).equals(bytes)).toBe(true);
    }
    expect(partFolders()).toEqual([]);
  });

  it('looks at an upload again whose process ended before it could', async () => {
    const file = await recordOf(broker, pdf(1000));
    const id = randomUUID();
    const store = folderStore(folder);
    await store.putPart(
      id,
      'all',
      (async function* () {
        yield file.bytes;
      })(),
    );
    await server.db.rows({
      text: `insert into file_uploads (id, record_id, sha256, account_id, size, received, parts) values ($1, $2, $3, $4, 1000, 1000, '{all}')`,
      values: [id, file.id, file.sha256, broker.login.user.id],
    });
    expect(await state(broker, file)).toMatchObject({ body: { complete: true } });
    expect((await content(broker, file)).equals(file.bytes)).toBe(true);
  });

  it('begins anew when the parts are gone from the file store', async () => {
    const file = await recordOf(broker, pdf(200_000));
    await sendPart(broker, file, 0, file.bytes.subarray(0, 100_000));
    for (const upload of partFolders()) rmSync(path.join(folder, 'parts', upload), { recursive: true });
    expect(await sendPart(broker, file, 100_000, file.bytes.subarray(100_000))).toMatchObject({ body: { received: 0, complete: false } });
    expect(await sendAll(broker, file)).toMatchObject({ body: { complete: true } });
  });
});

describe('what is refused', () => {
  it('a content that is not the one the record names, with nothing kept of it', async () => {
    const file = await recordOf(broker, pdf(1000));
    expect(await sendPart(broker, file, 0, pdf(1000))).toMatchObject({ status: 422, body: { code: 'wrong_hash' } });
    expect(await state(broker, file)).toMatchObject({ body: { received: 0, complete: false } });
    expect(await logged(file.sha256)).toMatchObject([{ what: 'refused', code: 'wrong_hash', size: 1000, actor: broker.login.user.id }]);
    expect(partFolders()).toEqual([]);
  });

  it.each([
    ['a program', Buffer.concat([Buffer.from('MZ'), randomBytes(500)])],
    ['a page', Buffer.from('<!doctype html><script>alert(1)</script>')],
  ])('%s under the name of a PDF', async (_, bytes) => {
    const file = await recordOf(broker, bytes);
    expect(await sendAll(broker, file)).toMatchObject({ status: 422, body: { code: 'wrong_content' } });
    expect((await download(broker, file)).status).toBe(404);
    expect(await logged(file.sha256)).toMatchObject([{ what: 'refused', code: 'wrong_content' }]);
  });

  it('more bytes than the record says, and parts that are too large, empty or nowhere', async () => {
    const file = await recordOf(broker, pdf(1000));
    expect(await sendPart(broker, file, 0, randomBytes(1001))).toMatchObject({ status: 422, body: { code: 'wrong_size' } });
    expect(await sendPart(broker, file, 0, randomBytes(4 * 1024 * 1024 + 1))).toMatchObject({
      status: 413,
      body: { code: 'part_too_large' },
    });
    expect(await sendPart(broker, file, 0, Buffer.alloc(0))).toMatchObject({ status: 400, body: { code: 'bad_content_length' } });
    expect(await sendPart(broker, file, -1, randomBytes(1))).toMatchObject({ status: 400, body: { field: 'from' } });
  });

  it.each([
    ['text/html', 'x', 415],
    ['application/json', '{"a":1}', 415],
    ['application/json', '[]', 415],
    [undefined, undefined, 400],
  ])('a body that is not sent as bytes: %s %s', async (type, body, status) => {
    const file = await recordOf(broker, pdf(1000));
    const { authorization = '' } = broker.headers;
    const response = await fetch(`${broker.url}/files/${file.id}/${file.sha256}/upload?from=0`, {
      method: 'PATCH',
      headers: { authorization, ...(type === undefined ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { body }),
    });
    expect(response.status).toBe(status);
  });

  it.each(['%00', '%ff', 'a'.repeat(300), "x'; drop table attachments; --", '..%2f..'])('the record %s without a stir', async (record) => {
    for (const address of [`/files/${record}/${'a'.repeat(64)}`, `/files/${record}/${'a'.repeat(64)}/upload`]) {
      const { status } = await broker.get(address);
      expect([400, 404, 414]).toContain(status);
    }
    expect(await missing(broker, [decodeURIComponent(record.replace('%ff', '').replace('%00', '')).slice(0, 60) || 'x'])).toEqual([]);
  });

  it('too much at once from one account, with the time to wait', async () => {
    const account = field.login.user.id;
    await server.db.rows({
      text: `insert into file_uploads (id, record_id, sha256, account_id, size) select 'x' || n, 'x' || n, 'x', $1, 50000000 from generate_series(1, 11) n`,
      values: [account],
    });
    const file = await recordOf(field, pdf(1000));
    expect(await sendAll(field, file)).toMatchObject({ status: 429, body: { code: 'too_many_uploads' } });
    await server.db.rows({ text: `delete from file_uploads where sha256 = 'x'` });
    expect(await sendAll(field, file)).toMatchObject({ status: 200 });
  });
});

describe('who gets a file', () => {
  it('nobody without a sign-in, whatever they know', async () => {
    const file = await recordOf(broker, pdf());
    await sendAll(broker, file);
    const bare = { ...broker, headers: {} };
    expect((await download(bare, file)).status).toBe(401);
    expect((await state(bare, file)).status).toBe(401);
    expect((await sendPart(bare, file, 0, file.bytes)).status).toBe(401);
  });

  it('nobody by knowing a hash: a record that merely names it gives neither the content nor a sign that it exists', async () => {
    const secret = pdf(5000);
    const owner = await recordOf(broker, secret);
    await sendAll(broker, owner);
    // The owner's record disappears from what others may read, as a narrower right would have it.
    await broker.push('attachments', [change(owner.stored, { _deleted: true })]);
    const known = await recordOf(field, secret, { name: 'guess.pdf' });
    const unknown = await recordOf(field, pdf(5000), { name: 'guess.pdf' });
    for (const guess of [known, unknown]) {
      expect(await state(field, guess)).toEqual({ status: 200, body: { received: 0, complete: false } });
      const answer = await download(field, guess);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ code: 'file_not_sent' });
      expect(await missing(field, [guess.id])).toEqual([guess.id]);
    }
    // Only the content itself proves that somebody has it.
    expect(await sendAll(field, known)).toMatchObject({ body: { complete: true } });
    expect((await content(field, known)).equals(secret)).toBe(true);
  });

  it('spares the transfer of what the caller can read through another record', async () => {
    const bytes = pdf(5000);
    const first = await recordOf(broker, bytes);
    await sendAll(broker, first);
    const second = await recordOf(field, bytes, { name: 'copy.pdf' });
    expect(await state(field, second)).toMatchObject({ body: { received: 5000, complete: true } });
    expect((await content(field, second)).equals(bytes)).toBe(true);
    expect(await logged(first.sha256)).toMatchObject([{ what: 'stored' }, { what: 'linked', actor: field.login.user.id }]);
  });

  it.each([
    ['a record that is not there', (file: Named) => ({ id: randomUUID(), sha256: file.sha256 })],
    ['another hash than the record names', (file: Named) => ({ id: file.id, sha256: hashOf(randomBytes(4)) })],
    ['what is no hash', (file: Named) => ({ id: file.id, sha256: file.sha256.toUpperCase() })],
    ['a path', (file: Named) => ({ id: file.id, sha256: encodeURIComponent('../../../../etc/passwd') })],
    ['a path as a record', (file: Named) => ({ id: encodeURIComponent('../..'), sha256: file.sha256 })],
  ])('%s is not found', async (_, address) => {
    const file = await recordOf(broker, pdf());
    await sendAll(broker, file);
    const asked = address(file);
    const answer = await download(broker, asked);
    expect([answer.status, (await answer.json()) as unknown]).toMatchObject([404, { code: 'file_not_found' }]);
    expect(await state(broker, asked)).toMatchObject({ status: 404, body: { code: 'file_not_found' } });
    expect(await sendPart(broker, asked, 0, file.bytes)).toMatchObject({ status: 404 });
  });

  it('a record that is changed to name another file gives that one only once it was sent', async () => {
    const secret = await recordOf(broker, pdf());
    await sendAll(broker, secret);
    const own = await recordOf(field, pdf());
    await sendAll(field, own);
    await broker.push('attachments', [change(secret.stored, { _deleted: true })]);
    await field.push('attachments', [change(own.stored, { sha256: secret.sha256 })]);
    expect((await download(field, { id: own.id, sha256: secret.sha256 })).status).toBe(404);
    expect((await download(field, own)).status).toBe(404);
  });

  it('nobody from the trash, and everybody again after a restore', async () => {
    const file = await recordOf(broker, pdf());
    await sendAll(broker, file);
    const gone = change(file.stored, { _deleted: true });
    await broker.push('attachments', [gone]);
    expect((await download(broker, file)).status).toBe(404);
    await broker.push('attachments', [change(gone.newDocumentState, { _deleted: false })]);
    expect((await content(broker, file)).equals(file.bytes)).toBe(true);
  });
});

describe('how a file is handed out', () => {
  it('as a download that no browser runs, under its own name', async () => {
    const bytes = Buffer.from('<script>alert(1)</script>');
    const file = await recordOf(broker, bytes, { name: 'Zoë’s "list"; x=1.txt', mime: 'text/plain' });
    await sendAll(broker, file);
    const { headers, status } = await download(broker, file);
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/plain',
      'content-length': String(bytes.byteLength),
      'content-disposition': `attachment; filename="Zo__s _list__ x_1.txt"; filename*=UTF-8''Zo%C3%AB%E2%80%99s%20%22list%22%3B%20x%3D1.txt`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, no-store',
    });
  });

  it('in ranges, so that a broken download goes on', async () => {
    const file = await recordOf(broker, pdf(10_000));
    await sendAll(broker, file);
    const part = await download(broker, file, { range: 'bytes=100-199', 'if-range': `"${file.sha256}"` });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 100-199/10000']);
    expect(Buffer.from(await part.arrayBuffer()).equals(file.bytes.subarray(100, 200))).toBe(true);
    const other = await download(broker, file, { range: 'bytes=100-199', 'if-range': '"another"' });
    expect([other.status, (await other.arrayBuffer()).byteLength]).toEqual([200, 10_000]);
    const beyond = await download(broker, file, { range: 'bytes=10000-' });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10000']);
  });

  it('a content that vanished from the file store is asked for again', async () => {
    const file = await recordOf(broker, pdf());
    await sendAll(broker, file);
    expect(await missing(broker, [file.id])).toEqual([]);
    await folderStore(folder).remove(file.sha256);
    expect((await download(broker, file)).status).toBe(404);
    expect(await missing(broker, [file.id])).toEqual([file.id]);
    expect((await logged(file.sha256)).map(({ what }) => what)).toEqual(['stored', 'lost']);
    await sendAll(broker, file);
    expect((await content(broker, file)).equals(file.bytes)).toBe(true);
  });
});

describe('a server whose place for files cannot be used', () => {
  it('does not start, and says which setting to mend', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    const started = openTestServer({ files: { driver: 'folder', folder: path.join(folder, 'file', 'below') } });
    await expect(started).rejects.toMatchObject({ code: 'file_store_unavailable' });
    await expect(started).rejects.toThrow(/DROVER_FILES/);
  });
});

describe('with files in S3', () => {
  it('takes and hands out a file in the same way', async () => {
    const s3 = await startS3();
    const other = await openTestServer({ files: s3.settings });
    try {
      const client = await signIn(other);
      const file = await recordOf(client, pdf(9_000_000));
      expect(await sendAll(client, file, 4_000_000)).toMatchObject({ body: { complete: true } });
      const part = await download(client, file, { range: 'bytes=8999990-' });
      expect([part.status, Buffer.from(await part.arrayBuffer()).equals(file.bytes.subarray(-10))]).toEqual([206, true]);
    } finally {
      await other.close();
      await s3.stop();
    }
  });
  it('answers for a while without them: the file is kept on the device, and the log says what is wrong', async () => {
    const s3 = await startS3();
    const other = await openTestServer({ files: s3.settings });
    const client = await signIn(other);
    const file = await recordOf(client, pdf(1000));
    await s3.stop();
    expect(await sendAll(client, file)).toMatchObject({ status: 503, body: { code: 'file_store_unavailable' } });
    await other.close();
  });
});

describe('the sweep', () => {
  const DAY_MS = 86_400_000;
  const sweep = (days: number): Promise<number> =>
    sweepFiles({
      db: server.db,
      store: folderStore(folder),
      names: { collection: 'attachments', hashField: 'sha256' },
      now: () => new Date(Date.now() + days * DAY_MS),
      log: openLog('silent'),
    });

  it('removes a content 30 days after no record names it, and keeps what lies in the trash', async () => {
    const [named, trashed, replaced] = [await recordOf(broker, pdf()), await recordOf(broker, pdf()), await recordOf(broker, pdf())];
    for (const file of [named, trashed, replaced]) await sendAll(broker, file);
    await broker.push('attachments', [change(trashed.stored, { _deleted: true }), change(replaced.stored, { sha256: hashOf(pdf()) })]);
    const kept = async (): Promise<boolean[]> => Promise.all([named, trashed, replaced].map(({ sha256 }) => isKept(sha256)));
    await sweep(0);
    await sweep(29);
    expect(await kept()).toEqual([true, true, true]);
    await sweep(31);
    expect(await kept()).toEqual([true, true, false]);
    expect((await logged(replaced.sha256)).map(({ what }) => what)).toEqual(['stored', 'collected']);
  });

  it('starts counting anew when a record names it again in between', async () => {
    const file = await recordOf(broker, pdf());
    await sendAll(broker, file);
    const away = change(file.stored, { sha256: hashOf(pdf()) });
    await broker.push('attachments', [away]);
    await sweep(0);
    await broker.push('attachments', [change(away.newDocumentState, { sha256: file.sha256 })]);
    await sweep(40);
    expect((await content(broker, file)).equals(file.bytes)).toBe(true);
  });

  it('drops an upload that nobody went on with for a week', async () => {
    const file = await recordOf(broker, pdf(2000));
    await sendPart(broker, file, 0, file.bytes.subarray(0, 1000));
    await sweep(6);
    expect(await state(broker, file)).toMatchObject({ body: { received: 1000 } });
    await sweep(8);
    expect(await state(broker, file)).toMatchObject({ body: { received: 0 } });
    expect(partFolders()).toEqual([]);
  });
});
