/**
 * The sorted orders of a collection, so that it opens without sorting: per index the slots as 32-bit numbers, counted over
 * the live positions of the pages that the manifest names.
 *
 * Payload: length of a line of JSON (u32), the line, padded to four bytes; then the orders, one after the other.
 */
export interface Orders {
  /** Documents in each order. */
  readonly count: number;
  readonly byIndex: ReadonlyMap<string, Uint32Array<ArrayBuffer>>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeOrders({ count, byIndex }: Orders): Uint8Array<ArrayBuffer> {
  const line = encoder.encode(JSON.stringify([count, [...byIndex.keys()]]));
  const start = 4 + line.length + ((4 - (line.length % 4)) % 4);
  const bytes = new Uint8Array(start + 4 * count * byIndex.size);
  new DataView(bytes.buffer).setUint32(0, line.length, true);
  bytes.set(line, 4);
  let at = start;
  for (const order of byIndex.values()) {
    // Little-endian, as every machine that runs a browser is.
    bytes.set(new Uint8Array(order.buffer, order.byteOffset, 4 * count), at);
    at += 4 * count;
  }
  return bytes;
}

export function decodeOrders(payload: Uint8Array): Orders {
  const length = new DataView(payload.buffer, payload.byteOffset).getUint32(0, true);
  const [count, names] = JSON.parse(decoder.decode(payload.subarray(4, 4 + length))) as [number, string[]];
  let at = 4 + length + ((4 - (length % 4)) % 4);
  const byIndex = new Map<string, Uint32Array<ArrayBuffer>>();
  for (const name of names) {
    const copy = payload.slice(at, at + 4 * count);
    byIndex.set(name, new Uint32Array(copy.buffer, 0, count));
    at += 4 * count;
  }
  return { count, byIndex };
}
