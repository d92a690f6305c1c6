import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { brake, counted, networkOf, release } from '../../../sync-server/auth/brake.ts';
import type { BrakeRow } from '../../../sync-server/db/brakes.ts';
import { type Database, openDatabase } from '../../../sync-server/db/database.ts';
import { cloneDatabase } from '../test-server.ts';

const START = new Date('2026-11-20T12:00:00.000Z').getTime();
const MINUTE = 60_000;
const fresh: BrakeRow = { failures: 0, countingSince: new Date(START).toISOString(), blockedUntil: null, blocks: 0 };

describe('the counter', () => {
  test('blocks longer each time, and shortly again after a day without a block', () => {
    let row = fresh;
    let at = START;
    const lengths: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      for (let tries = 0; tries < 11; tries += 1) row = counted(row, 10, new Date(at));
      const until = new Date(row.blockedUntil ?? 0).getTime();
      lengths.push((until - at) / MINUTE);
      at = until + (i === 2 ? 25 * 60 * MINUTE : 1);
    }
    expect(lengths).toEqual([15, 30, 60, 15]);
  });

  test('lets no more than its number through in any quarter of an hour, however the attempts fall', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 8 * MINUTE }), { maxLength: 120 }), fc.integer({ min: 1, max: 10 }), (gaps, most) => {
        let row = fresh;
        let at = START;
        const passed: number[] = [];
        for (const gap of gaps) {
          at += gap;
          row = counted(row, most, new Date(at));
          if (row.blockedUntil === null || new Date(row.blockedUntil).getTime() <= at) passed.push(at);
        }
        // The window is not a sliding one: at its border two of them may follow each other.
        for (const end of passed)
          expect(passed.filter((one) => one <= end && one > end - 15 * MINUTE).length).toBeLessThanOrEqual(2 * most);
      }),
    );
  });
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '::ffff:192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::6', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

describe('in the database', () => {
  let db: Database;
  let other: Database;
  beforeAll(async () => {
    const url = await cloneDatabase();
    db = openDatabase({ url });
    other = openDatabase({ url });
  });
  afterAll(async () => {
    await db.close();
    await other.close();
  });
  const now = new Date(START);

  test('forty attempts at once, through two processes, make ten', async () => {
    const target = { email: 'somebody@drover.example', address: '192.0.2.1' };
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => brake(i % 2 === 0 ? db : other, target, now)));
    expect(answers.filter(({ waitSeconds }) => waitSeconds === 0)).toHaveLength(10);
    expect(answers.filter(({ began }) => began)).toHaveLength(1);
  });

  test('an address of the network is blocked after a hundred failures, whatever accounts they tried', async () => {
    const guess = (address: string) => brake(db, { email: `${randomUUID()}@drover.example`, address }, now);
    for (let i = 0; i < 100; i += 1) expect((await guess('192.0.2.2')).waitSeconds).toBe(0);
    expect((await guess('192.0.2.2')).waitSeconds).toBe(15 * 60);
    expect((await guess('192.0.2.3')).waitSeconds).toBe(0);
  });

  test('what succeeds is given back, and nothing typed stands in the table', async () => {
    const target = { email: 'My Secret Password', address: '192.0.2.4' };
    for (let i = 0; i < 30; i += 1) {
      expect((await brake(db, target, now)).waitSeconds).toBe(0);
      await release(db, target, now);
    }
    await brake(db, target, now);
    const rows = await db.rows({ text: 'select * from brakes' });
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows).toLowerCase()).not.toContain('secret');
  });
});
