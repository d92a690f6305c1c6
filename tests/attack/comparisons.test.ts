/** How long a comparison takes must not tell how much of a guess was right. */
import { expect, test } from 'vitest';
import { hashOfToken, isHashOf, newToken } from '../../sync-server/auth/tokens.ts';
import { sources, text } from '../tree/sources.ts';

/** A name that holds a secret or its hash on one side, and something that is no constant on the other. */
const COMPARED =
  /(\w*(?:hash|secret|token|signature|mac|password)\w*(?:\([^()]*\))?)\s*(?:===|!==)\s*([\w.]+(?:\([^()]*\))?)|([\w.]+)\s*(?:===|!==)\s*(\w*(?:hash|secret|token|signature|password)\w*(?:\([^()]*\))?)/gi;
const CONSTANT = /^(?:undefined|null|true|false|\d+)$/;

test('nothing that is secret is compared character by character', () => {
  const places = sources
    .filter((path) => /^sync-server\/(?:auth|access|admin|cli|db)\//.test(path))
    .flatMap((path) =>
      [...text(path).matchAll(COMPARED)]
        .filter(([, ...sides]) => !sides.some((side) => side !== undefined && CONSTANT.test(side)))
        .map(([words]) => `${path}: ${words}`),
    )
    .filter((found) => !/typeof|=== ''|\.length/.test(found));
  expect(places).toEqual([]);
  const safe = sources.filter((path) => path.startsWith('sync-server/auth/') && text(path).includes('timingSafeEqual('));
  expect(safe.toSorted()).toEqual(['sync-server/auth/oidc.ts', 'sync-server/auth/password.ts', 'sync-server/auth/tokens.ts']);
});

test('a hash fits its token, whole, and no other', () => {
  const token = newToken();
  const hash = hashOfToken(token);
  expect(isHashOf(hash, token)).toBe(true);
  for (const [other, given] of [
    [hash, newToken()],
    [hash.slice(1), token],
    [`${hash}x`, token],
    ['', token],
    [hash, ''],
  ] as const)
    expect(isHashOf(other, given)).toBe(false);
});
