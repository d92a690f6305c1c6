/** Seals what the server must be able to read again, such as the secrets of authenticator apps: AES-256-GCM, bound to its owner. */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

export interface Seal {
  /** `owner`: whoever it belongs to; under another one it does not open. */
  close(text: string, owner: string): string;
  /** Throws SealBroken when it was changed, belongs to another owner, or was closed with another key. */
  open(sealed: string, owner: string): string;
}

/** A stored secret cannot be opened: DROVER_SECRET is another one than when it was stored, or somebody changed it. */
export class SealBroken extends Error {
  readonly code = 'seal_broken';
  constructor(cause: unknown) {
    super('A stored secret cannot be opened. Is DROVER_SECRET the one it was stored with?', { cause });
    this.name = 'SealBroken';
  }
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** `secret` is DROVER_SECRET, or a key of the database where none is set. */
export function openSeal(secret: string): Seal {
  const key = Buffer.from(hkdfSync('sha256', createHash('sha256').update(secret).digest(), '', 'drover seal 1', 32));
  return {
    close(text, owner) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(owner));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
    },
    open(sealed, owner) {
      const bytes = Buffer.from(sealed, 'base64url');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
          .setAAD(Buffer.from(owner))
          .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new SealBroken(cause);
      }
    },
  };
}
