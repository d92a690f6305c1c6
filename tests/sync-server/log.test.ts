import { expect, test } from 'vitest';
import { openLog } from '../../sync-server/log.ts';

const lines: string[] = [];
const log = openLog('debug', { write: (line) => void lines.push(line) });
const KEY = `drk_abcdefghjkmn_${'k'.repeat(43)}`;
const TOKEN = `eyJhbGciOiJIUzI1NiJ9.${'p'.repeat(20)}.${'s'.repeat(43)}`;

test('a secret is left out by the name of its field, however deep, and by its look in the sentences of errors', () => {
  const named = ['authorization', 'password', 'accessToken', 'refreshToken', 'ticket', 'secret', 'clientSecret', 'databaseUrl'];
  for (const name of named)
    log.info({ [name]: 'hunter2', a: { [name]: 'hunter2', b: { [name]: 'hunter2', c: { [name]: 'hunter2' } } } }, 'too much');
  const cause = new Error(`GET https://user:hunter2@idp.example/x with Bearer ${TOKEN}`);
  log.error({ err: new Error(`${KEY} is refused at postgres://drover:hunter2@db/drover`, { cause }) }, 'failed');
  const all = lines.join('');
  expect(lines).toHaveLength(named.length + 1);
  for (const secret of ['hunter2', KEY, TOKEN]) expect(all).not.toContain(secret);
  // What helps to find the fault is left.
  for (const kept of ['postgres://drover:[secret]@db/drover', 'https://user:[secret]@idp.example/x', 'Bearer [secret]'])
    expect(all).toContain(kept);
});

test('what people type cannot make a line of the log', () => {
  const before = lines.length;
  log.info({ name: 'x\n{"level":50,"msg":"all is lost"}' }, 'a\r\nb');
  expect(lines.slice(before)).toHaveLength(1);
  expect(lines.at(-1)?.trimEnd()).not.toMatch(/[\r\n]/);
});
