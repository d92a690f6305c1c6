/** The published client of RxDB Server, with the RxDB it was built for, against our endpoints: the peer for conformance. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { partyNoun } from '../../../domain/party/party.rules.ts';
import type { WireDocument } from '../../../domain/protocol/protocol.ts';
import type { Server } from '../../../sync-server/server.ts';
import { minimalDocument } from '../../domain/sample.ts';
import { document, insert, openTestServer, signIn, until } from '../test-server.ts';

type Doc = Record<string, unknown> & { readonly id: string };
interface Peer {
  ask<Answer>(command: Readonly<Record<string, unknown>>): Promise<Answer>;
  parties(): Promise<Doc[]>;
}

let server: Server;
const children: ChildProcess[] = [];
beforeAll(async () => {
  server = await openTestServer();
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.stdin?.end();
    if (child.exitCode === null) await once(child, 'exit');
  }
});
afterAll(() => server.close());

function startPeer(token: string): Peer {
  const script = fileURLToPath(new URL('./rxdb-server-peer.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, server.url, token], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();
  const ask = async <Answer>(command: Readonly<Record<string, unknown>>): Promise<Answer> => {
    const before = last;
    const answer = before.then(async () => {
      child.stdin.write(`${JSON.stringify(command)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('the peer has ended');
      return JSON.parse(value) as Answer;
    });
    last = answer;
    return answer;
  };
  return { ask, parties: () => ask<Doc[]>({ do: 'all', collection: 'parties' }) };
}

function company(id: string, name: string): WireDocument {
  const { w: _, ...fields } = minimalDocument(partyNoun, id);
  return document(id, { ...fields, name });
}
const bare = ({ _deleted: _, ...rest }: WireDocument): Doc => rest;
const nameIn = async (peer: Peer, id: string): Promise<unknown> => (await peer.parties()).find((found) => found.id === id)?.['name'];

test('pulls, pushes, follows live and deletes, between two of them and with our audit', async () => {
  const admin = await signIn(server, 'admin', 'desk');
  await admin.push(
    'parties',
    Array.from({ length: 45 }, (_, i) => insert(company(`p-${i}`, `Company ${i}`))),
  );
  const one = startPeer((await signIn(server, 'broker')).login.accessToken);
  const two = startPeer((await signIn(server, 'admin', 'laptop')).login.accessToken);
  await until(async () => (await one.parties()).length === 45 && (await two.parties()).length === 45, 'three pages were pulled');

  await one.ask({ do: 'insert', collection: 'parties', value: bare(company('p-own', 'Made by a peer')) });
  await until(async () => (await nameIn(two, 'p-own')) === 'Made by a peer', 'the insert came live');
  await two.ask({ do: 'patch', collection: 'parties', id: 'p-own', value: { name: 'Renamed' } });
  await until(async () => (await nameIn(one, 'p-own')) === 'Renamed', 'the change came live');
  await one.ask({ do: 'remove', collection: 'parties', id: 'p-own' });
  await until(async () => (await nameIn(two, 'p-own')) === undefined, 'the deletion came live');
  await admin.push('parties', [insert(company('p-desk', 'Made at our desk'))]);
  await until(async () => (await nameIn(one, 'p-desk')) === 'Made at our desk', 'our own change came live');

  const entries = await admin.audit('parties', 'p-own');
  expect(entries.map(({ kind, actorName }) => [kind, actorName])).toEqual([
    ['delete', 'Blair Broker'],
    ['update', 'Avery Admin'],
    ['insert', 'Blair Broker'],
  ]);
  expect((await admin.pullAll('parties')).find(({ id }) => id === 'p-own')).toMatchObject({ _deleted: true, name: 'Renamed' });
  expect(await one.parties()).toEqual(await two.parties());
  expect([await one.ask({ do: 'troubles' }), await two.ask({ do: 'troubles' })]).toEqual([[], []]);
});

test('is told that its token is not valid, and goes on with a new one', async () => {
  const peer = startPeer('not.a.token');
  await until(async () => (await peer.ask<string[]>({ do: 'troubles' })).includes('unauthorized'), 'it was told');
  expect(await peer.parties()).toEqual([]);
  await peer.ask({ do: 'token', id: (await signIn(server, 'broker')).login.accessToken });
  await until(async () => (await peer.parties()).length > 0, 'it went on');
});
