/** Rules of user profiles. */
import { defineNoun } from '../record/noun.ts';
import { type Profile, profile } from './profile.entity.ts';

const scored = [
  'firstName',
  'lastName',
  'email',
  'phone',
  'department',
  'jobTitle',
  'imageId',
  'bio',
] as const satisfies readonly (keyof Profile)[];

/** How much of the profile is filled in, as whole percent of its eight items, rounded down. [D15] */
export function completion(document: Pick<Profile, (typeof scored)[number]>): number {
  const filled = scored.filter((key) => document[key] !== undefined && document[key] !== '').length;
  return Math.floor((filled * 100) / scored.length);
}

export const profileNoun = defineNoun(profile);
