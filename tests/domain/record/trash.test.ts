import { describe, expect, test } from 'vitest';
import type { AnyDocument } from '../../../domain/entity/entity.ts';
import { goesOn, retainUntil } from '../../../domain/record/trash.ts';
import { nounOf } from '../../../domain/registry.ts';

const tombstone = (more: Record<string, unknown> = {}): AnyDocument =>
  ({ id: 'r-1', createdAt: '2026-01-02T08:00:00.000Z', modifiedAt: '2026-03-04T23:59:00.000Z', ...more }) as unknown as AnyDocument;
const when = (collection: string, document: AnyDocument, days: number): string => {
  const noun = nounOf(collection);
  if (!noun) throw new Error(`there are no ${collection}`);
  return goesOn(noun, document, days);
};

describe('[R28] a deleted record goes for good', () => {
  test('[R28] after whole days in the trash', () => {
    expect(when('parties', tombstone(), 30)).toBe('2026-04-04');
    expect(when('contacts', tombstone(), 365)).toBe('2027-03-05');
  });

  test('[R28] of a transaction not before two years after the end of its year', () => {
    expect(retainUntil('2026-03-14')).toBe('2028-12-31');
    expect(when('orders', tombstone({ orderedOn: '2025-12-31' }), 30)).toBe('2028-01-01');
    expect(when('receivables', tombstone({ issuedOn: '2026-02-01' }), 30)).toBe('2029-01-01');
    expect(when('lots', tombstone({ packedOn: '2026-02-01' }), 30)).toBe('2029-01-01');
    // The later of the two counts.
    expect(when('orders', tombstone({ orderedOn: '2020-05-01' }), 30)).toBe('2026-04-04');
  });

  test('[R28] where a transaction has no date yet, the day on which it was written down counts', () => {
    expect(when('orders', tombstone({ orderedOn: '' }), 30)).toBe('2029-01-01');
    expect(when('attachments', tombstone(), 30)).toBe('2029-01-01');
  });
});
