/**
 * Grants for working without the server: signed with a key that only servers have, checked by the device with the public half
 * that it got at its sign-in. In it is who, on which device, with what rights, until when.
 */
import { randomUUID } from 'node:crypto';
import { SignJWT, exportJWK, generateKeyPair, importJWK } from 'jose';
import { readGrants } from '../../domain/access/rights.ts';
import type { GrantAnswer, RightsSnapshot, SignedInUser } from '../../domain/protocol/protocol.ts';
import { readAccess } from '../db/access.ts';
import { signingKeys } from '../db/accounts.ts';
import type { Database } from '../db/database.ts';
import { settingOf } from '../db/settings.ts';

export type Grant = (user: SignedInUser, device: string, now: Date) => Promise<GrantAnswer>;

export async function openGrants(db: Database): Promise<Grant> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const [stored] = await signingKeys(db, 'grant', { kid: randomUUID(), secret: JSON.stringify(await exportJWK(privateKey)) });
  const { d, ...key } = JSON.parse(stored.secret) as Record<string, string>;
  const signer = await importJWK({ ...key, d: d ?? '' }, 'EdDSA');
  return async (user, device, now) => {
    const seconds = Math.floor(now.getTime() / 1000);
    const { id, ...who } = user;
    const { version, desks, grants } = await readAccess(db, id);
    const rights: RightsSnapshot = { version, desks, grants: readGrants(grants) };
    const token = await new SignJWT({ ...who, rights })
      .setProtectedHeader({ alg: 'EdDSA', kid: stored.kid })
      .setIssuer('drover')
      .setSubject(id)
      .setAudience(device)
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + (await settingOf(db, 'offline_days')) * 86_400)
      .sign(signer);
    return { token, key, at: now.toISOString() };
  };
}
