/**
 * The envelope of everything on the disk: a header of 36 bytes that says what and where it is, and a payload.
 *
 * The payload may be encrypted (AES-GCM, a fresh random nonce a frame, the header as authenticated data), so a frame that
 * was moved to another place, kind or store does not open. Checksums lie over the stored bytes: a frame with good checksums
 * that does not decrypt was written with another key; one with bad checksums is damaged.
 */
import { crc32c } from './crc32c.ts';

const MAGIC = 0x32444b50; // 'PKD2', little-endian
const FORMAT = 1;
const HEADER = 36;
/** The part of the header that is bound to an encrypted payload: all before the lengths and sums. */
const BOUND = 24;
const NONCE = 12;
const ENCRYPTED = 1;

const kinds = { log: 1, body: 2, head: 3, order: 4, manifest: 5 } as const;
export type FrameKind = keyof typeof kinds;

export interface Place {
  readonly kind: FrameKind;
  /** Sequence number of the log row, number of the page, or copy of the manifest. */
  readonly position: number;
  /** Random number of the store, so that frames of two databases cannot be mixed. */
  readonly store: number;
}

/** Why a frame was not read. `newer`, `sealed`, `open` and `other_key` concern the whole store; the rest is damage. */
export type Unreadable =
  | 'missing'
  | 'short'
  | 'magic'
  | 'header'
  | 'place'
  | 'length'
  | 'checksum'
  | 'newer'
  | 'sealed'
  | 'open'
  | 'other_key';
export type Opened = { readonly ok: true; readonly payload: Uint8Array } | { readonly ok: false; readonly reason: Unreadable };

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: false });

function writeHeader(frame: Uint8Array, place: Place, encrypted: boolean): void {
  const view = new DataView(frame.buffer, frame.byteOffset, HEADER);
  view.setUint32(0, MAGIC, true);
  view.setUint8(4, kinds[place.kind]);
  view.setUint8(5, encrypted ? ENCRYPTED : 0);
  view.setUint16(6, FORMAT, true);
  view.setFloat64(8, place.position, true);
  view.setFloat64(16, place.store, true);
}
function writeSums(frame: Uint8Array): void {
  const view = new DataView(frame.buffer, frame.byteOffset, HEADER);
  view.setUint32(24, frame.length - HEADER, true);
  view.setUint32(28, crc32c(frame.subarray(HEADER)), true);
  view.setUint32(32, crc32c(frame.subarray(0, 32)), true);
}

function framed(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEADER + bytes.length);
  frame.set(bytes, HEADER);
  return frame;
}
/** Most texts are ASCII, one byte a character: these are encoded where they belong, without a copy. */
function framedText(text: string): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEADER + text.length);
  const { read } = encoder.encodeInto(text, frame.subarray(HEADER));
  return read === text.length ? frame : framed(encoder.encode(text));
}

export const textOf = (payload: Uint8Array): string => decoder.decode(payload);

/** Packs a payload for its place. Never fails but for want of memory. */
export async function sealFrame(
  place: Place,
  payload: string | Uint8Array<ArrayBuffer>,
  key: CryptoKey | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  if (key === undefined) {
    const frame = typeof payload === 'string' ? framedText(payload) : framed(payload);
    writeHeader(frame, place, false);
    writeSums(frame);
    return frame;
  }
  const bytes = typeof payload === 'string' ? encoder.encode(payload) : payload;
  const header = new Uint8Array(HEADER);
  writeHeader(header, place, true);
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData: header.subarray(0, BOUND) }, key, bytes);
  const frame = new Uint8Array(HEADER + NONCE + sealed.byteLength);
  frame.set(header);
  frame.set(nonce, HEADER);
  frame.set(new Uint8Array(sealed), HEADER + NONCE);
  writeSums(frame);
  return frame;
}

const no = (reason: Unreadable): Opened => ({ ok: false, reason });

/** The store number that a frame claims; undefined when the header is not whole. */
export function storeOf(frame: unknown): number | undefined {
  if (!(frame instanceof Uint8Array) || frame.length < HEADER) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, HEADER);
  if (view.getUint32(0, true) !== MAGIC || view.getUint32(32, true) !== crc32c(frame.subarray(0, 32))) return undefined;
  return view.getFloat64(16, true);
}

/** Is this frame encrypted? Undefined when its header is not whole. */
export function isSealed(frame: unknown): boolean | undefined {
  if (storeOf(frame) === undefined) return undefined;
  return ((frame as Uint8Array)[5] ?? 0) % 2 === ENCRYPTED;
}

/** Checks every claim of a frame against its place, then answers its payload. `mixed`: with a key, plain frames count too. */
export async function openFrame(place: Place, frame: unknown, key: CryptoKey | undefined, mixed = false): Promise<Opened> {
  if (frame === undefined) return no('missing');
  if (!(frame instanceof Uint8Array) || frame.length < HEADER) return no('short');
  const view = new DataView(frame.buffer, frame.byteOffset, HEADER);
  if (view.getUint32(0, true) !== MAGIC) return no('magic');
  if (view.getUint32(32, true) !== crc32c(frame.subarray(0, 32))) return no('header');
  if (view.getUint16(6, true) > FORMAT) return no('newer');
  if (view.getUint8(4) !== kinds[place.kind] || view.getFloat64(8, true) !== place.position) return no('place');
  if (view.getFloat64(16, true) !== place.store) return no('place');
  if (view.getUint32(24, true) !== frame.length - HEADER) return no('length');
  const payload = frame.subarray(HEADER);
  if (view.getUint32(28, true) !== crc32c(payload)) return no('checksum');
  const encrypted = (view.getUint8(5) & ENCRYPTED) !== 0;
  if (encrypted && key === undefined) return no('sealed');
  if (!encrypted && key !== undefined && !mixed) return no('open');
  if (key === undefined || !encrypted) return { ok: true, payload };
  try {
    const plain = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: payload.slice(0, NONCE), additionalData: frame.slice(0, BOUND) },
      key,
      payload.slice(NONCE),
    );
    return { ok: true, payload: new Uint8Array(plain) };
  } catch {
    return no('other_key');
  }
}
