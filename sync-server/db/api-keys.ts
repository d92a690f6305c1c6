/** API keys. Stored as hashes only. */
import type { KeyLine } from '../../domain/protocol/admin.ts';
import type { Runner } from './database.ts';

export type ApiKeyRow = Omit<KeyLine, 'accountName' | 'email'>;
const columns = `k.id, k.account_id as "accountId", k.name, k.permissions, k.created_at as "createdAt", k.created_by as "createdBy",
  k.expires_at as "expiresAt", k.last_used_at as "lastUsedAt", k.last_used_from as "lastUsedFrom", k.revoked_at as "revokedAt"`;

export async function addApiKey(
  runner: Runner,
  key: Omit<ApiKeyRow, 'lastUsedAt' | 'lastUsedFrom' | 'revokedAt'> & { readonly hash: string },
): Promise<void> {
  await runner.rows({
    text: `insert into api_keys (id, account_id, name, key_hash, permissions, created_at, created_by, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [key.id, key.accountId, key.name, key.hash, key.permissions, key.createdAt, key.createdBy, key.expiresAt],
  });
}

export async function apiKeyById(runner: Runner, id: string): Promise<(ApiKeyRow & { readonly hash: string }) | undefined> {
  const rows = await runner.rows<ApiKeyRow & { readonly hash: string }>({
    name: 'api-key-by-id',
    text: `select ${columns}, k.key_hash as hash from api_keys k where k.id = $1`,
    values: [id],
  });
  return rows[0];
}

/** Of one account, or of all; the newest first. */
export async function listApiKeys(runner: Runner, accountId?: string): Promise<KeyLine[]> {
  return runner.rows<KeyLine>({
    text: `select ${columns}, a.name as "accountName", a.email from api_keys k join accounts a on a.id = k.account_id
      where $1::text is null or k.account_id = $1 order by k.created_at desc, k.id`,
    values: [accountId ?? null],
  });
}

/** The row as it was, or undefined when there is no such key or it was revoked before. */
export async function revokeApiKey(runner: Runner, id: string, by: string, now: string): Promise<ApiKeyRow | undefined> {
  const rows = await runner.rows<ApiKeyRow>({
    text: `update api_keys k set revoked_at = $3, revoked_by = $2 where k.id = $1 and k.revoked_at is null returning ${columns}`,
    values: [id, by, now],
  });
  return rows[0];
}

/** At most once a minute for each address, as a program may ask many times a second. */
export async function noteKeyUse(runner: Runner, id: string, address: string, now: string): Promise<void> {
  await runner.rows({
    name: 'note-key-use',
    text: `update api_keys set last_used_at = $2, last_used_from = $3
      where id = $1 and (last_used_at is null or last_used_at < $2::timestamptz - interval '1 minute' or last_used_from is distinct from $3)`,
    values: [id, now, address],
  });
}
