import { afterAll, beforeAll, expect, test } from 'vitest';
import { runDrover } from '../../../sync-server/cli/drover.ts';
import { type Database, openDatabase } from '../../../sync-server/db/database.ts';
import { cloneDatabase } from '../test-server.ts';

let url: string;
let db: Database;
beforeAll(async () => {
  url = await cloneDatabase();
  db = openDatabase({ url, connections: 1 });
});
afterAll(() => db.close());

async function drover(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const environment = { DATABASE_URL: url };
  const code = await runDrover(['role', ...args], { environment, out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

test('[SYN-7] a role is made, given permissions, shown, and removed; each change has its entry', async () => {
  expect(await drover('create', 'auditor', 'Auditor', '--reason', 'the yearly audit')).toEqual({
    code: 0,
    out: 'auditor\tAuditor\t0 accounts',
    err: '',
  });
  expect((await drover('grant', 'auditor', 'audit:read')).code).toBe(0);
  await drover('grant', 'auditor', 'orders:read', '--when', '{"is":"my_desks","field":"deskId"}');
  await drover('grant', 'auditor', 'orders:update', '--fields', 'notes,number');
  await drover('grant', 'auditor', 'lots:read', '--without', 'cost,totalCost');
  expect((await drover('show', 'auditor')).out).toBe(
    [
      'audit:read',
      'orders:read\t{"is":"my_desks","field":"deskId"}',
      'orders:update\t\tfields notes,number',
      'lots:read\t\t\twithout cost,totalCost',
    ].join('\n'),
  );
  expect((await drover('revoke', 'auditor', 'orders:update')).out).not.toContain('orders:update');
  expect((await drover('list')).out).toContain('auditor\tAuditor\t0 accounts');
  expect((await drover('remove', 'auditor')).code).toBe(0);
  expect((await drover('list')).out).not.toContain('auditor');
  const kinds = await db.rows<{ kind: string }>({ text: `select kind from security_events where kind like 'role%' order by seq` });
  expect(kinds.map(({ kind }) => kind)).toEqual(['role_created', ...Array<string>(5).fill('role_changed'), 'role_removed']);
});

test.each([
  [['show', 'king'], /There is no role "king"\. Choose one of accounting, admin/],
  [['create', 'The King', 'King'], /named by small letters/],
  [['create', 'broker', 'Broker'], /is a role "broker" already/],
  [['grant', 'broker', 'orders:fly'], /no permission "orders:fly"/],
  [['grant', 'broker', 'orders:read', '--when', 'desk'], /Give --when as JSON/],
  [['grant', 'broker', 'parties:read', '--without', 'name'], /"name" is no field of Parties that can be left out/],
  [['revoke', 'broker', 'audit:export'], /does not have "audit:export"/],
  [['revoke', 'admin', 'roles:update'], /Nobody could change roles any more/],
])('%j is refused with a way out', async (args, words) => {
  const { code, err } = await drover(...args);
  expect([code, err]).toEqual([2, expect.stringMatching(words)]);
});
