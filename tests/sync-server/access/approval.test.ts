/** Posting a commission: refused without the permission, asked for a reason, and in the audit with it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nounOf } from '../../../domain/registry.ts';
import type { Server } from '../../../sync-server/server.ts';
import { type Client, change, insert, openTestServer, signIn } from '../test-server.ts';
import { plainRoles, record } from './rights-kit.ts';

let server: Server;
let broker: Client;
let accounting: Client;
beforeAll(async () => {
  server = await openTestServer();
  await plainRoles(server);
  broker = await signIn(server, 'broker');
  accounting = await signIn(server, 'accounting');
});
afterAll(() => server.close());

const VERSION = nounOf('commissions')?.entity.version ?? 0;
const shares = [{ lineId: 's1', partyId: 'house', role: 'house', share: 10_000, amount: 500 }];
test('[SYN-7] a commission is posted with the permission and a reason, whoever asks by whatever client', async () => {
  const admin = await signIn(server, 'admin');
  await admin.push('parties', [insert(record('parties', 'house', {}))]);
  const plan = record('commissions', 'plan', { kind: 'plan', name: 'Plan', deskId: 'desk-main' });
  const one = record('commissions', 'c-1', {
    kind: 'distribution',
    name: 'C 1',
    planId: 'plan',
    planVersion: 1,
    stage: 'approved',
    accrued: 500,
    shares,
    deskId: 'desk-main',
  });
  expect(await broker.push('commissions', [insert(plan), insert(one)], VERSION)).toEqual([]);
  const stored = async () => (await accounting.pullAll('commissions', 1000)).find(({ id }) => id === 'c-1') ?? one;
  const posting = async (more: Record<string, unknown>) => change(await stored(), { stage: 'posted', ...more });
  const codes = () =>
    server.db
      .rows<{ code: string }>({ text: 'select code from refused where id = $1 order by at', values: ['c-1'] })
      .then((rows) => rows.map(({ code }) => code));

  expect(await broker.push('commissions', [await posting({ stageReason: 'I earned it' })], VERSION)).toMatchObject([
    { id: 'c-1', stage: 'approved' },
  ]);
  expect(await accounting.push('commissions', [await posting({})], VERSION)).toMatchObject([{ id: 'c-1', stage: 'approved' }]);
  expect(await codes()).toEqual(['approval_needed', 'reason_needed']);
  expect(await accounting.push('commissions', [await posting({ stageReason: 'agreed with the house' })], VERSION)).toEqual([]);
  expect(await stored()).toMatchObject({ stage: 'posted' });
  expect((await accounting.audit('commissions', 'c-1'))[0]).toMatchObject({
    kind: 'update',
    reason: 'agreed with the house',
    actorName: 'Alex Accounting',
  });
});
