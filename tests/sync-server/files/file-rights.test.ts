import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Server } from '../../../sync-server/server.ts';
import { plainRoles, put, withClosedFence } from '../access/rights-kit.ts';
import { type Client, change, openTestServer, signIn } from '../test-server.ts';
import { download, missing, pdf, recordOf, sendAll, sendPart, state } from './file-kit.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'drover-test-file-rights-'));
let server: Server;
let accounting: Client;
let broker: Client;
beforeAll(async () => {
  server = await openTestServer({ files: { driver: 'folder', folder } });
  await plainRoles(server);
  accounting = await signIn(server, 'accounting', 'device-1');
  broker = await signIn(server, 'broker', 'device-2');
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
const ours = (): { deskId: string; ownerId: string } => ({ deskId: broker.login.user.deskId, ownerId: broker.login.user.id });
const theirs = { deskId: 'another-desk', ownerId: 'somebody-else' };
const admin = (): Promise<Client> => signIn(server, 'admin', 'device-3');

describe('the files of records that a person may not see', () => {
  it('[SYN-7] are not there for that person, whichever way one asks', async () => {
    const boss = await admin();
    const file = await recordOf(boss, pdf(), theirs);
    await sendAll(boss, file);
    expect((await download(boss, file)).status).toBe(200);
    const answer = await download(broker, file);
    expect([answer.status, (await answer.json()) as unknown]).toMatchObject([404, { code: 'file_not_found' }]);
    expect(await state(broker, file)).toMatchObject({ status: 404, body: { code: 'file_not_found' } });
    expect(await sendPart(broker, file, 0, file.bytes)).toMatchObject({ status: 404 });
    expect(await missing(broker, [file.id])).toEqual([]);
  });

  it('[SYN-7] stand behind the second fence, whatever the first one says', async () => {
    const boss = await admin();
    const secret = pdf();
    const file = await recordOf(boss, secret, theirs);
    await sendAll(boss, file);
    const same = await recordOf(boss, secret, theirs);
    await withClosedFence(server, 'attachments', async () => {
      expect((await download(boss, file)).status).toBe(404);
      expect(await state(boss, file)).toMatchObject({ status: 404 });
      expect(await missing(boss, [same.id])).toEqual([]);
    });
    expect((await download(boss, file)).status).toBe(200);
    // Whoever reads one record that shows a content need not send it for another.
    expect(await state(boss, same)).toMatchObject({ body: { complete: true } });
  });

  it('[SYN-7] are not got by naming their hash in a record of one’s own', async () => {
    const boss = await admin();
    const secret = pdf(4000);
    const file = await recordOf(boss, secret, theirs);
    await sendAll(boss, file);
    const guess = await recordOf(broker, secret, ours());
    expect(await state(broker, guess)).toEqual({ status: 200, body: { received: 0, complete: false } });
    expect((await download(broker, guess)).status).toBe(404);
    expect(await sendAll(broker, guess)).toMatchObject({ body: { complete: true } });
    expect((await download(broker, guess)).status).toBe(200);
  });

  it('[SYN-7] go at once when the record leaves the scope or the person leaves the desk, and come back with it', async () => {
    const boss = await admin();
    const file = await recordOf(boss, pdf(), ours());
    await sendAll(boss, file);
    expect((await download(broker, file)).status).toBe(200);
    const away = change(file.stored, theirs);
    expect(await boss.push('attachments', [away])).toEqual([]);
    expect((await download(broker, file)).status).toBe(404);
    const back = change(away.newDocumentState, { ...ours(), ownerId: 'somebody-else' });
    expect(await boss.push('attachments', [back])).toEqual([]);
    expect((await download(broker, file)).status).toBe(200);
    await put(server, 'broker', { desks: ['a-third-desk'] });
    expect((await download(broker, file)).status).toBe(404);
    await put(server, 'broker', { desks: [broker.login.user.deskId] });
    expect((await download(broker, file)).status).toBe(200);
  });

  it('[SYN-7] who may read a record but not write it gets its file and sends none', async () => {
    const boss = await admin();
    const [sent, unsent] = [await recordOf(boss, pdf(), theirs), await recordOf(boss, pdf(), theirs)];
    await sendAll(boss, sent);
    await put(server, 'accounting', { role: 'read_only' });
    expect((await download(accounting, sent)).status).toBe(200);
    expect(await state(accounting, unsent)).toMatchObject({ status: 404 });
    expect(await sendPart(accounting, unsent, 0, unsent.bytes)).toMatchObject({ status: 404, body: { code: 'file_not_found' } });
  });
});
