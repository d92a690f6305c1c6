import { describe, expect, it } from 'vitest';
import { contactNoun } from '../../../domain/contact/contact.rules.ts';
import { problemCodes } from '../sample.ts';

const codes = (draft: Record<string, unknown>): string[] =>
  problemCodes(contactNoun, { name: 'Dana Reyes', supplierId: 'party-1', phone: '(620) 227-5831 x12', ...draft });

describe('contacts', () => {
  it.each([
    [{}, []],
    [{ phone: '' }, ['soft phone unreachable']],
    [{ phone: '', otherEmails: ['dana@company.com'] }, []],
    [{ supplierId: '' }, ['soft supplierId unlinked']],
    [{ supplierId: '', carrierId: 'party-2' }, []],
    [{ supplierId: '', otherPartyIds: ['party-2'] }, []],
    [{ phone: '', recallContact: true }, ['soft phone unreachable', 'soft recallContact recall_unreachable']],
  ])('[D5] %j gives %j', (draft, expected) => {
    expect(codes(draft)).toEqual(expected);
  });

  it.each([
    [{ email: 'dana@company' }, ['hard email bad_email']],
    [{ email: 'a@b.com; c@d.com' }, ['hard email bad_email']],
    [{ otherEmails: ['a@b.com', 'nobody'] }, ['hard otherEmails.1 bad_email']],
    [{ phone: 'call me' }, ['hard phone bad_phone']],
    [{ email: `${'a'.repeat(3990)}@b.com` }, []],
    [{ positions: ['sales_rep', 'owner'], contactType: 'supplier' }, []],
  ])('formats: %j gives %j', (draft, expected) => {
    expect(codes(draft)).toEqual(expected);
  });
});
