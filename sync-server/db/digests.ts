/**
 * Digests of what is stored, to compare a device with the server: per collection the number of live records and the XOR of
 * 64 bits of a hash of each record's collection, id and write id, split by one more byte of the hash into 256 buckets. The
 * device computes the same from its own storage (renderer/sync/digest.ts).
 */
import type { Scope } from '../../domain/access/condition.ts';
import type { BucketDigest } from '../../domain/protocol/protocol.ts';
import { parametersFrom, sqlOf } from './condition-sql.ts';
import type { Runner } from './database.ts';

const hash = (collection: string): string => `sha256(convert_to('${collection}/' || id || '/' || w, 'UTF8'))`;

/** Buckets of the records within the scope; those that hold nothing are left out. `hash` is hexadecimal without leading zeros. */
export async function bucketDigests(runner: Runner, collection: string, scope: Scope): Promise<BucketDigest[]> {
  const parameters = parametersFrom([]);
  return runner.rows<BucketDigest>({
    text: `select get_byte(h, 8) as bucket, count(*) as count,
        to_hex(bit_xor(('x' || encode(substr(h, 1, 8), 'hex'))::bit(64)::bigint)) as hash
      from (select ${hash(collection)} as h from "${collection}" where not deleted and ${sqlOf(scope, 'doc', parameters)}) hashed group by 1 order by 1`,
    values: parameters.values,
  });
}

export async function bucketRows(
  runner: Runner,
  collection: string,
  scope: Scope,
  buckets: readonly number[],
): Promise<{ id: string; w: string }[]> {
  const parameters = parametersFrom([buckets]);
  return runner.rows<{ id: string; w: string }>({
    text: `select id, w from "${collection}"
      where not deleted and get_byte(${hash(collection)}, 8) = any($1) and ${sqlOf(scope, 'doc', parameters)}`,
    values: parameters.values,
  });
}

/** Stored documents within the scope by id, tombstones included, as JSON text. */
export async function storedTexts(
  runner: Runner,
  collection: string,
  scope: Scope,
  ids: readonly string[],
): Promise<{ text: string; deleted: boolean }[]> {
  const parameters = parametersFrom([ids]);
  return runner.rows<{ text: string; deleted: boolean }>({
    text: `select doc::text as text, deleted from "${collection}" where id = any($1) and ${sqlOf(scope, 'doc', parameters)}`,
    values: parameters.values,
  });
}
