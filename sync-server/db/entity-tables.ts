/** Tables, foreign keys and views, derived from the entities at every start; stored documents follow their entity's version. */
import { createHash } from 'node:crypto';
import type { Entity } from '../../domain/entity/entity.ts';
import { fingerprint } from '../../domain/entity/fingerprint.ts';
import { referenceStatements, tableStatements, viewStatements } from '../../domain/entity/postgres.ts';
import { stepUpFrom } from '../../domain/entity/cast.ts';
import type { Runner } from './database.ts';
import { MigrationFault } from './migrate.ts';

interface Known {
  readonly collection: string;
  readonly version: number;
  readonly fingerprint: string;
  readonly statements: string;
  readonly views: readonly string[];
}
const BATCH = 500;

function refuse(entity: Entity, known: Known | undefined, print: string): void {
  if (!known) return;
  if (known.version > entity.version) {
    throw new MigrationFault(
      'entity_older',
      `The database holds ${entity.labels.toLowerCase()} in version ${known.version}, this program knows version ${entity.version}. Start the newer Drover, or restore a backup from before the update.`,
    );
  }
  if (known.version === entity.version && known.fingerprint !== print) {
    throw new MigrationFault(
      'entity_changed',
      `The entity "${entity.noun}" has another shape than the one this database was made with, but the same version ${entity.version}. ` +
        `Add a line for the change to "changes" in its entity file; while nothing was released yet, deleting the data folder is the other way.`,
    );
  }
}

/** Rewrites stored documents of older versions in place. Position and write id stay: the content means the same as before. */
async function stepUpStored(runner: Runner, entity: Entity): Promise<number> {
  let moved = 0;
  for (;;) {
    const rows = await runner.rows<{ id: string; doc: Record<string, unknown>; version: number }>({
      text: `select id, doc, schema_version as version from "${entity.collection}" where schema_version < $1 limit ${BATCH}`,
      values: [entity.version],
    });
    if (rows.length === 0) return moved;
    const stepped = rows.map(({ id, doc, version }) => ({ id, doc: stepUpFrom(entity, version, doc) }));
    await runner.rows({
      text: `update "${entity.collection}" t set doc = r.doc, schema_version = $2 from jsonb_to_recordset($1) r(id text, doc jsonb) where t.id = r.id`,
      values: [JSON.stringify(stepped), entity.version],
    });
    moved += rows.length;
  }
}

const digest = (statements: readonly string[]): string => createHash('sha256').update(statements.join(';\n')).digest('hex');

/**
 * Makes or renews everything that is derived from the entities. The caller holds the migration lock. All of it is one
 * transaction: a start that fails half-way leaves the database as it was. Returns the number of documents stepped up.
 */
export async function buildEntityTables(runner: Runner, entities: readonly Entity[]): Promise<number> {
  const known = new Map((await runner.rows<Known>({ text: 'select * from entity_version' })).map((row) => [row.collection, row]));
  for (const entity of entities) refuse(entity, known.get(entity.collection), fingerprint(entity));
  const plans = entities.map((entity) => {
    const tables = tableStatements(entity);
    const references = referenceStatements(entity);
    const views = viewStatements(entity);
    return { entity, tables, references, views, statements: digest([...tables, ...references, ...views]) };
  });
  const stale = plans.filter(({ entity, statements }) => known.get(entity.collection)?.statements !== statements);
  let moved = 0;
  await runner.rows({ text: 'begin' });
  try {
    for (const { entity } of stale) {
      for (const view of known.get(entity.collection)?.views ?? []) await runner.rows({ text: `drop view if exists "${view}"` });
    }
    for (const { tables } of stale) for (const text of tables) await runner.rows({ text });
    for (const { entity } of plans) moved += await stepUpStored(runner, entity);
    // A table with unchecked deferred references cannot be altered.
    await runner.rows({ text: 'set constraints all immediate' });
    for (const { references, views } of stale) for (const text of [...references, ...views]) await runner.rows({ text });
    for (const { entity, statements } of plans) {
      await runner.rows({
        text: `insert into entity_version (collection, version, fingerprint, statements, views) values ($1, $2, $3, $4, $5)
          on conflict (collection) do update set version = excluded.version, fingerprint = excluded.fingerprint,
            statements = excluded.statements, views = excluded.views`,
        values: [entity.collection, entity.version, fingerprint(entity), statements, entity.views.map((view) => view.name)],
      });
    }
    await runner.rows({ text: 'commit' });
  } catch (cause) {
    await runner.rows({ text: 'rollback' });
    throw cause;
  }
  return moved;
}
