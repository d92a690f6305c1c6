import { expect, it } from 'vitest';
import { dueText } from '../../../renderer/order/due-words.ts';

it.each([
  [{ due: { days: 14 }, anchor: 'ship', on: '2026-10-13' }, '10/13/2026'],
  [{ due: { days: 14 }, anchor: 'invoice' }, '14 days after the invoice date'],
  [{ due: { days: 1 }, anchor: 'receipt' }, '1 day after the receipt date'],
  [{ due: { days: 0 }, anchor: 'acceptance' }, 'on the acceptance date'],
  [{ due: { days: -1, businessDay: true }, anchor: 'ship' }, '1 day before the ship date, on a business day'],
] as const)('[R3] %j reads "%s"', (view, words) => {
  expect(dueText(view)).toBe(words);
});
