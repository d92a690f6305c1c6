import { describe, expect, it } from 'vitest';
import { commissionNoun, splitAccrued } from '../../../domain/commission/commission.rules.ts';
import { cents } from '../../../domain/units/units.ts';
import { problemCodes } from '../sample.ts';

const shares = (...given: readonly (readonly [share: number, amount?: number])[]) =>
  given.map(([share, amount], i) => ({
    lineId: `s${i}`,
    partyId: `broker-${i}`,
    role: 'originator',
    share,
    ...(amount === undefined ? {} : { amount }),
  }));
const plan = (more: Record<string, unknown>): string[] => problemCodes(commissionNoun, { kind: 'plan', name: 'House split', ...more });
const distribution = (more: Record<string, unknown>): string[] =>
  problemCodes(commissionNoun, { kind: 'distribution', name: 'Load 117', planId: 'commission-0', planVersion: 3, ...more });

describe('commissions', () => {
  it('[R13] three equal shares of 824.36 are 274.79, 274.79 and 274.78; the reversal is the exact negative', () => {
    expect(splitAccrued(cents(82436), [{ share: 3333 }, { share: 3333 }, { share: 3333 }])).toEqual([27479, 27479, 27478]);
    expect(splitAccrued(cents(-82436), [{ share: 3333 }, { share: 3333 }, { share: 3333 }])).toEqual([-27479, -27479, -27478]);
  });

  it('[R13] shares are a whole: a draft warns, an approved plan refuses', () => {
    expect(plan({ shares: shares([6000], [4000]) })).toEqual([]);
    expect(plan({ shares: shares([6000], [3999]) })).toEqual(['soft shares shares_not_whole']);
    expect(plan({ shares: shares([6000], [3999]), stage: 'approved' })).toEqual(['hard shares shares_not_whole']);
    expect(plan({ stage: 'approved' })).toEqual(['hard shares required']);
  });

  it('[R13] posted amounts add up to the cent', () => {
    expect(distribution({ stage: 'posted', accrued: 82436, shares: shares([3334, 27479], [3333, 27479], [3333, 27478]) })).toEqual([]);
    expect(distribution({ stage: 'posted', accrued: 82436, shares: shares([3334, 27479], [3333, 27479], [3333, 27479]) })).toEqual([
      'hard shares amounts_not_whole',
    ]);
  });

  it('[L8] a distribution names its plan and version', () => {
    expect(distribution({ planVersion: undefined })).toEqual(['hard planId no_plan']);
  });

  it('[D6] a plan ends after it starts, and nothing reverses itself', () => {
    expect(plan({ fromOn: '2026-09-04', toOn: '2026-09-03' })).toEqual(['hard toOn ends_before_start']);
    expect(distribution({ reversesId: 'commission-1' })).toEqual(['hard reversesId own_reversal']);
  });
});
