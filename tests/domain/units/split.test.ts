import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitProportionally } from '../../../domain/units/split.ts';
import { cents } from '../../../domain/units/units.ts';

describe('[R8] split', () => {
  it('[R8] gives every cent away where plain rounding loses one', () => {
    expect(splitProportionally(cents(471940), [2412050, 1140900, 575050])).toEqual([275761, 130435, 65744]);
  });

  it('[R8] breaks ties in the given order', () => {
    expect(splitProportionally(cents(82436), [1, 1, 1])).toEqual([27479, 27479, 27478]);
    expect(splitProportionally(cents(-82436), [1, 1, 1])).toEqual([-27479, -27479, -27478]);
    expect(splitProportionally(cents(1), [0, 1, 1])).toEqual([0, 1, 0]);
  });

  it('[R8] always adds up, never strays a cent from the exact share, and mirrors its negative', () => {
    const weights = fc
      .array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1, maxLength: 12 })
      .filter((all) => all.some((one) => one > 0));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000_000 }), weights, (amount, all) => {
        const parts = splitProportionally(cents(amount), all);
        const whole = all.reduce((sum, one) => sum + one, 0);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(amount);
        parts.forEach((part, i) => {
          const off = BigInt(part) * BigInt(whole) - BigInt(amount) * BigInt(all[i] ?? 0);
          expect(off < 0n ? -off : off).toBeLessThan(BigInt(whole));
        });
        expect(splitProportionally(cents(-amount), all)).toEqual(parts.map((part) => (part === 0 ? 0 : -part)));
      }),
    );
  });

  it('refuses weights of which nothing can be shared', () => {
    expect(() => splitProportionally(cents(10), [0, 0])).toThrow('above zero');
    expect(() => splitProportionally(cents(10), [2, -1])).toThrow('zero or more');
  });
});
