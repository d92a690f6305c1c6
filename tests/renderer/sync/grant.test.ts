import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GrantAnswer } from '../../../domain/protocol/protocol.ts';
import type { Desk } from '../../../renderer/data/desk.ts';
import { type Grants, makeGrants } from '../../../renderer/sync/grant.ts';
import { makePasswordVerifier } from '../../../renderer/sync/password-verifier.ts';
import { webSecretStore } from '../../../renderer/sync/session.ts';
import { freshDesk } from '../data/desk-kit.ts';
import { arm, disarm } from '../data/storage/fuse.ts';

const DAY = 86_400_000;
const START = new Date('2026-11-20T12:00:00.000Z').getTime();
const USER = 'user-1';

async function makeServer() {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const key = await exportJWK(publicKey);
  return async (device: string, at: number, days = 14, user = USER, says = {}): Promise<GrantAnswer> => ({
    token: await new SignJWT(says)
      .setProtectedHeader({ alg: 'EdDSA' })
      .setIssuer('drover')
      .setSubject(user)
      .setAudience(device)
      .setIssuedAt(at / 1000)
      .setExpirationTime(at / 1000 + (days * DAY) / 1000)
      .sign(privateKey),
    key: key as Record<string, string>,
    at: new Date(at).toISOString(),
  });
}

let desk: Desk;
let clock: number;
let grants: Grants;
beforeEach(async () => {
  desk = await freshDesk();
  clock = START;
  grants = makeGrants(desk.local, desk.deviceId, () => clock);
});
afterEach(() => desk.close());

describe('a grant', () => {
  it('[SYN-7] says what its user may do, and a note that was changed on the disk says nothing', async () => {
    const server = await makeServer();
    const rights = { version: 7, desks: ['desk-main'], grants: [{ permission: 'orders:read', when: { is: 'all' } }] };
    await grants.adopt(await server(desk.deviceId, START, 14, USER, { rights }), 'sign_in');
    expect(await grants.check(USER)).toMatchObject({ kind: 'good', rights });
    await grants.adopt(await server(desk.deviceId, START, 14, USER, { rights: { version: 'all' } }), 'sign_in');
    expect(await grants.check(USER)).toEqual({ kind: 'good', until: new Date(START + 14 * DAY).toISOString() });
  });

  it('is judged on a device that has no room to note the time', async () => {
    const server = await makeServer();
    await grants.adopt(await server(desk.deviceId, START), 'sign_in');
    clock = START + DAY;
    arm(0, 'no_room');
    expect((await grants.check(USER)).kind).toBe('good');
    disarm();
    clock = START;
    expect((await grants.check(USER)).kind, 'the time was not noted').toBe('good');
  });

  it('is good until its day and not after it, also after a restart', async () => {
    const server = await makeServer();
    await grants.adopt(await server(desk.deviceId, START), 'sign_in');
    expect(await grants.check(USER)).toEqual({ kind: 'good', until: new Date(START + 14 * DAY).toISOString() });
    clock = START + 14 * DAY - 1000;
    expect((await makeGrants(desk.local, desk.deviceId, () => clock).check(USER)).kind).toBe('good');
    clock = START + 14 * DAY + 1000;
    expect(await grants.check(USER)).toEqual({ kind: 'lapsed', why: 'expired' });
    await grants.adopt(await server(desk.deviceId, clock), 'renewal');
    expect((await grants.check(USER)).kind).toBe('good');
  });

  it('lapses when the clock is set back, by more than clocks are usually corrected, until the server gives another', async () => {
    const server = await makeServer();
    await grants.adopt(await server(desk.deviceId, START), 'sign_in');
    clock = START + 10 * DAY;
    await grants.check(USER);
    clock -= 4 * 60_000;
    expect((await grants.check(USER)).kind).toBe('good');
    clock -= 2 * 60_000;
    expect(await grants.check(USER)).toEqual({ kind: 'lapsed', why: 'clock_set_back' });
    // Setting it back does not reset the mark.
    expect(await grants.check(USER)).toEqual({ kind: 'lapsed', why: 'clock_set_back' });
    await grants.adopt(await server(desk.deviceId, clock), 'renewal');
    expect((await grants.check(USER)).kind).toBe('good');
  });

  it('is for its user and its device, unchanged', async () => {
    const server = await makeServer();
    const none = { kind: 'lapsed', why: 'none' };
    expect(await grants.check(USER)).toEqual(none);
    await grants.adopt(await server('another-device', START), 'sign_in');
    expect(await grants.check(USER)).toEqual(none);
    const good = await server(desk.deviceId, START);
    await grants.adopt(good, 'sign_in');
    expect(await grants.check('another user')).toEqual(none);
    const [head = '', body = '', signature = ''] = good.token.split('.');
    const longer = JSON.parse(atob(body)) as Record<string, unknown>;
    const forged = btoa(JSON.stringify({ ...longer, exp: START })).replaceAll('=', '');
    await grants.adopt({ ...good, token: `${head}.${forged}.${signature}` }, 'renewal');
    expect(await grants.check(USER)).toEqual(none);
    const unsigned = btoa(JSON.stringify({ alg: 'none' })).replaceAll('=', '');
    await grants.adopt({ ...good, token: `${unsigned}.${body}.` }, 'renewal');
    expect(await grants.check(USER)).toEqual(none);
    await grants.adopt(good, 'renewal');
    await grants.forget();
    expect(await grants.check(USER)).toEqual(none);
  });

  it('is checked with the key of the sign-in, whatever key comes with a later one', async () => {
    const [server, stranger] = [await makeServer(), await makeServer()];
    await grants.adopt(await server(desk.deviceId, START), 'sign_in');
    await grants.adopt(await stranger(desk.deviceId, START, 1000), 'renewal');
    expect(await grants.check(USER)).toEqual({ kind: 'lapsed', why: 'none' });
    await grants.adopt(await stranger(desk.deviceId, START), 'sign_in');
    expect((await grants.check(USER)).kind).toBe('good');
  });
});

describe('the password that unlocks', () => {
  it('is known without being kept, for the user who typed it', async () => {
    const secrets = webSecretStore(desk.local);
    const verifier = makePasswordVerifier(secrets);
    expect(await verifier.matches(USER, 'p\u00e4sswort mit acht')).toBeUndefined();
    await verifier.keep(USER, 'p\u00e4sswort mit acht');
    expect(await verifier.matches(USER, 'pa\u0308sswort mit acht')).toBe(true);
    expect(await verifier.matches(USER, 'passwort mit acht')).toBe(false);
    expect(await verifier.matches('another user', 'p\u00e4sswort mit acht')).toBeUndefined();
    expect(JSON.stringify(await desk.local.settings.toArray())).not.toContain('mit acht');
    await verifier.forget();
    expect(await verifier.matches(USER, 'p\u00e4sswort mit acht')).toBeUndefined();
  });
});
