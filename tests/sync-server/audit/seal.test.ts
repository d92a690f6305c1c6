import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nouns } from '../../../domain/registry.ts';
import { type Sealer, openSealer } from '../../../sync-server/audit/sealer.ts';
import { type Anchor, anchorsIn, keyIdOf, lastAnchor, openSealKey, readPublicKeys } from '../../../sync-server/audit/seal-key.ts';
import { type Verified, verifyAudit } from '../../../sync-server/audit/verify.ts';
import { runDrover } from '../../../sync-server/cli/drover.ts';
import type { Runner } from '../../../sync-server/db/database.ts';
import type { Server } from '../../../sync-server/server.ts';
import { type Client, change, databaseUrl, insert, openTestServer, signIn } from '../test-server.ts';
import { made } from './made.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'drover-seal-'));
const entities = nouns.map(({ entity }) => entity);
const failures: string[] = [];
const onError = (error: Error): void => void failures.push(error.message);
let server: Server;
let broker: Client;
let sealer: Sealer;
let url: string;
const party = (id: string, name: string) => made(broker, 'parties', id, { name, roles: ['supplier'] });

const accepted = async (rows: Parameters<Client['push']>[1]): Promise<void> => {
  const answers = await broker.push('parties', rows);
  if (answers.length > 0) throw new Error(`refused: ${JSON.stringify(answers)}`);
};

beforeAll(async () => {
  server = await openTestServer();
  broker = await signIn(server, 'broker', 'desk-pc');
  const rows = await server.db.rows<{ url: string }>({ text: 'select current_database() as url' });
  url = rows[0]?.url ?? '';
  sealer = openSealer(server.db, { folder, everyMs: 3_600_000 }, { now: () => new Date(), onError });
  for (let n = 1; n <= 6; n += 1) await accepted([insert(party(`p-${n}`, `Party ${n}`))]);
  const [stored] = (await broker.pullAll('parties')).filter(({ id }) => id === 'p-1');
  if (!stored) throw new Error('p-1 was not stored');
  await accepted([change(stored, { name: 'Renamed' })]);
  await server.db.rows({ text: `select nextval('security_events_seq')` });
  await signIn(server, 'broker', 'laptop');
  await sealer.seal();
  await accepted([insert(party('p-7', 'Party 7'))]);
  await sealer.seal();
});
afterAll(async () => {
  await sealer.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const check = (
  runner: Runner,
  more: { anchors?: readonly Anchor[]; keys?: ReturnType<typeof readPublicKeys>; now?: Date } = {},
): Promise<Verified> =>
  verifyAudit(runner, { keys: readPublicKeys(folder), anchors: anchorsIn(folder), entities, now: new Date(), ...more });
const said = ({ findings }: Verified): string => findings.map(({ what }) => what).join('\n');

class Undo extends Error {}
/** What verifying says after the owner of the database did this; nothing of it stays. */
async function after(statements: readonly string[], more: Parameters<typeof check>[1] = {}): Promise<string> {
  let answer = '';
  await server.db
    .transaction(async (runner) => {
      // As only the owner can: past the triggers.
      for (const text of ['set local session_replication_role = replica', ...statements]) await runner.rows({ text });
      answer = said(await check(runner, more));
      throw new Undo();
    })
    .catch((cause: Error) => {
      if (!(cause instanceof Undo)) throw cause;
    });
  return answer;
}

describe('[SYN-9] the seal', () => {
  test('finds everything whole when nobody touched it, and says how far it goes', async () => {
    const verified = await check(server.db);
    expect(verified).toMatchObject({ findings: [], blocks: 3, entries: { audit: 8 }, open: { audit: 0 }, purged: 0 });
    expect(verified.entries.security_events).toBeGreaterThan(1);
    expect(await sealer.seal()).toBe(0);
  });

  test.each<[how: string, statements: string[], what: RegExp]>([
    [
      'changed in its content',
      [`update audit set after = replace(after, 'Party 3', 'Other') where seq = 3`],
      /^change 3 is not as it was sealed \(create of parties p-3/,
    ],
    ['changed in what was before', [`update audit set before = replace(before, 'Party 1', 'Other') where seq = 7`], /^change 7 is not/],
    ['changed in its last sign', [`update audit set after = left(after, -1) || ' ' where seq = 1`], /^change 1 is not/],
    ['changed only in how it is written', [`update audit set after = after::jsonb::text where seq = 3`], /^change 3 is not/],
    [
      'changed to what is no record',
      [`update audit set after = 'nothing' where seq = 3`],
      /^change 3 is not.*\n(?:.*\n)*the last entry of one of the parties cannot be read/,
    ],
    ['changed in what of it is personal', [`update audit set after_whom = 10 where seq = 3`], /^change 3 is not/],
    ['changed in what of it is personal, beyond its beginning', [`update audit set after_whom = 100000 where seq = 3`], /^change 3 is not/],
    ['changed in its author', [`update audit set actor_name = 'Somebody Else' where seq = 4`], /^change 4 is not as it was sealed/],
    ['changed in its time', [`update audit set at = at - interval '1 second' where seq = 4`], /^change 4 is not/],
    ['changed in its address', [`update audit set address = '10.0.0.1' where seq = 2`], /^change 2 is not/],
    [
      'changed as an event',
      [`update security_events set details = '{"method":"other"}' where kind = 'signed_in'`],
      /^event \d+ is not as it was sealed \(signed_in of Blair Broker/,
    ],
    ['removed', ['delete from audit where seq = 5'], /^change 5 was removed; block 1/],
    ['removed as an event', [`delete from security_events where kind = 'signed_in'`], /^event \d+ was removed/],
    [
      'reordered',
      ['update audit set seq = 1000 where seq = 2', 'update audit set seq = 2 where seq = 3', 'update audit set seq = 3 where seq = 1000'],
      /^change 2 is not/,
    ],
    [
      'inserted as an event before the first',
      [
        `insert into security_events (seq, at, kind, account_name, device, address, details) values (0, now(), 'signed_in', 'x', '', '', '{}')`,
      ],
      /^event 0 was put in before the first/,
    ],
    [
      'inserted as an event where a number was lost',
      [
        `insert into security_events (seq, at, kind, account_name, device, address, details)
          select max(seq) - 1, now(), 'signed_in', 'x', '', '', '{}' from security_events`,
      ],
      /^event \d+ was put in afterwards \(signed_in of x/,
    ],
    [
      'inserted as a change behind the end',
      [
        `insert into audit (seq, collection, id, w, kind, command, actor, device, at, after) select 9, collection, 'p-9', 'w', kind, command, actor, device, at, after from audit where seq = 8`,
      ],
      /change 9 was put in where the feed has none/,
    ],
    ['with its block removed', ['delete from audit_blocks where number = 2'], /^block 2 is missing/],
    ['with its block changed', [`update audit_blocks set leaves = leaves || '\\x00' where number = 1`], /^block 1 was changed/],
    [
      'changed with its leaf and the hash of its block',
      [`update audit_blocks set sealed_at = '2020-01-01T00:00:00.000Z', hash = repeat('a', 64) where number = 3`],
      /^block 3 was changed/,
    ],
  ])('names the first entry that was %s', async (_how, statements, what) => {
    expect(await after(statements)).toMatch(what);
  });

  test('finds an end that was cut off with its blocks by what was noted outside the database, and only by that', async () => {
    const cut = [
      'delete from audit_blocks where number = 3',
      'delete from audit where seq = 8',
      'delete from applied where seq = 8',
      `delete from parties where id = 'p-7'`,
      'update feed_head set seq = 7',
    ];
    expect(await after(cut)).toMatch(/^the end was cut off: block 3 was noted/);
    expect(await after(cut, { anchors: [] })).toBe('');
  });

  test('finds an end that was cut off without its blocks', async () => {
    expect(await after(['delete from audit where seq = 8'])).toMatch(/^change 8 was removed/);
  });

  test('finds a history that was sealed anew with another key', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    expect(said(await check(server.db, { keys: new Map([[keyIdOf(publicKey), publicKey]]) }))).toMatch(
      /^block 1 was signed with a key that is not known/,
    );
    const [{ key } = { key: '' }] = await server.db.rows<{ key: string }>({ text: 'select key from audit_blocks limit 1' });
    expect(said(await check(server.db, { keys: new Map([[key, publicKey]]) }))).toMatch(/^block 1 has a signature that is not the key's/);
  });

  test.each<[how: string, statement: string, what: RegExp]>([
    [
      'changed',
      `update parties set doc = doc || '{"name":"Other"}' where id = 'p-2'`,
      /^parties p-2 is not what its last entry says \(change 2\)/,
    ],
    ['removed', `delete from parties where id = 'p-2'`, /^parties p-2 is gone/],
    [
      'put in',
      `insert into parties (id, doc, w, deleted, schema_version, seq) select 'p-0', doc || '{"id":"p-0"}', w, deleted, schema_version, 99 from parties where id = 'p-2'`,
      /^parties p-0 has no entry/,
    ],
    ['deleted without an entry', `update parties set deleted = true where id = 'p-2'`, /^parties p-2 is not/],
    [
      'put back to an earlier state',
      `update parties p set doc = a.after::jsonb, w = a.w, seq = a.seq from audit a where p.id = 'p-1' and a.seq = 1`,
      /^parties p-1 is not/,
    ],
  ])('finds a record that was %s behind the back of the audit', async (_how, statement, what) => {
    expect(await after([statement])).toMatch(what);
  });

  test('goes no further when its blocks are gone, until somebody says why', async () => {
    await server.db.rows({ text: 'create table kept_blocks as select * from audit_blocks where number = 3' });
    const raw = (text: string) => server.db.rows({ text: `begin; set local session_replication_role = replica; ${text}; commit` });
    await raw('delete from audit_blocks where number = 3');
    await expect(sealer.seal()).rejects.toThrow(/Block 3 of the audit's seal was noted/);
    expect(sealer.state().broken).toMatch(/drover audit restart/);
    await raw('insert into audit_blocks select * from kept_blocks');
    expect(await sealer.seal()).toBe(0);
    expect(sealer.state().broken).toBeUndefined();
    expect(failures).toEqual([expect.stringContaining('Block 3')]);
  });

  test('its key is made for its owner alone, and refused when others may read it', () => {
    expect(openSealKey(folder).id).toBe(keyIdOf(openSealKey(folder).key));
    chmodSync(path.join(folder, 'seal-key.pem'), 0o644);
    expect(() => openSealKey(folder)).toThrow('Others may read');
    chmodSync(path.join(folder, 'seal-key.pem'), 0o600);
  });
});

describe('drover audit', () => {
  const lines: string[] = [];
  const run = async (args: readonly string[], environment: Record<string, string> = {}): Promise<{ code: number; text: string }> => {
    lines.length = 0;
    const say = (text: string): void => void lines.push(text);
    const DATABASE_URL = databaseUrl(url);
    const code = await runDrover(['audit', ...args], {
      environment: { DATABASE_URL, DROVER_AUDIT: folder, ...environment },
      out: say,
      err: say,
    });
    return { code, text: lines.join('\n') };
  };

  test('verify answers 0 when all is whole, 1 with the first bad entry, and 2 when it cannot tell', async () => {
    expect(await run(['verify'])).toMatchObject({ code: 0, text: expect.stringContaining('The audit is whole') });
    const raw = (text: string) => server.db.rows({ text: `begin; set local session_replication_role = replica; ${text}; commit` });
    await raw(`update audit set reason = 'never said' where seq = 6`);
    expect(await run(['verify'])).toMatchObject({
      code: 1,
      text: expect.stringContaining('NOT AS IT WAS: change 6 is not as it was sealed'),
    });
    await raw(`update audit set reason = '' where seq = 6`);
    expect(await run(['verify'])).toMatchObject({ code: 0 });
    expect(await run(['verify'], { DROVER_AUDIT: path.join(folder, 'nowhere') })).toMatchObject({
      code: 2,
      text: expect.stringContaining('Not checked'),
    });
    expect(await run(['verify'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })).toMatchObject({ code: 2 });
  });

  test('anchor prints the newest block, and verify holds the database against it wherever it was kept', async () => {
    const { code, text } = await run(['anchor']);
    expect(code).toBe(0);
    expect(JSON.parse(text)).toEqual(lastAnchor(folder));
    const elsewhere = path.join(folder, 'printed.json');
    writeFileSync(elsewhere, text);
    expect(await run(['verify', '--anchor', elsewhere])).toMatchObject({ code: 0 });
    writeFileSync(elsewhere, JSON.stringify({ ...JSON.parse(text), block: 40 }));
    expect(await run(['verify', '--anchor', elsewhere])).toMatchObject({
      code: 1,
      text: expect.stringContaining('the end was cut off: block 40'),
    });
    // What a server sent away counts without being named.
    const sent = path.join(folder, 'sent');
    mkdirSync(sent);
    writeFileSync(path.join(sent, 'anchors.jsonl'), `${text}\n`);
    expect(await run(['verify'], { DROVER_ANCHORS: sent })).toMatchObject({ code: 0 });
    writeFileSync(path.join(sent, 'anchors.jsonl'), `${JSON.stringify({ ...JSON.parse(text), hash: 'f'.repeat(64) })}\n`);
    for (const [args, environment] of [
      [['verify'], { DROVER_ANCHORS: sent }],
      [['verify', '--anchor', sent], {}],
    ] as const)
      expect(await run(args, environment)).toMatchObject({ code: 1, text: expect.stringContaining('is another one than was noted') });
  });

  test('restart goes on after a restored backup, and leaves a trace that is sealed', async () => {
    const raw = (text: string) => server.db.rows({ text: `begin; set local session_replication_role = replica; ${text}; commit` });
    await raw('delete from audit_blocks where number > 1');
    expect(await run(['verify'])).toMatchObject({ code: 1, text: expect.stringContaining('the end was cut off') });
    expect(await run(['restart', '--reason', 'backup of Monday'])).toMatchObject({ code: 0 });
    expect(await sealer.seal()).toBeGreaterThan(0);
    expect(await run(['verify'])).toMatchObject({ code: 0 });
    expect(
      await server.db.rows({ text: `select reason, details->'from' as "from" from security_events where kind = 'seal_restarted'` }),
    ).toEqual([{ reason: 'backup of Monday', from: 1 }]);
    expect(readFileSync(path.join(folder, 'anchors.jsonl'), 'utf8')).toContain('backup of Monday');
  });

  test('names an entry that was removed before it was sealed, and holds its neighbours against the seal', async () => {
    const raw = (text: string) => server.db.rows({ text: `begin; set local session_replication_role = replica; ${text}; commit` });
    await accepted(['p-8', 'p-9', 'p-10'].map((id) => insert(party(id, id))));
    await raw(`create table kept_entry as select * from audit where id = 'p-9'; delete from audit where id = 'p-9'`);
    await sealer.seal();
    expect(await run(['verify'])).toMatchObject({ code: 1, text: expect.stringContaining('change 10 was removed') });
    expect(await after([`update audit set reason = 'x' where seq = 9`])).toMatch(/^change 9 is not as it was sealed/);
    await raw('insert into audit select * from kept_entry');
    expect(await run(['verify'])).toMatchObject({ code: 1, text: expect.stringContaining('change 10 is not as it was sealed') });
  });
});
