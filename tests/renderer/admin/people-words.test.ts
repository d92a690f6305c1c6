import { describe, expect, test } from 'vitest';
import type { UserLine } from '../../../domain/protocol/admin.ts';
import { changesIn, stateOf, wholeLink } from '../../../renderer/admin/people-words.ts';

const words = { role: (name: string) => name.toUpperCase(), desk: (id: string) => `the ${id} desk` };
const before = { name: 'Nora', role: 'broker', desks: ['east', 'west'] };

describe('what saving an account changes', () => {
  test('is nothing where nothing changes', () => {
    expect(changesIn(before, { ...before, desks: ['east', 'west'] }, words)).toEqual([]);
  });

  test('names the role, the desks that come and go, and where new records belong', () => {
    expect(changesIn(before, { name: 'Nora', role: 'field', desks: ['north', 'west'] }, words)).toEqual([
      "Nora has the role FIELD instead of BROKER. What the new role may not see leaves Nora's devices at once.",
      'Nora comes to the north desk and sees what that desk may see.',
      'Nora leaves the east desk; its records leave the devices at once.',
      'New records of Nora belong to the north desk.',
    ]);
  });

  test('of the home desk alone is the place of new records', () => {
    expect(changesIn(before, { ...before, desks: ['west', 'east'] }, words)).toEqual(['New records of Nora belong to the west desk.']);
  });
});

test('an invitation that nobody can use any more is told from one that waits', () => {
  const user = { state: 'invited', invitedUntil: null } as UserLine;
  expect(stateOf(user).text).toBe('Invitation expired');
  expect(stateOf({ ...user, invitedUntil: '2026-11-20T12:00:00.000Z' }).text).toBe('Invited');
});

test('a link of a server that does not know its address leads to where the window came from', () => {
  expect(wholeLink('/set-password#x', 'https://desk.example.com')).toBe('https://desk.example.com/set-password#x');
  expect(wholeLink('https://a.example/set-password#x', 'https://desk.example.com')).toBe('https://a.example/set-password#x');
});
