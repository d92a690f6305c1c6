/**
 * The published client of RxDB Server, with the RxDB it was built for, against our endpoints. The cases are those that
 * rxdb-server's own suite holds its endpoint to, and those that a network adds. What a browser cannot send (headers of an
 * EventSource) is no subject here: the client runs in Node.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { locationNoun } from '../../domain/location/location.rules.ts';
import { partyNoun } from '../../domain/party/party.rules.ts';
import type { WireDocument } from '../../domain/protocol/protocol.ts';
import type { Server } from '../../sync-server/server.ts';
import { minimalDocument } from '../domain/sample.ts';
import { type CuttingProxy, openProxy } from '../sync-server/cutting-proxy.ts';
import { type Client, change, document, insert, openTestServer, signIn, until } from '../sync-server/test-server.ts';

type Doc = Record<string, unknown> & { readonly id: string };
interface Peer {
  ask<Answer>(command: Readonly<Record<string, unknown>>): Promise<Answer>;
  parties(): Promise<Doc[]>;
  name(id: string): Promise<unknown>;
  /** Messages of errors, `unauthorized`, `outdated`. */
  troubles(): Promise<string[]>;
}
interface PeerOptions {
  readonly url?: string;
  readonly pull?: number;
  readonly push?: number;
  readonly version?: number;
}

let server: Server;
let admin: Client;
const children: ChildProcess[] = [];
const proxies: CuttingProxy[] = [];
beforeAll(async () => {
  server = await openTestServer();
  admin = await signIn(server, 'admin', 'desk');
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.stdin?.end();
    if (child.exitCode === null) await once(child, 'exit');
  }
  for (const proxy of proxies.splice(0)) await proxy.close();
});
afterAll(() => server.close());

function startPeer(token: string, { url = server.url, pull = 20, push = 10, version = 0 }: PeerOptions = {}): Peer {
  const script = fileURLToPath(new URL('./rxdb-server-peer.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', script, url, token, ...[pull, push, version].map((number) => String(number))],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
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
  const parties = (): Promise<Doc[]> => ask<Doc[]>({ do: 'all', collection: 'parties' });
  return {
    ask,
    parties,
    name: async (id) => (await parties()).find((found) => found.id === id)?.['name'],
    troubles: () => ask<string[]>({ do: 'troubles' }),
  };
}
const peerOf = async (who: string, options: PeerOptions = {}): Promise<Peer> =>
  startPeer((await signIn(server, who)).login.accessToken, options);
async function proxied(): Promise<CuttingProxy> {
  const proxy = await openProxy(Number(new URL(server.url).port));
  proxies.push(proxy);
  return proxy;
}

function company(id: string, name: string): WireDocument {
  const { w: _, ...fields } = minimalDocument(partyNoun, id);
  return document(id, { ...fields, name });
}
const companies = (name: string, count: number): WireDocument[] =>
  Array.from({ length: count }, (_, i) => company(`${name}-${i}`, `${name} ${i}`));
const bare = ({ _deleted: _, ...rest }: WireDocument): Doc => rest;
const insertion = (documents: readonly WireDocument[]) => ({ do: 'insert', collection: 'parties', values: documents.map(bare) });
const stored = async (name: string): Promise<WireDocument[]> =>
  (await admin.pullAll('parties')).filter(({ id, _deleted }) => !_deleted && id.startsWith(`${name}-`));
const entriesOf = async (id: string) => (await admin.audit('parties', id)).map(({ kind, actorName }) => [kind, actorName]);

test('[SYN-5] pulls, pushes, follows live and deletes, between two of them and with our audit', async () => {
  await admin.push('parties', companies('first', 45).map(insert));
  const [one, two] = [await peerOf('broker'), await peerOf('admin')];
  await until(async () => (await one.parties()).length === 45 && (await two.parties()).length === 45, 'three pages were pulled');

  await one.ask(insertion([company('own-1', 'Made by a peer')]));
  await until(async () => (await two.name('own-1')) === 'Made by a peer', 'the insert came live');
  await two.ask({ do: 'patch', collection: 'parties', id: 'own-1', value: { name: 'Renamed' } });
  await until(async () => (await one.name('own-1')) === 'Renamed', 'the change came live');
  await one.ask({ do: 'remove', collection: 'parties', id: 'own-1' });
  await until(async () => (await two.name('own-1')) === undefined, 'the deletion came live');
  await admin.push('parties', [insert(company('desk-1', 'Made at our desk'))]);
  await until(async () => (await one.name('desk-1')) === 'Made at our desk', 'our own change came live');

  expect(await entriesOf('own-1')).toEqual([
    ['delete', 'Blair Broker'],
    ['update', 'Avery Admin'],
    ['insert', 'Blair Broker'],
  ]);
  expect((await admin.pullAll('parties')).find(({ id }) => id === 'own-1')).toMatchObject({ _deleted: true, name: 'Renamed' });
  expect(await one.parties()).toEqual(await two.parties());
  expect([await one.troubles(), await two.troubles()]).toEqual([[], []]);
});

describe('a client that may not or cannot go on', () => {
  test('401: is told that its token is not valid, and goes on with a new one', async () => {
    const peer = startPeer('not.a.token');
    await until(async () => (await peer.troubles()).includes('unauthorized'), 'it was told');
    expect(await peer.parties()).toEqual([]);
    await peer.ask({ do: 'token', id: (await signIn(server, 'broker')).login.accessToken });
    await until(async () => (await peer.parties()).length > 0, 'it went on');
    expect(await peer.ask({ do: 'stopped' })).toEqual([false, false]);
  });

  test('401: a token that ends while it works costs nothing that it wrote', async () => {
    let now = new Date();
    const dated = await openTestServer({ now: () => now });
    try {
      const desk = await signIn(dated, 'admin');
      await desk.push('parties', [insert(company('dated-1', 'Before'))]);
      const peer = startPeer((await signIn(dated, 'broker')).login.accessToken, { url: dated.url });
      await until(async () => (await peer.name('dated-1')) === 'Before', 'it is in sync');
      now = new Date(now.getTime() + 3_600_000);
      await peer.ask(insertion([company('dated-2', 'Written with a token of yesterday')]));
      await until(async () => (await peer.troubles()).includes('unauthorized'), 'it was told');
      await peer.ask({ do: 'token', id: (await signIn(dated, 'broker')).login.accessToken });
      const later = await signIn(dated, 'admin');
      await until(async () => (await later.audit('parties', 'dated-2')).length === 1, 'its work arrived');
    } finally {
      await dated.close();
    }
  });

  test('426: an address of a version that is not served stops it, with its work kept', async () => {
    const peer = await peerOf('broker', { version: 9 });
    await peer.ask(insertion([company('outdated-1', 'Kept on the device')]));
    await until(async () => (await peer.troubles()).includes('outdated'), 'it was told');
    await until(async () => (await peer.ask<boolean[]>({ do: 'stopped' })).every(Boolean), 'it stopped');
    expect(await peer.name('outdated-1')).toBe('Kept on the device');
    expect(await stored('outdated')).toEqual([]);
  });
});

describe('ids and batches', () => {
  const odd = ['a&b=c', 'a#b', 'a+b', 'a%20b', 'a%', 'a?b', 'a/b', 'a\\b', `a'b"c`, 'a:b', 'æøå', '牛肉-1', '🥩', 'a,b;c', '<i>x', '${x}'];

  test.each([1, 3])('[SYN-1] special signs in ids, with %i documents a pull and a push', async (size) => {
    const ids = odd.map((id) => `${size}-${id}`);
    const [one, two] = [await peerOf('broker', { pull: size, push: size }), await peerOf('admin', { pull: size, push: size })];
    await one.ask(insertion(ids.map((id) => company(id, `Name of ${id}`))));
    await until(async () => (await two.parties()).filter(({ id }) => ids.includes(id)).length === ids.length, 'all arrived');
    await two.ask({ do: 'patch', collection: 'parties', id: `${size}-a&b=c`, value: { name: 'Changed & sent = back' } });
    await two.ask({ do: 'remove', collection: 'parties', id: `${size}-a#b` });
    await until(async () => (await one.name(`${size}-a&b=c`)) === 'Changed & sent = back', 'the change came back');
    await until(async () => (await one.name(`${size}-a#b`)) === undefined, 'the deletion came back');
    expect((await entriesOf(`${size}-a#b`)).map(([kind]) => kind)).toEqual(['delete', 'insert']);
    expect(await one.troubles()).toEqual([]);
  });

  test('[SYN-4] an id that no record may have goes back to its author; what came with it lands', async () => {
    const peer = await peerOf('broker', { push: 10 });
    await peer.ask(insertion([{ ...company('bad-id', 'Refused'), id: 'bad id' }, ...companies('beside', 5)]));
    await until(async () => (await stored('beside')).length === 5, 'the others landed');
    await until(async () => (await peer.name('bad id')) === undefined, 'the refused one is withdrawn');
    expect(await peer.troubles()).toEqual([]);
  });

  test('[SYN-1] pages of one document over hundreds, while others write', async () => {
    const before = companies('many', 150);
    await admin.push('parties', before.map(insert));
    const peer = await peerOf('admin', { pull: 1, push: 1 });
    for (const sent of before.slice(0, 30)) await admin.push('parties', [change(sent, { name: `${String(sent['name'])} again` })]);
    const wanted = new Map((await stored('many')).map(({ id, name }) => [id, name]));
    await until(async () => {
      const held = (await peer.parties()).filter(({ id }) => id.startsWith('many-'));
      return held.length === 150 && held.every(({ id, name }) => wanted.get(id) === name);
    }, 'it holds what the server holds');
    expect(await peer.troubles()).toEqual([]);
  });
});

describe('conflicts', () => {
  test.each([
    ['different fields: both hold both', { insurer: 'Acme' }, { code: 'X-1' }, { insurer: 'Acme', code: 'X-1' }, []],
    ['the same field: both hold the first', { name: 'Mine' }, { name: 'Theirs' }, { name: 'Theirs' }, ['name']],
    [
      'both',
      { name: 'Mine', insurer: 'Acme' },
      { name: 'Theirs', code: 'X-1' },
      { name: 'Theirs', insurer: 'Acme', code: 'X-1' },
      ['name'],
    ],
  ])('[SYN-6] two of them change %s', async (title, mine, theirs, wanted, clashing) => {
    const id = `clash-${title.length}`;
    const proxy = await proxied();
    await admin.push('parties', [insert(company(id, 'Base'))]);
    const [one, two] = [await peerOf('broker', { url: proxy.url }), await peerOf('admin')];
    await until(async () => (await one.name(id)) === 'Base' && (await two.name(id)) === 'Base', 'both hold it');
    // The first one is cut off while the other one writes.
    proxy.fate = () => ({ up: 0 });
    proxy.cut();
    await one.ask({ do: 'patch', collection: 'parties', id, value: mine });
    await two.ask({ do: 'patch', collection: 'parties', id, value: theirs });
    await until(async () => (await admin.audit('parties', id)).length === 2, 'the other one was faster');
    proxy.fate = () => ({});
    const holds = (held: Doc | undefined): boolean =>
      Object.entries({ name: 'Base', ...wanted }).every(([key, value]) => held?.[key] === value);
    for (const peer of [one, two])
      await until(async () => holds((await peer.parties()).find((found) => found.id === id)), 'it holds the outcome');
    expect(holds((await stored('clash')).find((found) => found.id === id))).toBe(true);
    const inbox = (await admin.pullAll('activities')).filter((entry) => entry['recordId'] === id);
    expect(inbox.map(({ fieldNames }) => fieldNames).flat()).toEqual(clashing);
  });

  test('[SYN-8] children that are pushed before their parents, in collections that replicate side by side', async () => {
    const [one, two] = [await peerOf('broker', { push: 1 }), await peerOf('admin')];
    const children = Array.from({ length: 6 }, (_, i) => ({
      ...minimalDocument(locationNoun, `home-${i}`),
      partyId: `parent-${i % 2}`,
    }));
    await one.ask({ do: 'insert', collection: 'locations', values: children });
    await one.ask(insertion(companies('parent', 2)));
    await until(
      async () => (await two.ask<Doc[]>({ do: 'all', collection: 'locations' })).filter(({ id }) => id.startsWith('home-')).length === 6,
      'all six arrived',
    );
  });
});

describe('a connection that is cut', () => {
  test('[SYN-1] the live stream is taken up again, and nothing that came in between is missed', async () => {
    const proxy = await proxied();
    const peer = await peerOf('broker', { url: proxy.url });
    for (let round = 0; round < 5; round += 1) {
      await admin.push('parties', [insert(company(`cut-${round}a`, 'A'))]);
      if (round % 2 === 0) await until(async () => (await peer.name(`cut-${round}a`)) === 'A', 'it came live');
      proxy.cut();
      await admin.push('parties', [insert(company(`cut-${round}b`, 'B'))]);
    }
    await until(async () => (await peer.parties()).filter(({ id }) => id.startsWith('cut-')).length === 10, 'all arrived');
    expect(proxy.cuts).toBeGreaterThan(0);
  });

  test('[SYN-3] pushes whose answers are lost are sent again and applied once', async () => {
    const proxy = await proxied();
    const peer = await peerOf('broker', { url: proxy.url, push: 3 });
    await until(async () => (await peer.parties()).length > 0, 'it is in sync');
    let cut = 0;
    // Every second new connection loses its answer; what is open already is cut, so that pushes need new ones.
    proxy.fate = () => ((cut += 1) % 2 === 1 ? { down: 0 } : {});
    proxy.cut();
    await peer.ask(insertion(companies('lost', 20)));
    await until(async () => (await stored('lost')).length === 20, 'all arrived');
    proxy.fate = () => ({});
    await peer.ask({ do: 'settle' });
    const counted = await server.db.rows<{ id: string; count: number }>({
      text: `select id, count(*) as count from audit where collection = 'parties' and id like 'lost-%' group by id having count(*) <> 1`,
    });
    expect(counted).toEqual([]);
    expect((await peer.parties()).filter(({ id }) => id.startsWith('lost-'))).toHaveLength(20);
  });

  test('[SYN-2] requests that are cut in their middle leave nothing half done, and arrive in the end', async () => {
    const proxy = await proxied();
    const peer = await peerOf('broker', { url: proxy.url, push: 5 });
    await until(async () => (await peer.parties()).length > 0, 'it is in sync');
    let connections = 0;
    proxy.fate = () => {
      connections += 1;
      // Later and later within request and answer, so that in the end they pass.
      return connections % 2 === 1 ? { up: connections * 400 } : { down: connections * 400 };
    };
    proxy.cut();
    const sent = companies('torn', 25);
    await peer.ask(insertion(sent));
    await until(async () => (await stored('torn')).length === 25, 'all arrived', 30_000);
    expect(connections).toBeGreaterThan(2);
    proxy.fate = () => ({});
    await peer.ask({ do: 'patch', collection: 'parties', id: 'torn-3', value: { name: 'And changed' } });
    await until(async () => (await stored('torn')).some(({ name }) => name === 'And changed'), 'the change arrived');
    expect(await entriesOf('torn-3')).toEqual([
      ['update', 'Blair Broker'],
      ['insert', 'Blair Broker'],
    ]);
  });
});
