/** One block of the seal: what is hashed, what is signed, and what is said when it does not fit. */
import { type KeyObject, createHash, sign, verify } from 'node:crypto';

/** Changes of records, or events that change none. */
export type AuditLog = 'audit' | 'security_events';

export interface BlockContent {
  /** From 1 without holes, over both logs. */
  readonly number: number;
  readonly log: AuditLog;
  /** First and last position that it covers, both included. */
  readonly from: number;
  readonly to: number;
  /** Of events: the positions that exist; null for changes, of which each exists. */
  readonly seqs: readonly number[] | null;
  /** 32 bytes for each entry, in order; zeros for one that was not there any more. */
  readonly leaves: Buffer;
  /** Which details of events were hashed apart, as JSON; of changes, whose entries say that themselves, `[]`. */
  readonly personal: string;
  /** ISO instant. */
  readonly sealedAt: string;
  /** Hash of the block before; 64 zeros for the first. */
  readonly previous: string;
}
export interface Block extends BlockContent {
  /** SHA-256 in hex. */
  readonly hash: string;
  /** Id of the key. */
  readonly key: string;
  /** Ed25519 over the hash, base64. */
  readonly signature: string;
}

/** Which block it is. */
export type BlockName = Pick<Block, 'number' | 'hash' | 'sealedAt'>;

export const LEAF_BYTES = 32;
export const FIRST_PREVIOUS = '0'.repeat(64);
const FORM = 'drover-audit-block-1';

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
export const leafOf = (entry: Buffer): Buffer => createHash('sha256').update(entry).digest();

export function hashOf({ number, log, from, to, seqs, leaves, personal, sealedAt, previous }: BlockContent): string {
  return sha256(JSON.stringify([FORM, number, log, from, to, seqs, sha256(leaves), personal, sealedAt, previous]));
}

export function signed(content: BlockContent, { key, id }: { readonly key: KeyObject; readonly id: string }): Block {
  const hash = hashOf(content);
  return { ...content, hash, key: id, signature: sign(null, Buffer.from(hash, 'hex'), key).toString('base64') };
}

/** Why the block cannot follow the one before; undefined when it does. Keys by their ids. */
export function faultOf(block: Block, before: Block | undefined, keys: ReadonlyMap<string, KeyObject>): string | undefined {
  if (block.number !== (before?.number ?? 0) + 1) return `block ${(before?.number ?? 0) + 1} is missing`;
  if (block.previous !== (before?.hash ?? FIRST_PREVIOUS)) return `block ${block.number} does not follow the one before it`;
  if (hashOf(block) !== block.hash) return `block ${block.number} was changed`;
  const key = keys.get(block.key);
  if (!key) return `block ${block.number} was signed with a key that is not known here (${block.key})`;
  if (!verify(null, Buffer.from(block.hash, 'hex'), key, Buffer.from(block.signature, 'base64')))
    return `block ${block.number} has a signature that is not the key's`;
  const count = block.seqs?.length ?? block.to - block.from + 1;
  return block.leaves.length === count * LEAF_BYTES ? undefined : `block ${block.number} has another number of entries than it says`;
}
