/** Brings the database to what this program expects, once, however many server processes start at the same time. */
import type { Entity } from '../../domain/entity/entity.ts';
import { seedRoles } from '../../domain/access/seeds.ts';
import { putSeedRoles } from './access.ts';
import type { Database } from './database.ts';
import { buildEntityTables } from './entity-tables.ts';
import { buildFence } from './fence.ts';
import { MigrationFault, migrate } from './migrate.ts';

/** Any number, the same in every version: the session lock that only one starting server holds. */
const MIGRATION_LOCK = 8_790_001;
const POSTGRES_LEAST = 150_000;

export interface Prepared {
  readonly migrations: readonly string[];
  /** Documents brought to their entity's version. */
  readonly steppedUp: number;
  /** Documents are read by a role that sees only its scope (fence.ts). */
  readonly fenced: boolean;
}

export async function prepareDatabase(db: Database, entities: readonly Entity[]): Promise<Prepared> {
  return db.exclusively(MIGRATION_LOCK, async (runner) => {
    const rows = await runner.rows<{ version: string }>({ text: `select current_setting('server_version_num') as version` });
    if (Number(rows[0]?.version) < POSTGRES_LEAST) {
      throw new MigrationFault('postgres_too_old', 'Drover needs Postgres 15 or newer. Point DATABASE_URL at such a server.');
    }
    const migrations = await migrate(runner);
    await putSeedRoles(runner, seedRoles);
    const steppedUp = await buildEntityTables(runner, entities);
    const fenced = await buildFence(
      runner,
      entities.map(({ collection }) => collection),
    );
    return { migrations, steppedUp, fenced };
  });
}
