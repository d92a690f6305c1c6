import { describe, expect, it } from 'vitest';
import type { SignedInUser } from '../../../domain/protocol/protocol.ts';
import { accountChoices } from '../../../renderer/profile/account-choices.ts';
import { draftOfAccount } from '../../../renderer/profile/own-account.ts';

const own: SignedInUser = {
  id: '018f0000-0000-7000-8000-000000000001',
  name: 'Dana Reed',
  email: 'dana@drover.example',
  role: 'field',
  deskId: 'd',
};
const other = '018f0000-0000-7000-8000-000000000002';
const labels = (...asked: Parameters<typeof accountChoices>): string[] => accountChoices(...asked).map((choice) => choice.label);

describe('the account of a profile', () => {
  it('is offered in words while it has no profile', () => {
    expect(accountChoices('', '', '', own, false)).toEqual([{ value: own.id, label: 'Dana Reed (dana@drover.example), signed in here' }]);
    expect(labels('', '', '', own, true)).toEqual([]);
    expect(draftOfAccount(own)).toEqual({ accountId: own.id, name: 'Dana Reed', email: 'dana@drover.example' });
  });
  it('shows a chosen one by the person it belongs to', () => {
    expect(labels(other, 'Kim Lane', '', own, true)).toEqual(['Account of Kim Lane']);
    expect(labels(other, '', '', own, true)).toEqual(['Account 018f0000']);
    expect(labels(own.id, 'Dana', '', own, true)).toEqual(['Dana Reed (dana@drover.example), signed in here']);
  });
  it('takes the id of another account, and nothing that is no id', () => {
    expect(accountChoices('', '', ` ${other} `, own, true)).toEqual([{ value: other, label: `Account ${other}` }]);
    expect(labels(other, 'Kim', other, own, true)).toEqual(['Account of Kim']);
    expect(labels('', '', 'dana', own, true)).toEqual([]);
  });
});
