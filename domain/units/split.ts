/** Dividing money so that the parts always add up (R8, R13). */
import { type Cents, cents } from './units.ts';

/**
 * Splits an amount in proportion to weights by largest remainder. Ties go to the earlier part, so every device computes
 * the same cents. A negative amount is the exact negative of the split of its opposite. Weights: integers >= 0, not all 0.
 */
export function splitProportionally(amount: Cents, weights: readonly number[]): Cents[] {
  if (amount < 0) return splitProportionally(cents(-amount), weights).map((part) => cents(-part));
  const parts = weights.map((value) => BigInt(value));
  const whole = parts.reduce((sum, value) => sum + value, 0n);
  if (parts.some((value) => value < 0n) || whole === 0n) throw new Error('a split needs weights of zero or more, and one above zero');
  const shares = parts.map((value, position) => {
    const exact = BigInt(amount) * value;
    return { position, floor: exact / whole, rest: exact % whole };
  });
  let left = Number(BigInt(amount) - shares.reduce((sum, share) => sum + share.floor, 0n));
  const result = shares.map((share) => Number(share.floor));
  for (const share of [...shares].sort((a, b) => (b.rest === a.rest ? a.position - b.position : b.rest > a.rest ? 1 : -1))) {
    if (left === 0) break;
    result[share.position] = (result[share.position] ?? 0) + 1;
    left -= 1;
  }
  return result.map((value) => cents(value));
}
