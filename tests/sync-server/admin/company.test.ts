import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { settingKeys, settingRules } from '../../../domain/access/company-settings.ts';
import type { HoldsAnswer, RefusalsAnswer, SettingsAnswer } from '../../../domain/protocol/admin.ts';
import { nounOf } from '../../../domain/registry.ts';
import { runDrover } from '../../../sync-server/cli/drover.ts';
import type { Server } from '../../../sync-server/server.ts';
import { order, plainRoles, record } from '../access/rights-kit.ts';
import { type Client, cloneDatabase, insert, openTestServer, signIn } from '../test-server.ts';
import { entries, post, read } from './admin-kit.ts';

const DAY = 86_400_000;
let clock = new Date('2026-11-20T12:00:00.000Z').getTime();
let url: string;
let server: Server;
let admin: Client;
beforeAll(async () => {
  url = await cloneDatabase();
  server = await openTestServer({ databaseUrl: url, now: () => new Date(clock) });
  await plainRoles(server);
  admin = await signIn(server, 'admin', 'office');
});
afterAll(() => server.close());

const set = (key: string, value: number, client: Client = admin) =>
  post(client, '/admin/settings', { key, value, reason: 'as the lawyer says' });
async function drover(...args: string[]): Promise<readonly [number, string]> {
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const code = await runDrover(args, { environment: { DATABASE_URL: url }, out: say, err: say });
  return [code, said.join('\n')];
}

describe('settings of the company', () => {
  test('are as usual until somebody changes them, each within its limits and with an entry', async () => {
    const { settings } = await read<SettingsAnswer>(admin, '/admin/settings');
    expect(settings.map(({ key, value }) => [key, value])).toEqual(settingKeys.map((key) => [key, settingRules[key].usual]));
    const answer = await set('invitation_days', 3);
    expect(answer.status).toBe(200);
    expect((await read<SettingsAnswer>(admin, '/admin/settings')).settings[0]).toMatchObject({ value: 3, changedBy: 'Avery Admin' });
    expect((await entries(server, 'settings_changed')).at(-1)?.details).toMatchObject({
      setting: 'invitation_days',
      before: 7,
      after: 3,
      reason: 'as the lawyer says',
    });
    for (const [key, { least, most }] of Object.entries(settingRules))
      for (const value of [least - 1, most + 1])
        expect(await set(key, value), key).toMatchObject({ status: 422, body: { field: 'value' } });
    expect(await set('anything', 3)).toMatchObject({ status: 404 });
    const broker = await signIn(server, 'broker', 'b');
    expect([(await set('idle_days', 5, broker)).status, (await broker.get('/admin/settings')).status]).toEqual([403, 403]);
  });

  test('hold at once: invitations, sessions, work without the server, keys', async () => {
    const invited = await post(admin, '/auth/invitations', { email: 'n@x.example', name: 'N', role: 'broker', deskId: 'desk-main' });
    const token = String(invited.body['link']).split('#')[1] ?? '';
    clock += 3 * DAY + 1;
    admin = await signIn(server, 'admin', 'office');
    expect((await post(admin, '/auth/link', { token })).status).toBe(410);
    await set('offline_days', 2);
    await set('session_days', 5);
    await set('key_days', 10);
    const field = await signIn(server, 'field', 'f');
    const { exp = 0, iat = 0 } = decodeJwt(field.login.grant.token);
    expect(exp - iat).toBe(2 * 86_400);
    const [session] = await server.db.rows<{ days: number }>({
      text: `select extract(epoch from expires_at - created_at) / 86400 as days from sessions where device = 'f'`,
    });
    expect(Number(session?.days)).toBe(5);
    const account = field.login.user.id;
    const key = { account, name: 'x', permissions: ['parties:read'] };
    expect((await post(admin, '/admin/keys', { ...key, days: 10 })).status).toBe(200);
    expect(await post(admin, '/admin/keys', { ...key, days: 11 })).toMatchObject({ status: 422, body: { field: 'days' } });
  });

  test('are on the command line too', async () => {
    expect(await drover('setting', 'set', 'idle_days', '9', '--reason', 'x')).toEqual([0, '']);
    expect((await drover('setting', 'list'))[1]).toContain('idle_days\t9\t');
    expect(await drover('setting', 'set', 'idle_days', '900')).toEqual([2, 'Give a value from 1 day to 90 days.']);
    expect((await drover('setting', 'set', 'nothing', '9'))[0]).toBe(2);
  });
});

describe('[R28] a purge', () => {
  const versionOf = (collection: string): number => nounOf(collection)?.entity.version ?? 0;
  const ids = async (): Promise<string[]> =>
    (await read<RefusalsAnswer>(admin, '/admin/refusals?which=all')).refusals.map(({ id }) => id).toSorted();

  test('removes refused changes that were closed long enough ago, and nothing that a hold keeps', async () => {
    const field = await signIn(server, 'field', 'f-2');
    const party = (id: string) => insert(record('parties', id, { name: id }));
    await field.push('parties', [party('p-gone'), party('p-held'), party('p-open')], versionOf('parties'));
    await field.push('orders', [insert(order('o-names-it', 'desk-main', { supplierId: 'p-held' }))], versionOf('orders'));
    for (const { number, id } of (await read<RefusalsAnswer>(admin, '/admin/refusals')).refusals)
      if (id !== 'p-open') await post(admin, '/admin/refusals/settle', { number, closed: true, reason: '' });
    const hold = { collection: 'parties', id: 'p-held', reason: 'Smith against us' };
    expect((await post(admin, '/admin/holds', { ...hold, reason: ' ' })).body).toMatchObject({ code: 'reason_missing', field: 'reason' });
    const placed = await post(admin, '/admin/holds', hold);
    expect(placed.status).toBe(200);
    expect(await post(admin, '/admin/holds', hold)).toMatchObject({ status: 409, body: { code: 'held_already' } });

    const counts = async () => {
      const { due, held } = await read<HoldsAnswer>(admin, '/admin/holds');
      return { due, held };
    };
    expect(await counts()).toEqual({ due: 0, held: 0 });
    clock += (settingRules.refusal_years.usual * 366 + 1) * DAY;
    admin = await signIn(server, 'admin', 'office');
    expect(await counts()).toEqual({ due: 1, held: 2 });
    expect(await post(admin, '/admin/purge', {})).toEqual({ status: 200, body: { purged: 1, held: 2 } });
    expect(await ids()).toEqual(['o-names-it', 'p-held', 'p-open']);
    expect((await entries(server, 'refusals_purged')).at(-1)?.details).toMatchObject({ purged: 1, held: 2 });

    const number = placed.body['number'];
    expect((await post(admin, '/admin/holds/lift', { number, reason: 'settled' })).status).toBe(200);
    expect((await post(admin, '/admin/holds/lift', { number, reason: 'settled' })).status).toBe(404);
    await post(admin, '/admin/purge', {});
    expect(await ids()).toEqual(['p-open']);
    expect((await entries(server, 'hold_lifted'))[0]?.details).toMatchObject({ record: 'p-held', reason: 'settled' });
  });

  test('and holds are on the command line too, and of nobody without the permission', async () => {
    expect((await drover('hold', 'place', 'orders', 'o-9', '--reason', 'inspection'))[1]).toMatch(/^Hold \d+\.$/);
    const [, lines] = await drover('hold', 'list');
    expect(lines).toContain('orders:o-9\tinspection\tcommand line');
    const number =
      lines
        .split('\n')
        .find((line) => line.includes('o-9'))
        ?.split('\t')[0] ?? '';
    expect((await drover('hold', 'place', 'orders', 'o-9', '--reason', 'again'))[0]).toBe(2);
    expect((await drover('hold', 'lift', number, '--reason', 'over'))[0]).toBe(0);
    expect((await drover('purge', '--dry-run'))[1]).toMatch(/^\d+ would be removed, 0 are held\.$/);
    const broker = await signIn(server, 'broker', 'b-9');
    expect((await broker.get('/admin/holds')).status).toBe(403);
    for (const path of ['/admin/holds', '/admin/holds/lift', '/admin/purge']) expect((await post(broker, path, {})).status, path).toBe(403);
  });
});
