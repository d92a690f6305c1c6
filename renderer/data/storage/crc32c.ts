/** CRC-32C (Castagnoli, reflected polynomial 0x82f63b78), eight bytes a step. */
const POLYNOMIAL = 0x82f63b78;

/** Eight tables of 256, one after the other: table `n` is what a byte does that stands `n` places before the end. */
const tables: Uint32Array = (() => {
  const all = new Uint32Array(8 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
    all[byte] = value;
  }
  for (let at = 256; at < all.length; at += 1) {
    const before = all[at - 256] ?? 0;
    all[at] = (before >>> 8) ^ (all[before & 255] ?? 0);
  }
  return all;
})();
const step = (table: number, byte: number): number => tables[table * 256 + (byte & 255)] ?? 0;

/** Unsigned 32 bits over the whole of `bytes`. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  const { length } = bytes;
  let at = 0;
  // Words can be read at once where they are aligned, which the payload of a frame is; all machines that run browsers are little-endian.
  if (bytes.byteOffset % 4 === 0) {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(length / 8) * 2);
    for (let i = 0; i < words.length; i += 2) {
      const low = crc ^ (words[i] ?? 0);
      const high = words[i + 1] ?? 0;
      crc =
        step(7, low) ^
        step(6, low >>> 8) ^
        step(5, low >>> 16) ^
        step(4, low >>> 24) ^
        step(3, high) ^
        step(2, high >>> 8) ^
        step(1, high >>> 16) ^
        step(0, high >>> 24);
    }
    at = words.length * 4;
  }
  for (; at < length; at += 1) crc = (crc >>> 8) ^ step(0, crc ^ (bytes[at] ?? 0));
  return (crc ^ 0xffffffff) >>> 0;
}
