import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessFields, isWithin, resolve } from '../../../domain/access/condition.ts';
import { pathOf } from '../../../sync-server/db/condition-path.ts';
import { parametersFrom, sqlOf } from '../../../sync-server/db/condition-sql.ts';
import { type Database, openDatabase } from '../../../sync-server/db/database.ts';
import { conditions, documents, viewers } from '../../domain/access/arbitrary-condition.ts';
import { cloneDatabase } from '../test-server.ts';

let db: Database;
beforeAll(async () => {
  db = openDatabase({ url: await cloneDatabase(), connections: 1 });
});
afterAll(() => db.close());

test('[SYN-7] SQL, the paths of row level security and TypeScript agree about every document, whatever the condition', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(documents, { minLength: 20, maxLength: 20 }), conditions, viewers, async (rows, condition, viewer) => {
      const scope = resolve(condition, viewer);
      const parameters = parametersFrom([JSON.stringify(rows)]);
      const where = sqlOf(scope, 't.doc', parameters);
      const found = await db.rows<{ n: number; inside: boolean | null }>({
        text: `select n, ${where} as inside from jsonb_array_elements($1::jsonb) with ordinality as t(doc, n) order by n`,
        values: parameters.values,
      });
      expect(found.map(({ inside }) => inside)).toEqual(rows.map((row) => isWithin(scope, row)));
      const fenced = await db.rows<{ inside: boolean | null }>({
        text: 'select t.doc @@ $2::jsonpath as inside from jsonb_array_elements($1::jsonb) with ordinality as t(doc, n) order by n',
        values: [JSON.stringify(rows), pathOf(scope)],
      });
      expect(fenced.map(({ inside }) => inside)).toEqual(rows.map((row) => isWithin(scope, row)));
    }),
    { numRuns: 600 },
  );
});

test('[SYN-7] values go as parameters, never into the text', () => {
  const parameters = parametersFrom(['first']);
  const text = sqlOf({ is: 'in', field: 'kind', values: ["'; drop table parties; --"] }, 't.doc', parameters);
  expect(text).not.toContain('drop');
  expect(parameters.values).toEqual(['first', ["'; drop table parties; --"]]);
  // Stored data that was not checked must not become SQL either.
  const forged = JSON.parse(`{"is":"in","field":"kind' or true or '","values":["x"]}`) as Parameters<typeof sqlOf>[0];
  expect(() => sqlOf(forged, 't.doc', parameters)).toThrow(/no access field/);
  expect(() => pathOf(forged)).toThrow(/no access field/);
});

test('[SYN-7] the feed notes changes of exactly the fields that a condition may look at', async () => {
  const all = Object.fromEntries(accessFields.map((field) => [field, field]));
  const rows = await db.rows<{ access: unknown }>({
    text: 'select access_of($1::jsonb) as access',
    values: [JSON.stringify({ ...all, name: 'x', notes: 'y' })],
  });
  expect(rows).toEqual([{ access: all }]);
});
