/**
 * Entity -> Postgres. One table a collection: the document as jsonb, its feed position, and one generated column for
 * each reference, so that the database itself refuses a dangling child. Plain strings; only sync-server/db runs them.
 */
import { type Entity, allFields } from './entity.ts';
import type { Field } from './field.ts';

export const snake = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
const quoted = (name: string): string => `'${name.replaceAll("'", "''")}'`;
/** Names come from our own entity files; anything but a plain name is a bug there. */
function identifier(name: string): string {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) throw new Error(`${name} is no plain SQL name`);
  return `"${name}"`;
}

const columnOf = (key: string): string => identifier(snake(key));
/** A generated column exists for what the database must check or search by itself: references and unique values. */
export const columnFields = (entity: Entity): [string, Field][] =>
  Object.entries(allFields(entity)).filter(([key, f]) => key !== 'id' && key !== 'w' && (f.kind === 'ref' || f.unique));

/** Statements that make the table and its columns as far as they are missing; safe to run again. */
export function tableStatements(entity: Entity): string[] {
  const table = identifier(entity.collection);
  const statements = [
    `create table if not exists ${table} (
  id text primary key,
  doc jsonb not null,
  w text not null,
  deleted boolean not null,
  schema_version integer not null,
  seq bigint not null unique
)`,
  ];
  for (const [key, f] of columnFields(entity)) {
    const column = columnOf(key);
    statements.push(
      `alter table ${table} add column if not exists ${column} text generated always as (nullif(doc->>${quoted(key)}, '')) stored`,
    );
    const index = (kind: string): string => identifier(`${entity.collection}_${snake(key)}_${kind}`);
    // Lists and searches by value are the device's; here records are looked for by what they point at.
    if (f.unique) statements.push(`create unique index if not exists ${index('unique')} on ${table} (${column}) where not deleted`);
    else if (f.index) statements.push(`create index if not exists ${index('idx')} on ${table} (${column})`);
  }
  return statements;
}

/** Foreign keys, made after all tables stand because suppliers and plants point at each other. Deferred to the commit. */
export function referenceStatements(entity: Entity): string[] {
  const table = identifier(entity.collection);
  return columnFields(entity)
    .filter(([, f]) => f.kind === 'ref' && f.to !== undefined)
    .map(([key, f]) => {
      const name = `${entity.collection}_${snake(key)}_fkey`;
      return `do $$ begin
  if not exists (select from pg_constraint where conname = ${quoted(name)} and connamespace = current_schema()::regnamespace) then
    alter table ${table} add constraint ${identifier(name)} foreign key (${columnOf(key)})
      references ${identifier(f.to ?? '')} (id) deferrable initially deferred;
  end if;
end $$`;
    });
}

const number = (divisor: number, digits: number) => (at: string) =>
  `round((${at})::numeric / ${divisor}, ${digits})::numeric(18,${digits})`;
const asText = (at: string): string => `nullif(${at}, '')`;
/** SQL type of a view column, from the text at a JSON path. Sets and groups stay jsonb. */
const cast: Record<Field['kind'], ((at: string) => string) | 'json'> = {
  text: asText,
  choice: asText,
  ref: asText,
  flag: (at) => `(${at})::boolean`,
  integer: (at) => `(${at})::bigint`,
  cents: number(100, 2),
  price: number(10_000, 4),
  weight: number(100, 2),
  percent: number(100, 2),
  date: (at) => `nullif(${at}, '')::date`,
  instant: (at) => `nullif(${at}, '')::timestamptz`,
  set: 'json',
  refs: 'json',
  group: 'json',
  lines: 'json',
};
const suffix: Partial<Record<Field['kind'], string>> = { weight: '_lb', percent: '_percent' };

function column(source: string, key: string, f: Field, taken: readonly string[] = []): string {
  const how = cast[f.kind];
  const value = how === 'json' ? `${source}->${quoted(key)}` : how(`${source}->>${quoted(key)}`);
  const name = snake(key) + (suffix[f.kind] ?? '');
  // A line may itself point at a record of the noun it belongs to: a payment's line names the invoice it pays.
  return `${value} as ${identifier(taken.includes(name) ? `line_${name}` : name)}`;
}

/** Statements that (re)build the reporting views of an entity; money in currency, weights in pounds, typed dates. */
export function viewStatements(entity: Entity): string[] {
  return entity.views.flatMap(({ name, where = {}, lines }) => {
    const fields = allFields(entity);
    const conditions = ['not t.deleted'];
    for (const [key, value] of Object.entries(where)) {
      const f = fields[key];
      if (!f) throw new Error(`view ${name} filters by ${key}, which ${entity.noun} does not have`);
      conditions.push(f.kind === 'set' ? `t.doc->${quoted(key)} ? ${quoted(value)}` : `t.doc->>${quoted(key)} = ${quoted(value)}`);
    }
    const own = Object.entries(fields).filter(([key, f]) => f.kind !== 'lines' && key !== 'w' && key !== 'id');
    const lineFields = lines === undefined ? {} : (fields[lines]?.fields ?? {});
    const columns =
      lines === undefined
        ? ['t.id', ...own.map(([key, f]) => column('t.doc', key, f)), 't.seq as feed_position']
        : [
            `t.id as ${identifier(`${entity.noun}_id`)}`,
            `line.value->>'lineId' as line_id`,
            'line.ordinality::integer as line_number',
            ...Object.entries(lineFields).map(([key, f]) => column('line.value', key, f, [`${entity.noun}_id`, 'line_id', 'line_number'])),
          ];
    const from =
      lines === undefined
        ? `${identifier(entity.collection)} t`
        : `${identifier(entity.collection)} t cross join lateral jsonb_array_elements(coalesce(t.doc->${quoted(lines)}, '[]'::jsonb)) with ordinality as line(value, ordinality)`;
    return [
      `drop view if exists ${identifier(name)}`,
      `create view ${identifier(name)} as\nselect ${columns.join(',\n  ')}\nfrom ${from}\nwhere ${conditions.join(' and ')}`,
    ];
  });
}
