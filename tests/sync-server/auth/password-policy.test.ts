import { expect, test } from 'vitest';
import { passwordProblem } from '../../../sync-server/auth/password-policy.ts';

const owner = { email: 'blair.broker@drover.example', name: 'Blair Broker' };
const codeFor = async (password: string): Promise<string | undefined> => (await passwordProblem(password, owner))?.code;

test.each<[string, string | undefined]>([
  ['correct horse battery', undefined],
  ['kurz und knapp!', undefined],
  ['onlylowercaseletters', undefined],
  ['elevenchars', 'password_too_short'],
  // Twelve code units, six characters.
  ['\u{1f404}'.repeat(6), 'password_too_short'],
  // A ligature becomes three characters, and then there are twelve.
  ['o\ufb03ce pumps!', undefined],
  ['x y'.repeat(43), 'password_too_long'],
  [`${'long enough '.repeat(10)}and more`, undefined],
  ['aaaabbbbaaaa', 'password_monotonous'],
  ['QWERTYuiop123', 'password_common'],
  ['1qaz2wsx3edc', 'password_common'],
  ['blair.broker@drover.example', 'password_own_words'],
  ['BlairBroker12', 'password_own_words'],
  ['drover-broker', 'password_own_words'],
])('%j: %s', async (password, code) => {
  expect(await codeFor(password)).toBe(code);
});

test('what is refused says why in a sentence', async () => {
  expect((await passwordProblem('short', owner))?.message).toContain('12');
});
