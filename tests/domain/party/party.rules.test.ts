import { describe, expect, it } from 'vitest';
import { optionCodes } from '../../../domain/vocabulary/dataverse.ts';
import { party } from '../../../domain/party/party.entity.ts';
import { nameKey, partyNoun, sameName } from '../../../domain/party/party.rules.ts';
import { problemCodes } from '../sample.ts';

const codes = (draft: Record<string, unknown>): string[] => problemCodes(partyNoun, { name: 'Cargill', roles: ['supplier'], ...draft });

describe('parties', () => {
  it('[D1] need a name and a role', () => {
    expect(codes({ name: ' ', roles: [] })).toEqual(['hard name required', 'hard roles required']);
    expect(codes({ roles: ['supplier', 'customer', 'carrier'] })).toEqual([]);
    expect(codes({ roles: ['friend'] })).toEqual(['hard roles.0 unknown_choice']);
  });

  it('[D6] do not relate to themselves, and relations end after they start', () => {
    const relation = { lineId: 'r', relation: 'parent', partyId: 'party-2' };
    expect(codes({ relations: [relation], parentId: 'party-2' })).toEqual([]);
    expect(codes({ relations: [{ ...relation, partyId: 'party-1' }] })).toEqual(['hard relations.0.partyId own_relation']);
    expect(codes({ relations: [{ ...relation, fromOn: '2026-09-04', toOn: '2026-09-03' }] })).toEqual([
      'hard relations.0.toOn ends_before_start',
    ]);
    expect(codes({ relations: [{ ...relation, fromOn: '2026-09-04', toOn: '2026-09-04' }] })).toEqual([]);
    expect(codes({ parentId: 'party-1' })).toEqual(['hard parentId own_parent']);
  });

  it.each([
    [{ roles: ['carrier'], dotNumber: '77512', mcNumber: 'MC-123456', authority: 'active' }, []],
    [{ roles: ['carrier'], dotNumber: 'DOT 77512' }, ['soft dotNumber odd_dot']],
    [{ roles: ['carrier'], mcNumber: '12' }, ['soft mcNumber odd_mc']],
    [{ roles: ['carrier'], authority: 'revoked' }, ['soft authority no_authority']],
    [{ authority: 'revoked' }, []],
    [{ creditLimit: 100, insuredLimit: 200 }, ['soft insuredLimit insured_over_limit']],
    [{ roles: ['customer'], sellTerms: 'net_14' }, ['soft sellTermsAnchor no_anchor']],
    [{ roles: ['customer'], sellTerms: 'net_14', sellTermsAnchor: 'receipt' }, []],
    [{ buyTerms: 'net_7' }, ['soft buyTermsAnchor no_anchor']],
    [
      { creditApplicationSentOn: '2026-09-04', creditApplicationSetUpOn: '2026-09-01' },
      ['soft creditApplicationSetUpOn set_up_before_sent'],
    ],
  ])('[D10] %j gives %j', (draft, expected) => {
    expect(codes(draft)).toEqual(expected);
  });

  it('[R23] a ZIP in another state warns', () => {
    expect(codes({ postalCode: '67801', state: 'TX' })).toEqual(['soft postalCode zip_not_in_state']);
    expect(codes({ postalCode: '67801', state: 'KS' })).toEqual([]);
  });

  it('[R30] names that differ only in spelling are likely doubles', () => {
    expect(nameKey('The Lineage Logistics, L.L.C.')).toBe(nameKey('LINEAGE LOGISTICS LLC'));
    expect(nameKey('Doña Tina Foods Inc.')).toBe('doña tina foods');
    expect(nameKey('Smith & Sons Co')).toBe(nameKey('Smith and Sons Company'));
    expect(nameKey('Cooper Meats')).not.toBe(nameKey('Per Meats'));
    const parties = ['Americold', 'AMERICOLD, INC.', 'Americold South'].map((name, i) => ({ id: `p${i}`, name }));
    expect(sameName({ id: 'p0', name: 'Americold' }, parties).map((each) => each.id)).toEqual(['p1']);
    expect(sameName({ id: 'x', name: 'LLC' }, [{ id: 'y', name: 'Inc' }])).toEqual([]);
  });

  it('[D16] the delivery type is a choice with the labels of the replaced system: code 0 delivers, 1 does not', () => {
    expect(party.fields.deliveryType).toMatchObject({
      kind: 'choice',
      options: { delivers: 'Delivers', does_not_deliver: 'Does not deliver' },
    });
    expect(optionCodes['parties.deliveryType']).toEqual({ '0': 'delivers', '1': 'does_not_deliver' });
    expect(codes({ deliveryType: true })).toEqual(['hard deliveryType wrong_type']);
  });
});
