import { expect, it } from 'vitest';
import type { Profile } from '../../../domain/profile/profile.entity.ts';
import { completion, profileNoun } from '../../../domain/profile/profile.rules.ts';
import { made, problemCodes } from '../sample.ts';

it('[D15] completion counts eight items, rounded down', () => {
  expect(completion({})).toBe(0);
  expect(completion({ firstName: 'Dana', lastName: 'Reyes', email: 'dana@company.com' })).toBe(37);
  const whole = {
    firstName: 'a',
    lastName: 'b',
    email: 'c@d.ef',
    phone: '(620) 227-5831',
    department: 'e',
    jobTitle: 'f',
    imageId: 'g',
    bio: 'h',
  };
  expect(completion(whole)).toBe(100);
});

it('a new profile has the defaults of the replaced system, and a bad time zone is refused', () => {
  const profile = made(profileNoun, { accountId: 'account-1', name: 'Dana Reyes' }) as Profile;
  expect(profile).toMatchObject({ timezone: 'UTC', emailNotifications: true });
  expect(problemCodes(profileNoun, { accountId: 'account-1', name: 'Dana Reyes', timezone: 'Central time!' })).toEqual([
    'hard timezone bad_timezone',
  ]);
});
