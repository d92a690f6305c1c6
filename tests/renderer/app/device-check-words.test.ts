import { expect, it } from 'vitest';
import { checkSentence } from '../../../renderer/app/device-check-words.ts';

const collections = [
  { collection: 'parties', here: 1200, there: 1200, differing: 0 },
  { collection: 'orders', here: 34, there: 36, differing: 2 },
];
it.each([
  [{ equal: true, mended: 0 }, /^All 1,234 records are as on the server/u],
  [{ equal: true, mended: 3 }, /^3 records differed and were fetched again\. All 1,234 records are now as on the server\.$/u],
  [{ equal: false, mended: 3 }, /^2 records still differ/u],
])('says what a check found: %j', (outcome, words) => {
  expect(checkSentence({ at: '2026-09-04T14:00:00.000Z', collections, ...outcome })).toMatch(words);
});
