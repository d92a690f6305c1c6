import { describe, expect, it } from 'vitest';
import { dueBy, dueDate } from '../../../domain/vocabulary/due-date.ts';
import { terms } from '../../../domain/vocabulary/partner.ts';

describe('[R3] a due date', () => {
  it.each([
    ['so many days later, moved past a weekend and a holiday', '2026-09-26', { days: 14, businessDay: true }, '2026-10-13'],
    ['the next business day after a holiday that is kept on Friday', '2026-07-02', { days: 1, businessDay: true }, '2026-07-06'],
    ['on whatever day it falls where nothing else was agreed', '2026-09-12', { days: 15 }, '2026-09-27'],
    ['ten days after acceptance', '2026-09-05', { days: 10 }, '2026-09-15'],
    ['thirty days after acceptance', '2026-09-05', { days: 30 }, '2026-10-05'],
    ['the day itself', '2026-09-25', { days: 0 }, '2026-09-25'],
    ['the day before, moved to the business day before', '2026-10-13', { days: -1, businessDay: true }, '2026-10-09'],
  ] as const)('is %s', (_, anchor, due, expected) => {
    expect(dueDate(due, anchor)).toBe(expected);
  });

  it('follows the company’s days, and the date from which the terms run', () => {
    const dates = { ship: '2026-09-04', receipt: '2026-09-07' };
    expect(dueBy({ terms: 'net_14', anchor: 'ship' }, dates, {})).toEqual({ due: { days: 14 }, anchor: 'ship', on: '2026-09-18' });
    expect(dueBy({ terms: 'net_14', anchor: 'receipt' }, dates, {})?.on).toBe('2026-09-21');
    const own = { terms: [{ key: 'net_14', label: 'Two weeks and a day', due: { days: 15 } }] };
    expect(dueBy({ terms: 'net_14', anchor: 'ship' }, dates, own)?.on).toBe('2026-09-19');
  });

  it('is not guessed: without its date it waits, without days or anchor there is none', () => {
    expect(dueBy({ terms: 'net_7', anchor: 'invoice' }, { ship: '2026-09-04' }, {})).toEqual({ due: { days: 7 }, anchor: 'invoice' });
    expect(dueBy({ terms: 'net_7', anchor: 'ship' }, { ship: '' }, {})?.on).toBeUndefined();
    for (const [key, anchor] of [
      ['prepaid', 'ship'],
      ['other', 'ship'],
      ['unheard', 'ship'],
      [undefined, 'ship'],
      ['net_7', undefined],
    ] as const)
      expect(dueBy({ terms: key, anchor }, { ship: '2026-09-04' }, {})).toBeUndefined();
  });

  it('has days of the program that are those in its words', () => {
    const named = Object.entries(terms.dues ?? {}).filter(([key]) => key.startsWith('net_'));
    expect(named.map(([, { days }]) => `net_${days}`)).toEqual(named.map(([key]) => key));
  });
});
