import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTurns } from '../../../sync-server/push/turns.ts';
import type { Server } from '../../../sync-server/server.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { change, document, insert, openTestServer, signIn } from '../test-server.ts';

let server: Server;
beforeAll(async () => {
  server = await openTestServer({ nouns: syntheticNouns });
});
afterAll(() => server.close());

test('[SYN-5] forty changes of one record at the same moment are all answered, and all are in it', async () => {
  const client = await signIn(server);
  const base = document('a-busy', { tag: 'Busy', ranchId: 'r-busy' });
  await client.push('ranches', [insert(document('r-busy', { name: 'Busy' }))]);
  await client.push('animals', [insert(base)]);
  const rows = Array.from({ length: 40 }, (_, i) => change(base, { weighings: [{ lineId: `l-${i}`, pounds: i + 1 }] }));
  const answers = await Promise.all(rows.map((row) => client.push('animals', [row])));
  expect(answers.filter((answer) => answer.length === 0)).toHaveLength(1);
  const [counted] = await server.db.rows<{ stored: number; lines: number }>({
    text: `select (select count(*) from audit where id = 'a-busy') as stored,
      (select jsonb_array_length(doc->'weighings') from animals where id = 'a-busy') as lines`,
  });
  expect(counted).toEqual({ stored: 41, lines: 40 });
});

test('turns on one key follow each other, on others they do not wait, and a failure ends only its own', async () => {
  const turns = openTurns();
  const log: string[] = [];
  const gate = { open: (): void => undefined };
  const held = new Promise<void>((resolve) => {
    gate.open = resolve;
  });
  const step =
    (name: string, until: Promise<unknown> = Promise.resolve()) =>
    async (): Promise<string> => {
      log.push(`${name} begins`);
      await until;
      log.push(`${name} ends`);
      return name;
    };
  const first = turns(['a', 'b'], step('first', held));
  const failing = turns(['b'], async () => {
    log.push('failing');
    throw new Error('broken');
  });
  const third = turns(['c', 'b', 'a'], step('third'));
  expect(await turns(['d'], step('other'))).toBe('other');
  gate.open();
  await expect(failing).rejects.toThrow('broken');
  expect(await Promise.all([first, third])).toEqual(['first', 'third']);
  expect(log).toEqual(['first begins', 'other begins', 'other ends', 'first ends', 'failing', 'third begins', 'third ends']);
});
