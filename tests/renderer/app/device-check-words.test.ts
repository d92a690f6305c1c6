import { expect, it } from 'vitest';
import { checkSentence, damageSentence } from '../../../renderer/app/device-check-words.ts';

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

it('says what a damaged disk cost: records that are known by number, some, or none', () => {
  const damage = { position: 1, healed: false, reason: 'checksum' } as const;
  expect(damageSentence([{ ...damage, kind: 'body_page', collection: 'orders', ids: ['a', 'b'] }])).toContain('at least 2 records were');
  const notes = { ...damage, kind: 'body_page', collection: 'rx-replication-meta-x', ids: ['a', 'b', 'c'] } as const;
  expect(damageSentence([notes, { ...damage, kind: 'body_page', collection: 'orders', ids: ['a'] }])).toContain(
    'at least 1 record was lost',
  );
  expect(damageSentence([notes])).toMatch(/^Notes about the synchronization.*No record is lost/u);
  expect(damageSentence([{ ...damage, kind: 'log_row', ids: [] }])).toContain('some records were lost here');
  expect(damageSentence([{ ...damage, kind: 'manifest', ids: [] }])).toMatch(/made it again from the records/u);
});
