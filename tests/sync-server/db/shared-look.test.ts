import { expect, test } from 'vitest';
import { sharedLook } from '../../../sync-server/db/shared-look.ts';

/** Looks that are answered by hand, in the order in which they begin. */
function looks() {
  const begun: { readonly answer: (text: string) => void; readonly fail: (error: Error) => void }[] = [];
  const look = sharedLook(() => new Promise<string>((answer, fail) => void begun.push({ answer, fail })));
  const turn = (): Promise<void> => new Promise((go) => setImmediate(go));
  return { begun, look, turn };
}

test('who asks while a look is under way shares the next one, not this one', async () => {
  const { begun, look, turn } = looks();
  const first = look();
  await turn();
  const [second, third] = [look(), look()];
  await turn();
  expect(begun).toHaveLength(1);
  begun[0]?.answer('old');
  await expect(first).resolves.toBe('old');
  await turn();
  expect(begun).toHaveLength(2);
  begun[1]?.answer('new');
  await expect(Promise.all([second, third])).resolves.toEqual(['new', 'new']);
});

test('a look that fails is told to whoever asked for it, and the next one begins all the same', async () => {
  const { begun, look, turn } = looks();
  const first = look();
  await turn();
  const second = look();
  begun[0]?.fail(new Error('no database'));
  await expect(first).rejects.toThrow('no database');
  await turn();
  begun[1]?.answer('well again');
  await expect(second).resolves.toBe('well again');
});
