import { expect, it } from 'vitest';
import { activityNoun, isOverdue } from '../../../domain/activity/activity.rules.ts';
import { problemCodes } from '../sample.ts';

const codes = (draft: Record<string, unknown>): string[] => problemCodes(activityNoun, { kind: 'task', title: 'Call the plant', ...draft });

it('[D13] a record is named with its type, and what has a time of completion is done', () => {
  expect(codes({})).toEqual([]);
  expect(codes({ recordId: 'party-1' })).toEqual(['hard recordCollection half_link']);
  expect(codes({ recordId: 'party-1', recordCollection: 'parties' })).toEqual([]);
  expect(codes({ doneAt: '2026-09-04T14:00:00.000Z' })).toEqual(['hard done done_at_only']);
  expect(codes({ doneAt: '2026-09-04T14:00:00.000Z', done: true })).toEqual([]);
});

it('a task is overdue when it is open after its due time', () => {
  const now = '2026-09-04T14:00:00.000Z';
  expect(isOverdue({ dueAt: '2026-09-04T13:59:59.999Z' }, now)).toBe(true);
  expect(isOverdue({ dueAt: '2026-09-04T13:59:59.999Z', done: true }, now)).toBe(false);
  expect(isOverdue({ dueAt: '' }, now)).toBe(false);
});
