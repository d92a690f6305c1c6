import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RefusalAnswer, RefusalLine, RefusalsAnswer } from '../../../domain/protocol/admin.ts';
import type { WireDocument } from '../../../domain/protocol/protocol.ts';
import type { Kept } from '../../../domain/record/inbox.ts';
import { nounOf } from '../../../domain/registry.ts';
import { runDrover } from '../../../sync-server/cli/drover.ts';
import type { Server } from '../../../sync-server/server.ts';
import { order, plainRoles, put, record } from '../access/rights-kit.ts';
import { type Client, change, cloneDatabase, insert, openTestServer, signIn } from '../test-server.ts';
import { entries, post, read } from './admin-kit.ts';

let url: string;
let server: Server;
let admin: Client;
let field: Client;
let broker: Client;
const versionOf = (collection: string): number => nounOf(collection)?.entity.version ?? 0;
beforeAll(async () => {
  url = await cloneDatabase();
  server = await openTestServer({ databaseUrl: url });
  await plainRoles(server);
  admin = await signIn(server, 'admin', 'office');
  field = await signIn(server, 'field', 'phone');
  broker = await signIn(server, 'broker', 'desk-pc');
});
afterAll(() => server.close());

const must = <Value>(value: Value | undefined): Value => {
  if (value === undefined) throw new Error('expected a value');
  return value;
};
/** A field buyer makes what this role may not make; answers its refusal. */
async function refused(collection: string, document: WireDocument & ReturnType<typeof record>): Promise<RefusalLine> {
  await field.push(collection, [insert(document)], versionOf(collection));
  const { refusals } = await read<RefusalsAnswer>(admin, '/admin/refusals');
  return must(refusals.find(({ id }) => id === document.id));
}
const inboxOf = async (client: Client, recordId: string): Promise<WireDocument[]> =>
  (await client.pullAll('activities')).filter((one) => one['recordId'] === recordId && !one._deleted);
const handBack = (body: Record<string, unknown>, client: Client = admin) => post(client, '/admin/refusals/hand-back', body);
const accountOf = ({ login }: Client): string => login.user.id;

describe('a refused change is handed over', () => {
  test('to somebody else, who finds it in the own inbox, and sends it in the own name', async () => {
    const { number } = await refused('parties', record('parties', 'p-1', { name: 'Prairie Beef' }));
    expect(await handBack({ number, to: accountOf(broker), note: 'Please make this party' })).toMatchObject({ status: 200 });
    const [entry, ...others] = await inboxOf(broker, 'p-1');
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      kind: 'refusal',
      done: false,
      assignedTo: accountOf(broker),
      body: 'Avery Admin: Please make this party',
    });
    expect(entry?.['title']).toContain('A change by Frankie Field of Party "Prairie Beef" was not accepted.');
    const kept = JSON.parse(String(entry?.['keptContent'])) as Kept;
    expect(kept).toMatchObject({ author: 'Frankie Field', mine: { id: 'p-1', name: 'Prairie Beef' } });
    // The author's own entry says where it went.
    expect(await inboxOf(field, 'p-1')).toMatchObject([{ done: true, outcome: 'handed' }]);
    expect((await read<RefusalsAnswer>(admin, '/admin/refusals')).refusals[0]).toMatchObject({
      number,
      handedTo: 'Blair Broker',
      handedBy: 'Avery Admin',
    });
    const [event] = await entries(server, 'refusal_handed');
    expect(event).toMatchObject({ who: 'Frankie Field', details: { number, record: 'p-1', note: 'Please make this party' } });
    // What the window does when it is sent again.
    const { w: _w, ...again } = kept.mine;
    expect(await broker.push('parties', [insert({ ...record('parties', 'p-1', {}), ...again, w: 'fresh' })], versionOf('parties'))).toEqual(
      [],
    );
    const stored = must((await broker.pullAll('parties')).find(({ id }) => id === 'p-1'));
    expect(stored).toMatchObject({ name: 'Prairie Beef', createdBy: accountOf(broker), _deleted: false });
    const [entryAudit] = (await admin.audit('activities', must(entry).id)).toReversed();
    expect(entryAudit).toMatchObject({ command: 'hand_back', actor: accountOf(admin), reason: 'Please make this party' });
  });

  test('back to its author, in the same entry, however often', async () => {
    const { number } = await refused('parties', record('parties', 'p-2', { name: 'Lone Star' }));
    const [first] = await inboxOf(field, 'p-2');
    await field.push(
      'activities',
      [change(must(first), { done: true, doneAt: '2026-11-01T08:00:00.000Z', outcome: 'dropped' })],
      versionOf('activities'),
    );
    for (const note of ['Ask the customer first', 'And tell me']) expect((await handBack({ number, note })).status).toBe(200);
    const [again, ...others] = await inboxOf(field, 'p-2');
    expect(others).toEqual([]);
    expect(again).toMatchObject({ id: first?.id, done: false, body: 'Avery Admin: And tell me', keptContent: first?.['keptContent'] });
    expect(again).not.toHaveProperty('doneAt');
    expect(again).not.toHaveProperty('outcome');
  });

  test('not to who may not see such records, nor without a note, nor by who may not', async () => {
    await put(server, 'accounting', { role: 'field' });
    const { number } = await refused('orders', order('o-1', 'desk-main', { notes: 'SECRET' }));
    const other = await signIn(server, 'accounting', 'elsewhere');
    await put(server, 'accounting', { desks: ['desk-far'] });
    expect(await handBack({ number, to: accountOf(other), note: 'yours' })).toMatchObject({
      status: 422,
      body: { code: 'recipient_may_not_see', field: 'to' },
    });
    expect(await inboxOf(other, 'o-1')).toEqual([]);
    expect(await handBack({ number, note: ' ' })).toMatchObject({ status: 422, body: { code: 'reason_missing', field: 'note' } });
    expect(await handBack({ number, to: 'nobody', note: 'x' })).toMatchObject({ status: 404, body: { code: 'unknown_account' } });
    expect(await handBack({ number: 999_999, note: 'x' })).toMatchObject({ status: 404, body: { code: 'unknown_refusal' } });
    expect((await handBack({ number, note: 'mine' }, broker)).status).toBe(403);
  });

  test('without the fields that the new one may not see', async () => {
    const { number } = await refused(
      'orders',
      order('o-2', 'desk-main', { charges: [{ lineId: 'c', kind: 'linehaul', amount: 77_700 }], notes: 'load by noon' }),
    );
    const whole = await read<RefusalAnswer>(admin, `/admin/refusal?number=${number}`);
    expect(JSON.stringify(whole.doc)).toContain('77700');
    await put(server, 'accounting', { role: 'field', desks: ['desk-main'] });
    const other = await signIn(server, 'accounting', 'dock');
    expect((await handBack({ number, to: accountOf(other), note: 'look' })).status).toBe(200);
    const [entry] = await inboxOf(other, 'o-2');
    expect(String(entry?.['keptContent'])).toContain('load by noon');
    expect(JSON.stringify(entry)).not.toContain('77700');
  });

  test('over the command line', async () => {
    const { number } = await refused('parties', record('parties', 'p-3', { name: 'Gulf Cold' }));
    const said: string[] = [];
    const say = (text: string): void => void said.push(text);
    const run = (...args: string[]): Promise<number> => runDrover(args, { environment: { DATABASE_URL: url }, out: say, err: say });
    expect(await run('refusal', 'hand-back', String(number), '--to', 'broker@drover.example', '--note', 'yours now')).toBe(0);
    expect(await inboxOf(broker, 'p-3')).toMatchObject([{ done: false, body: 'command line: yours now' }]);
    expect(await run('refusal', 'hand-back', '999999', '--note', 'x')).toBe(2);
    expect(said.at(-1)).toContain('There is no refusal 999999');
  });
});
