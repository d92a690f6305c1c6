/** Keys by which programs use the API in the name of an account: making one, revoking it, and judging one that is shown. */
import { randomInt } from 'node:crypto';
import { contains } from '../../domain/access/narrowed.ts';
import { readGrants } from '../../domain/access/rights.ts';
import { keyDevice, reachOf } from '../access/reach.ts';
import { readAccess } from '../db/access.ts';
import { type Account, accountById } from '../db/accounts.ts';
import { type ApiKeyRow, addApiKey, apiKeyById, noteKeyUse, revokeApiKey } from '../db/api-keys.ts';
import type { Database } from '../db/database.ts';
import { securityEvent } from '../db/security-events.ts';
import { settingOf } from '../db/settings.ts';
import { HttpError } from '../error-answer.ts';
import { KEY_PREFIX, type KeyCheck } from './authenticate.ts';
import type { By } from './devices.ts';
import { hashOfToken, isHashOf, newToken } from './tokens.ts';

/** `drk_<id>_<secret>`: the id finds the row, the secret of 256 bits proves it. */
const KEY = /^drk_([a-z0-9]{12})_[\w-]{43}$/u;
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';
const ID_LETTERS = 12;
const DAY_MS = 86_400_000;
/** A stream is opened anew this often, and the key judged again. */
const STREAM_MS = 15 * 60_000;

export interface KeyDependencies {
  readonly db: Database;
  readonly now: () => Date;
}
export interface NewKey {
  readonly accountId: string;
  readonly name: string;
  readonly permissions: readonly string[];
  readonly days: number;
}
export type KeyOutcome =
  /** `key` is told this once. */
  | { readonly kind: 'made'; readonly id: string; readonly key: string; readonly expiresAt: string }
  | { readonly kind: 'unknown_account' }
  /** The company lets keys live for fewer days. */
  | { readonly kind: 'too_long'; readonly days: number }
  /** Neither the account nor a part of what it may do has this. */
  | { readonly kind: 'beyond'; readonly permission: string };

/** Makes a key that may do a part of what its account may do. */
export async function makeKey({ db, now }: KeyDependencies, wanted: NewKey, by: By): Promise<KeyOutcome> {
  const at = now();
  const id = Array.from({ length: ID_LETTERS }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('');
  const key = `${KEY_PREFIX}${id}_${newToken()}`;
  const expiresAt = new Date(at.getTime() + wanted.days * DAY_MS).toISOString();
  return db.transaction(async (runner): Promise<KeyOutcome> => {
    const account = await accountById(runner, wanted.accountId);
    if (!account || account.disabled) return { kind: 'unknown_account' };
    const days = await settingOf(runner, 'key_days');
    if (wanted.days > days) return { kind: 'too_long', days };
    const own = readGrants((await readAccess(runner, account.id)).grants);
    const permissions = [...new Set(wanted.permissions)];
    const beyond = permissions.find((one) => !own.some(({ permission }) => contains(permission, one) || contains(one, permission)));
    if (beyond !== undefined) return { kind: 'beyond', permission: beyond };
    const row = { id, accountId: account.id, name: wanted.name, permissions, createdAt: at.toISOString(), createdBy: by.id, expiresAt };
    await addApiKey(runner, { ...row, hash: hashOfToken(key) });
    const details = { key: id, name: wanted.name, permissions, expiresAt, by: { id: by.id, name: by.name } };
    await securityEvent(runner, { kind: 'key_created', who: account, device: by.device, address: by.address, at, details });
    return { kind: 'made', id, key, expiresAt };
  });
}

/** Holds for the next request in every server process. Answers false when there is no such key, or it was revoked before. */
export async function endKey({ db, now }: KeyDependencies, id: string, by: By): Promise<boolean> {
  const at = now();
  return db.transaction(async (runner) => {
    const row = await revokeApiKey(runner, id, by.id, at.toISOString());
    if (!row) return false;
    const who = await accountById(runner, row.accountId);
    const details = { key: id, name: row.name, by: { id: by.id, name: by.name } };
    await securityEvent(runner, { kind: 'key_revoked', who, device: by.device, address: by.address, at, details });
    return true;
  });
}

const headers = { 'www-authenticate': 'Bearer' };

/**
 * Judges keys. The first use in an hour from an address is an entry in `security_events`, as is the first refusal of a known
 * key: one for each use would bury the others.
 */
export function keyCheck({ db, now, isRefused }: KeyDependencies & { readonly isRefused: (account: Account) => boolean }): KeyCheck {
  let hour = '';
  const noted = new Set<string>();
  async function note(kind: 'key_used' | 'key_refused', { id, name }: ApiKeyRow, who: Account | undefined, address: string, why = '') {
    const at = now();
    const thisHour = at.toISOString().slice(0, 13);
    if (hour !== thisHour) noted.clear();
    hour = thisHour;
    const mark = `${kind} ${id} ${address} ${why}`;
    if (noted.has(mark)) return;
    noted.add(mark);
    const details = { key: id, name, ...(why === '' ? {} : { why }) };
    await securityEvent(db, { kind, who, device: keyDevice(id), address, at, details });
  }
  const wrong = (): HttpError => new HttpError(401, 'key_invalid', 'This API key is unknown, has expired, or was revoked.', { headers });

  return async (key, { isOpen, address }) => {
    const [, id = ''] = KEY.exec(key) ?? [];
    const row = id === '' ? undefined : await apiKeyById(db, id);
    if (!row || !isHashOf(row.hash, key)) throw wrong();
    const account = await accountById(db, row.accountId);
    const at = now();
    const why =
      row.revokedAt !== null
        ? 'revoked'
        : row.expiresAt <= at.toISOString()
          ? 'expired'
          : !account || isRefused(account)
            ? 'account'
            : isOpen
              ? ''
              : 'place';
    if (!account || why !== '') {
      await note('key_refused', row, account, address, why);
      if (why !== 'place') throw wrong();
      throw new HttpError(403, 'key_not_allowed', 'API keys cannot do this. Sign in as a person.');
    }
    await noteKeyUse(db, id, address, at.toISOString());
    await note('key_used', row, account, address);
    const { email, name, role, deskId } = account;
    const device = keyDevice(id);
    return {
      user: { id: account.id, email, name, role, deskId },
      reach: reachOf(account.id, device),
      session: '',
      device,
      address,
      expiresAt: new Date(Math.min(new Date(row.expiresAt).getTime(), at.getTime() + STREAM_MS)),
      // Its rights end with it, which every stream is told at once, and ends.
      onEnd: () => () => undefined,
    };
  };
}
