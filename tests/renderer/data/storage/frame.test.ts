import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../../../../renderer/data/storage/crc32c.ts';
import { type Place, openFrame, sealFrame, textOf } from '../../../../renderer/data/storage/frame.ts';
import { decodeOrders, encodeOrders } from '../../../../renderer/data/storage/order-page.ts';

const place: Place = { kind: 'log', position: 7, store: 4711 };
const newKey = (): Promise<CryptoKey> => crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
const flipped = (frame: Uint8Array, bit: number): Uint8Array => {
  const copy = frame.slice();
  const at = Math.floor(bit / 8) % copy.length;
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit % 8));
  return copy;
};

describe('the checksum', () => {
  it('is CRC-32C (check values of RFC 3720, B.4, and of the CRC catalogue)', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(new Uint8Array(0))).toBe(0);
  });

  it('is the same wherever the bytes lie', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat({ max: 7 }), (bytes, offset) => {
        const moved = new Uint8Array(bytes.length + offset);
        moved.set(bytes, offset);
        expect(crc32c(moved.subarray(offset))).toBe(crc32c(bytes));
      }),
    );
  });
});

describe.each([
  ['plain', false],
  ['encrypted', true],
])('a %s frame', (_name, encrypted) => {
  const keyFor = (): Promise<CryptoKey | undefined> => (encrypted ? newKey() : Promise.resolve(undefined));

  it('gives back its text', async () => {
    const key = await keyFor();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
        const opened = await openFrame(place, await sealFrame(place, text, key), key);
        expect(opened.ok && textOf(opened.payload)).toBe(text);
      }),
    );
  });

  it('shows every flipped bit and every cut', async () => {
    const key = await keyFor();
    const frame = await sealFrame(place, JSON.stringify({ weight: 40_000 }), key);
    for (let bit = 0; bit < frame.length * 8; bit += 1) {
      const opened = await openFrame(place, flipped(frame, bit), key);
      expect(opened.ok, `bit ${bit}`).toBe(false);
    }
    for (let length = 0; length < frame.length; length += 1) {
      expect((await openFrame(place, frame.slice(0, length), key)).ok, `cut to ${length}`).toBe(false);
    }
  });

  it('opens at no other place', async () => {
    const key = await keyFor();
    const frame = await sealFrame(place, 'x', key);
    const reasons = await Promise.all(
      [
        { ...place, kind: 'body' as const },
        { ...place, position: 8 },
        { ...place, store: 4712 },
      ].map((other) => openFrame(other, frame, key)),
    );
    expect(reasons.map((opened) => !opened.ok && opened.reason)).toEqual(['place', 'place', 'place']);
  });
});

describe('an encrypted frame', () => {
  it('says whether the key is missing, wrong or not wanted', async () => {
    const [key, other] = [await newKey(), await newKey()];
    const sealed = await sealFrame(place, 'x', key);
    expect(await openFrame(place, sealed, other)).toEqual({ ok: false, reason: 'other_key' });
    expect(await openFrame(place, sealed, undefined)).toEqual({ ok: false, reason: 'sealed' });
    expect(await openFrame(place, await sealFrame(place, 'x', undefined), key)).toEqual({ ok: false, reason: 'open' });
  });

  it('is another one each time, and does not show what it holds', async () => {
    const key = await newKey();
    const [first, second] = [await sealFrame(place, 'carcass', key), await sealFrame(place, 'carcass', key)];
    expect(first).not.toEqual(second);
    expect(new TextDecoder().decode(first)).not.toContain('carcass');
  });
});

describe('sorted orders', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.nat({ max: 9 }), fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 5 }), (count, names) => {
        const byIndex = new Map(names.map((name, n) => [name, Uint32Array.from({ length: count }, (_, i) => i * 100_003 + n)]));
        expect(decodeOrders(encodeOrders({ count, byIndex }))).toEqual({ count, byIndex });
      }),
    );
  });
});
