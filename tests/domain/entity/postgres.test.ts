/** The statements as text; that Postgres takes them is proved by the server's tests. */
import { describe, expect, it } from 'vitest';
import { defineEntity } from '../../../domain/entity/entity.ts';
import { integer, lines, money, percent, pounds, price, ref, set, text } from '../../../domain/entity/field.ts';
import { referenceStatements, snake, tableStatements, viewStatements } from '../../../domain/entity/postgres.ts';
import { nouns } from '../../../domain/registry.ts';

const thing = defineEntity({
  noun: 'thing',
  collection: 'things',
  label: 'Thing',
  labels: 'Things',
  title: 'name',
  fields: {
    name: text('Name', { required: true, index: true }),
    code: text('Code', { unique: true }),
    partyId: ref('Party', 'parties', { index: true }),
    roles: set('Roles', { a: 'A' }, {}),
    total: money('Total', {}),
    share: percent('Share', {}),
    rows: lines('Rows', { price: price('Price', {}), net: pounds('Net', {}), count: integer('Count', {}) }, {}),
  },
  views: [
    { name: 'thing_list' },
    { name: 'a_things', where: { roles: 'a' } },
    { name: 'named_rows', where: { name: "O'Brien" }, lines: 'rows' },
  ],
});

describe('Postgres statements', () => {
  it('generate a column for each reference and each unique value, and index what points at records', () => {
    const all = tableStatements(thing).join('\n');
    expect(all).toContain(`add column if not exists "party_id" text generated always as (nullif(doc->>'partyId', '')) stored`);
    expect(all).toContain('create unique index if not exists "things_code_unique" on "things" ("code") where not deleted');
    expect(all).not.toContain('things_name_idx');
    expect(all).toContain('"things_party_id_idx" on "things" ("party_id")');
    expect(referenceStatements(thing)).toHaveLength(1);
    expect(referenceStatements(thing)[0]).toContain('references "parties" (id) deferrable initially deferred');
  });

  it('make views with typed columns in units people read', () => {
    const [, list = '', , roleView = '', , rowView = ''] = viewStatements(thing);
    expect(list).toContain(`round((t.doc->>'total')::numeric / 100, 2)::numeric(18,2) as "total"`);
    expect(list).toContain('as "share_percent"');
    expect(list).not.toContain('"rows"');
    expect(roleView).toContain(`t.doc->'roles' ? 'a'`);
    expect(rowView).toContain(`t.doc->>'name' = 'O''Brien'`);
    expect(rowView).toContain(`numeric(18,4) as "price"`);
    expect(rowView).toContain('as "net_lb"');
    expect(rowView).toContain('"thing_id"');
  });

  it('refuse a view that filters by no field, and names that are no plain SQL names', () => {
    expect(() => viewStatements({ ...thing, views: [{ name: 'x', where: { gone: 'a' } }] })).toThrow('gone');
    expect(() => viewStatements({ ...thing, views: [{ name: 'x"; drop table y' }] })).toThrow('no plain SQL name');
  });

  it('no table and view share a name, and every view has distinct columns', () => {
    const names = nouns.flatMap(({ entity }) => [entity.collection, ...entity.views.map((view) => view.name)]);
    expect(names.filter((one, i) => names.indexOf(one) !== i)).toEqual([]);
    expect(names).toEqual(
      expect.arrayContaining(['suppliers', 'customers', 'carriers', 'plants', 'purchase_orders', 'purchase_order_lines']),
    );
    for (const { entity } of nouns) {
      for (const statement of viewStatements(entity).filter((one) => one.startsWith('create view'))) {
        const used = [...statement.matchAll(/ as "?([a-z0-9_]+)"?[,\n]/g)].map((match) => match[1]);
        expect(new Set(used).size, statement.slice(0, 60)).toBe(used.length);
      }
    }
  });

  it('every reference points at a collection that exists, also inside lines', () => {
    const known = new Set(nouns.map(({ entity }) => entity.collection));
    let seen = 0;
    for (const { entity } of nouns) {
      for (const [key, f] of Object.entries(entity.fields)) {
        for (const one of [f, ...Object.values(f.fields ?? {})]) {
          if (one.to === undefined) continue;
          seen += 1;
          expect(known.has(one.to), `${entity.collection}.${key}`).toBe(true);
          const target = nouns.find((noun) => noun.entity.collection === one.to)?.entity;
          for (const [by, value] of Object.entries(one.where ?? {})) {
            expect(Object.keys(target?.fields[by]?.options ?? {}), `${entity.collection}.${key} where ${by}`).toContain(value);
          }
        }
      }
    }
    expect(seen).toBeGreaterThan(60);
  });
});

it('snake', () => {
  expect(snake('fulfillOn')).toBe('fulfill_on');
  expect(snake('pulpNoseAtLoad')).toBe('pulp_nose_at_load');
});
