import { describe, expect, it } from 'vitest';
import { lotNoun } from '../../../domain/lot/lot.rules.ts';
import { made, problemCodes } from '../sample.ts';

const codes = (draft: Record<string, unknown>): string[] => problemCodes(lotNoun, { code: 'L-0825', packedOn: '2026-08-25', ...draft });
const serials = [
  { lineId: 'a', serial: '0000123', weight: 6135 },
  { lineId: 'b', serial: '0000124', weight: 5890 },
];

describe('lots', () => {
  it('[D12] dates, holds and parents make sense', () => {
    expect(codes({ useByOn: '2026-10-09' })).toEqual([]);
    expect(codes({ useByOn: '2026-08-24' })).toEqual(['hard useByOn before_pack_date']);
    expect(codes({ stage: 'on_hold' })).toEqual(['soft holdReason no_reason']);
    expect(codes({ parentLotIds: ['lot-1'] })).toEqual(['hard parentLotIds own_parent']);
    expect(made(lotNoun, { code: 'L-1' })['stage']).toBe('expected');
  });

  it('[R6] the cases add up to the lot', () => {
    expect(codes({ serials, netWeight: 12025, cases: 2 })).toEqual([]);
    expect(codes({ serials, netWeight: 12026, cases: 3 })).toEqual(['soft netWeight sum_of_cases', 'soft cases case_count']);
    expect(codes({ serials: [{ lineId: 'a', serial: '1' }], netWeight: 12026, cases: 3 })).toEqual([]);
  });
});
