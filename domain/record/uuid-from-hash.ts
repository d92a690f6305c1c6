/** Ids that follow from what a record is about, so that two who make it make the same one. */

/** UUID version 8 (RFC 9562, section 5.8: custom content) from the first 16 bytes of a SHA-256. Needs at least 16 bytes. */
export function uuidFromHash(hash: Uint8Array): string {
  if (hash.length < 16) throw new Error('a UUID needs 16 bytes of hash');
  const bytes = Uint8Array.from(hash.subarray(0, 16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
