import { describe, expect, it } from 'vitest';
import type { Mapping } from '../../../domain/mapping/mapping.entity.ts';
import { mappingNoun, sameLane } from '../../../domain/mapping/mapping.rules.ts';
import { made, problemCodes } from '../sample.ts';

const draft = { name: 'Dodge City to Denver', supplierId: 's', plantId: 'p', customerId: 'c' };

describe('supplier plant mappings', () => {
  it('[D5] missing sides warn', () => {
    expect(problemCodes(mappingNoun, draft)).toEqual([]);
    expect(problemCodes(mappingNoun, { name: 'From an export' })).toEqual([
      'soft supplierId missing_side',
      'soft plantId missing_side',
      'soft customerId missing_side',
    ]);
  });

  it('[D6] the mapping ends after it starts', () => {
    expect(problemCodes(mappingNoun, { ...draft, fromOn: '2026-09-04', toOn: '2026-09-03' })).toEqual(['hard toOn ends_before_start']);
    expect(problemCodes(mappingNoun, { ...draft, fromOn: '2026-09-04', toOn: '2026-09-04' })).toEqual([]);
  });

  it('[R30] the same lane is pointed out, half-known ones are not compared', () => {
    const first = made(mappingNoun, draft) as Mapping;
    const second = { ...first, id: 'mapping-2' };
    expect(sameLane(first, [first, second, { ...second, plantId: 'other' }])).toEqual([second]);
    expect(sameLane({ ...first, customerId: '' }, [{ ...second, customerId: '' }])).toEqual([]);
  });
});
