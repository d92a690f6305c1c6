/** Ids that a device makes by itself. */

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** 16 bytes as a UUID of this version, RFC 9562 variant. */
function asUuid(bytes: Uint8Array, version: number): string {
  const marked = bytes.slice(0, 16);
  marked[6] = ((marked[6] ?? 0) & 0x0f) | (version << 4);
  marked[8] = ((marked[8] ?? 0) & 0x3f) | 0x80;
  const text = hex(marked);
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`;
}

/** A UUIDv7: ordered by the device's clock in milliseconds, random behind it. */
export function newId(now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0; i < 6; i += 1) bytes[i] = Math.floor(now / 256 ** (5 - i)) % 256;
  return asUuid(bytes, 7);
}

/** A fresh write id: the device's first eight characters, the clock, and 64 random bits. At most 60 characters. */
export const newWriteId = (deviceId: string, now: number = Date.now()): string =>
  `${deviceId.slice(0, 8)}-${now.toString(36)}-${hex(crypto.getRandomValues(new Uint8Array(8)))}`;

/**
 * The id of a record that came from another system: UUIDv8 of SHA-256 over `source:key`, so that two devices that import
 * the same row make one record.
 */
export async function importedId(source: string, key: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${source}:${key}`));
  return asUuid(new Uint8Array(digest), 8);
}
