import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventAction } from '../../../domain/event/event.entity.ts';
import { eventActions } from '../../../domain/event/event.entity.ts';
import { actionTables, effectsOf, eventNoun, quantitiesAfter } from '../../../domain/event/event.rules.ts';
import { changeRecord, deleteRecord } from '../../../domain/record/record.commands.ts';
import { weight } from '../../../domain/units/units.ts';
import { made, minimalDocument, moment, problemCodes } from '../sample.ts';

const moved = (action: EventAction, pounds: number, lotId: string, toLotId?: string) => ({
  action,
  actionTable: 1,
  weight: weight(Math.round(pounds * 100)),
  lotId,
  ...(toLotId === undefined ? {} : { toLotId }),
});

/** One load: supplier's lot S, our lot B, the carrier's custody K, the customer C. */
const load = [
  moved('raise', 41_862.5, 'S'),
  moved('transferAllRights', 41_862.5, 'S', 'B'),
  moved('transferCustody', 41_862.5, 'S', 'K'),
  moved('transferAllRights', 41_790, 'B', 'C'),
  moved('transferCustody', 41_790, 'K', 'C'),
  moved('transferCustody', 72.5, 'K', 'B'),
  moved('lower', 72.5, 'B'),
];
const after = (count: number): Record<string, readonly [number, number]> =>
  Object.fromEntries(
    [...quantitiesAfter(load.slice(0, count))].map(([lot, { accounting, onhand }]) => [lot, [accounting / 100, onhand / 100] as const]),
  );

describe('[L9] rights and custody', () => {
  it('[L9] follow a load from the plant to the customer', () => {
    expect(after(1)).toEqual({ S: [41_862.5, 41_862.5] });
    expect(after(2)).toEqual({ S: [0, 41_862.5], B: [41_862.5, 0] });
    expect(after(3)).toEqual({ S: [0, 0], B: [41_862.5, 0], K: [0, 41_862.5] });
    expect(after(5)).toEqual({ S: [0, 0], B: [72.5, 0], K: [0, 72.5], C: [41_790, 41_790] });
    expect(after(6)).toEqual({ S: [0, 0], B: [72.5, 72.5], K: [0, 0], C: [41_790, 41_790] });
    expect(after(7)).toEqual({ S: [0, 0], B: [0, 0], K: [0, 0], C: [41_790, 41_790] });
  });

  it('[L9] keep their sums under any transfers, in any order', () => {
    const lots = fc.constantFrom('a', 'b', 'c');
    const transfer = fc.tuple(
      fc.constantFrom<EventAction>('transferAllRights', 'transferCustody', 'transfer', 'move'),
      fc.integer({ min: 1, max: 100_000 }),
      lots,
      lots,
    );
    fc.assert(
      fc.property(fc.array(transfer, { maxLength: 30 }), (all) => {
        const events = all.map(([action, pounds, from, to]) => moved(action, pounds, from, to));
        const sum = (of: 'accounting' | 'onhand', list: typeof events): number =>
          [...quantitiesAfter(list).values()].reduce((total, lot) => total + lot[of], 0);
        expect([sum('accounting', events), sum('onhand', events)]).toEqual([0, 0]);
        const sorted = (list: typeof events): unknown[] => [...quantitiesAfter(list)].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(sorted([...events].reverse())).toEqual(sorted(events));
      }),
    );
  });

  it.each<[EventAction, readonly [number, number], readonly [number, number]]>([
    ['produce', [1, 1], [0, 0]],
    ['consume', [-1, -1], [0, 0]],
    ['use', [0, 0], [0, 0]],
    ['pickup', [0, -1], [0, 0]],
    ['dropoff', [0, 1], [0, 0]],
    ['accept', [0, -1], [0, 0]],
    ['modify', [0, 1], [0, 0]],
    ['combine', [0, -1], [0, 0]],
    ['separate', [0, 1], [0, 0]],
    ['transferAllRights', [-1, 0], [1, 0]],
    ['transferCustody', [0, -1], [0, 1]],
    ['transfer', [-1, -1], [1, 1]],
    ['move', [-1, -1], [1, 1]],
    ['copy', [0, 0], [1, 1]],
    ['raise', [1, 1], [0, 0]],
    ['lower', [-1, -1], [0, 0]],
    ['deliverService', [0, 0], [0, 0]],
    ['cite', [0, 0], [0, 0]],
    ['work', [0, 0], [0, 0]],
  ])('[L9] %s changes its lot by %j and the other by %j', (action, own, other) => {
    const effects = effectsOf(moved(action, 1, 'own', 'other'));
    const at = (lot: string): readonly number[] => [(effects.get(lot)?.accounting ?? 0) / 100, (effects.get(lot)?.onhand ?? 0) / 100];
    expect([at('own'), at('other')].map((pair) => pair.map((value) => value + 0))).toEqual([own, other]);
  });

  it('[L1] every action has a row in every table, and pairs name each other', () => {
    for (const table of Object.values(actionTables)) {
      expect(Object.keys(table).sort()).toEqual(Object.keys(eventActions).sort());
      for (const [action, { pairsWith }] of Object.entries(table)) if (pairsWith) expect(table[pairsWith].pairsWith).toBe(action);
    }
  });
});

describe('what an event must say', () => {
  const transfer = {
    action: 'transferAllRights',
    summary: 'Load 117, rights to us',
    occurredAt: '2026-09-04T14:00:00.000Z',
    providerId: 's',
    receiverId: 'b',
    lotId: 'lot-s',
    toLotId: 'lot-b',
    weight: 4_186_250,
  };
  const codes = (more: Record<string, unknown>): string[] => problemCodes(eventNoun, { ...transfer, ...more });

  it('a whole one is accepted', () => expect(codes({})).toEqual([]));
  it('[L1] a known action table', () => {
    expect(codes({ actionTable: 9 })).toEqual(['hard actionTable unknown_table']);
    expect(codes({ action: 'steal' })).toEqual(['hard action unknown_choice']);
  });
  it('[L2] a quantity', () => {
    expect(codes({ weight: undefined })).toEqual(['hard weight no_quantity']);
    expect(codes({ weight: undefined, cases: 696 })).toEqual([]);
    expect(codes({ action: 'work', weight: undefined })).toEqual(['hard weight no_quantity']);
    expect(codes({ action: 'work', weight: undefined, effortMinutes: 45 })).toEqual([]);
    expect(codes({ action: 'deliverService', weight: undefined, effortMinutes: 45 })).toEqual([]);
  });
  it('[L3] a lot or a product, unless it is money', () => {
    expect(codes({ lotId: '', toLotId: undefined })).toEqual(['hard lotId no_resource']);
    expect(codes({ lotId: '', toLotId: undefined, productId: 'p' })).toEqual([]);
    expect(codes({ lotId: '', toLotId: undefined, weight: undefined, amount: 11_166_240 })).toEqual([]);
  });
  it('[L4] two parties', () => {
    expect(codes({ receiverId: undefined })).toEqual(['hard receiverId no_agents']);
    expect(codes({ receiverId: 's' })).toEqual(['hard receiverId same_agent']);
  });
  it('[L5] two lot records', () => {
    expect(codes({ toLotId: undefined })).toEqual(['hard toLotId no_target']);
    expect(codes({ toLotId: 'lot-s' })).toEqual(['hard toLotId no_target']);
  });
  it('[L6] nothing below zero, unless it corrects', () => {
    expect(codes({ weight: -100 })).toEqual(['hard weight negative']);
    expect(codes({ weight: -100, correctsId: 'event-0' })).toEqual([]);
  });
  it('[L7] a name and a reason behind an override', () => {
    expect(codes({ override: true })).toEqual(['hard overrideBy no_approver']);
    expect(codes({ override: true, overrideBy: 'account-2', reason: 'Counted again' })).toEqual([]);
  });
});

it('[L10] events are neither changed nor deleted', () => {
  const stored = made(eventNoun, { ...minimalDocument(eventNoun) }, 'event-1');
  expect(changeRecord(eventNoun, stored, { note: 'x' }, moment('w2'))).toMatchObject({ ok: false, rejection: { code: 'append_only' } });
  expect(deleteRecord(eventNoun, stored, [], moment('w2'))).toMatchObject({ ok: false, rejection: { code: 'append_only' } });
});
