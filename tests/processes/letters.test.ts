/** Letters outlive the process that was asked for them: it is killed, and another one sends them. */
import { once } from 'node:events';
import { type AddressInfo, type Server as TcpServer, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '../../sync-server/db/database.ts';
import { type PostBox, linkIn, openPostBox } from '../sync-server/post-box.ts';
import { until } from '../sync-server/test-server.ts';
import { Cluster, ServerProcess, prepareCompany, removeFolder, tempFolder } from './company.ts';

const folder = tempFolder('letters');
let cluster: Cluster;
let db: Database;
let box: PostBox;
const running: ServerProcess[] = [];
beforeAll(async () => {
  cluster = await Cluster.open(`${folder}/postgres`);
  db = await prepareCompany(cluster.postgres.url);
  box = await openPostBox();
});
afterAll(async () => {
  for (const server of running) await server.kill();
  await box.close();
  await db.close();
  await cluster.close();
  removeFolder(folder);
});
beforeEach(() => {
  box.refuse(false);
  box.letters.length = 0;
});

const start = async (smtpUrl: string): Promise<ServerProcess> => {
  const server = await ServerProcess.open(cluster.postgres.url, 'off', {
    DROVER_SMTP_URL: smtpUrl,
    DROVER_MAIL_FROM: 'Drover <drover@example.com>',
    DROVER_PUBLIC_URL: 'https://desk.example.com',
  });
  running.push(server);
  return server;
};
const post = (server: ServerProcess, path: string, body: unknown): Promise<Response> =>
  fetch(server.url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const stored = (): Promise<{ tries: number; text: string }[]> => db.rows({ text: 'select tries, l::text as text from letters l' });
async function expectItsLinkWorks(server: ServerProcess, email: string): Promise<void> {
  await until(() => box.letters.length > 0, 'the letter');
  expect(box.letters.map(({ to }) => to)).toEqual([[email]]);
  const [, token] = linkIn(box.letters[0] ?? { to: [], headers: '', text: '' }).split('#');
  expect(await (await post(server, '/auth/link', { token })).json()).toMatchObject({ purpose: 'password_reset', email });
  await until(async () => (await stored()).length === 0, 'it is removed');
}

test('a letter that the mail server refused arrives after its process was killed and another one was started', async () => {
  const first = await start(box.url);
  box.refuse(true);
  expect((await post(first, '/auth/reset-request', { email: 'field@drover.example' })).status).toBe(200);
  await until(async () => (await stored())[0]?.tries === 1, 'the first try');
  await first.kill();
  // Whoever reads the database cannot use it, nor see to whom it goes.
  expect((await stored())[0]?.text).not.toMatch(/set-password|field@drover|Hello/);
  box.refuse(false);
  await sleep(1_000);
  expect(box.letters).toEqual([]);
  const second = await start(box.url);
  await expectItsLinkWorks(second, 'field@drover.example');
  await second.kill();
});

/** A mail server that takes connections and never says a word. */
async function openSilence(): Promise<{ url: string; taken: () => number; close: () => void }> {
  let taken = 0;
  const server: TcpServer = createServer((socket) => {
    taken += 1;
    // Reset when the process is killed.
    socket.on('error', () => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, taken: () => taken, close: () => void server.close() };
}

test('a letter that a process is about to send is left to it, and sent by another as soon as it is killed', async () => {
  const silence = await openSilence();
  const first = await start(silence.url);
  expect((await post(first, '/auth/reset-request', { email: 'accounting@drover.example' })).status).toBe(200);
  await until(() => silence.taken() > 0, 'it is being sent');
  const second = await start(box.url);
  await sleep(3_000);
  expect(box.letters).toEqual([]);
  await first.kill();
  await expectItsLinkWorks(second, 'accounting@drover.example');
  await second.kill();
  silence.close();
});
