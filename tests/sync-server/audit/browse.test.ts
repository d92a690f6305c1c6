import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditAnswer, AuditLine } from '../../../domain/protocol/audit.ts';
import type { Server } from '../../../sync-server/server.ts';
import { type Client, change, insert, openTestServer, signIn } from '../test-server.ts';
import { made } from './made.ts';

let server: Server;
let admin: Client;
let broker: Client;
beforeAll(async () => {
  server = await openTestServer();
  admin = await signIn(server, 'admin', 'office');
  broker = await signIn(server, 'broker', 'laptop');
  const add = (id: string, name: string): Promise<unknown> =>
    broker.push('parties', [insert(made(broker, 'parties', id, { name, roles: ['supplier'] }))]);
  await add('b-1', 'Bar K');
  await add('b-2', '=cmd|calc');
  const [stored] = (await broker.pullAll('parties')).filter(({ id }) => id === 'b-1');
  if (!stored) throw new Error('b-1 was not stored');
  await broker.push('parties', [change(stored, { name: '100% Angus' })]);
});
afterAll(() => server.close());

async function page(query: Record<string, string> = {}): Promise<AuditAnswer> {
  const answer = await admin.get(`/audit/entries?${new URLSearchParams(query)}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as AuditAnswer;
}
const told = ({ log, what, id, whoName }: AuditLine): string =>
  [log === 'audit' ? what : `(${what})`, id, whoName].filter((part) => part !== '').join(' ');
const lines = async (query: Record<string, string>): Promise<string[]> => (await page(query)).lines.map(told);

describe('the audit browser', () => {
  test('shows changes and events in one list, newest first, with who by that name, from where and on which device', async () => {
    const { lines: all } = await page();
    expect(all.map(told)).toEqual([
      'change b-1 Blair Broker',
      'create b-2 Blair Broker',
      'create b-1 Blair Broker',
      '(signed_in) Blair Broker',
      '(signed_in) Avery Admin',
      '(database_restored)',
    ]);
    expect(all[0]).toMatchObject({
      device: 'laptop',
      address: '127.0.0.1',
      collection: 'parties',
      before: { name: 'Bar K' },
      after: { name: '100% Angus' },
    });
  });

  test.each<[filter: string, query: Record<string, string>, found: string[]]>([
    [
      'who, by a part of the name',
      { who: 'blair' },
      ['change b-1 Blair Broker', 'create b-2 Blair Broker', 'create b-1 Blair Broker', '(signed_in) Blair Broker'],
    ],
    ['record', { id: 'b-1' }, ['change b-1 Blair Broker', 'create b-1 Blair Broker']],
    ['command', { what: 'change' }, ['change b-1 Blair Broker']],
    ['kind of event', { what: 'database_restored' }, ['(database_restored)']],
    ['events alone', { collection: 'security_events', who: 'broker' }, ['(signed_in) Blair Broker']],
    ['collection', { collection: 'contacts' }, []],
    ['device', { device: 'lapt', what: 'create' }, ['create b-2 Blair Broker', 'create b-1 Blair Broker']],
    ['text, in which % is a sign like others', { text: '100% angus' }, ['change b-1 Blair Broker']],
    ['text that nobody wrote', { text: '1__% angus' }, []],
    ['days', { from: '2999-01-01' }, []],
    ['days that are over', { to: '2001-01-01' }, []],
  ])('narrows by %s', async (_filter, query, found) => {
    expect(await lines(query)).toEqual(found);
  });

  test('goes through all pages without a hole or a double', async () => {
    for (let n = 0; n < 230; n += 1)
      await server.db.rows({
        text: `insert into security_events (at, kind, account_name, device, address, details) values (now(), 'signed_out', 'page', '', '', '{}')`,
      });
    const seqs: number[] = [];
    for (let after: string | null = ''; after !== null; ) {
      const { lines: found, next }: AuditAnswer = await page({ who: 'page', ...(after === '' ? {} : { after }) });
      seqs.push(...found.map(({ seq }) => seq));
      after = next;
    }
    expect(seqs).toHaveLength(230);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => b - a));
  });

  test('is for those who may browse it', async () => {
    for (const path of ['/audit/entries', '/audit/export', '/audit/seal']) {
      expect((await broker.get(path)).status).toBe(403);
      expect((await fetch(server.url + path)).status).toBe(401);
    }
  });

  test('refuses filters that it does not know', async () => {
    expect((await admin.get('/audit/entries?kind=x')).status).toBe(400);
    for (const day of ['yesterday', '2026-13-01', '2026-02-30', '0000-01-01'])
      for (const query of [`from=${day}`, `to=${day}`])
        for (const path of ['entries', 'export']) expect((await admin.get(`/audit/${path}?${query}`)).status, query).toBe(400);
  });

  test('shows nobody more of a record than they may read', async () => {
    await server.db.rows({
      text: `insert into roles (name, label, grants, edited) values ('auditor', 'Auditor', '[{"permission":"audit:read","when":{"is":"all"}},{"permission":"audit:export","when":{"is":"all"}}]', true)`,
    });
    await server.db.rows({ text: `update accounts set role = 'auditor' where email = 'field@drover.example'` });
    const auditor = await signIn(server, 'field', 'auditor');
    const { lines: seen } = (await (await auditor.get('/audit/entries?what=change')).json()) as AuditAnswer;
    expect(seen).toEqual([]);
    expect(await (await auditor.get('/audit/export')).text()).not.toContain('Angus');
  });

  test('exports what was asked for, with no formula in any cell, and says in the audit that it did', async () => {
    const answer = await admin.get('/audit/export?who=blair&collection=parties');
    expect(answer.headers.get('content-type')).toContain('text/csv');
    const csv = await answer.text();
    const rows = csv.trimEnd().split('\r\n');
    expect(rows).toHaveLength(4);
    expect(rows[1]).toContain('Name: Bar K -> 100% Angus');
    // The name stands behind its label, so no cell begins with it; a reason or a device could.
    await server.db.rows({
      text: `insert into security_events (at, kind, account_name, device, address, reason, details) values (now(), 'signed_out', '=HYPERLINK("x")', '@SUM(1)', '', '+1+1', '{}')`,
    });
    const evil = await (await admin.get('/audit/export?who=HYPERLINK')).text();
    expect(evil).toContain(`"'=HYPERLINK(""x"")",'@SUM(1)`);
    expect(evil).toContain(`,'+1+1,`);
    expect(evil.split(/[,\r\n"]+/).filter((cell) => /^[=+@-]/.test(cell))).toEqual([]);
    expect((await page({ what: 'exported', who: 'admin' })).lines[0]).toMatchObject({
      device: 'office',
      after: { what: 'audit', filter: { who: 'HYPERLINK' } },
    });
  });
});
