/** Builds what histories are played on, in an empty database of a running Postgres. */
import type { Noun } from '../../domain/record/noun.ts';
import { listSeries } from '../../domain/record/series.ts';
import { nouns as registered } from '../../domain/registry.ts';
import { openDatabase } from '../../sync-server/db/database.ts';
import { prepareDatabase } from '../../sync-server/db/prepare.ts';
import { declareSeries } from '../../sync-server/db/series.ts';
import { casts } from './plan.ts';
import { WRITER } from './plants.ts';
import type { Stage } from './play.ts';
import { SimServer } from './sim-server.ts';
import { CompanyDatabase } from './stored-state.ts';
import { newestNouns } from './versions.ts';

const played = new Set<string>(Object.values(casts).flat());
/** One series of each noun is enough, and each costs statements. */
const oneSeries = (noun: Noun): Noun => (noun.series ? { ...noun, series: noun.series.slice(0, 1) } : noun);

/** Numbers are scarce by the clock of the simulated world, which SharedDatabase writes here, not by the real one. */
const LIMIT_BY_SIMULATED_TIME = `
  create table sim_clock (at timestamptz not null);
  insert into sim_clock values ('2026-01-01');
  create or replace function series_limit(at timestamptz) returns bigint language sql stable
    as $$ select floor((extract(epoch from c.at) - 1767225600) / 15)::bigint from sim_clock c $$`;

/** Opens the stage on this database, which must be empty. `close` ends all connections to it. */
export async function openStage(url: string): Promise<Stage & { close(): Promise<void> }> {
  const all: readonly Noun[] = [...newestNouns, ...registered];
  const nouns = all.filter(({ entity }) => played.has(entity.collection)).map(oneSeries);
  const monitor = openDatabase({ url, connections: 2 });
  // Tables of all nouns, because the played ones refer to others.
  await prepareDatabase(
    monitor,
    all.map(({ entity }) => entity),
  );
  await declareSeries(monitor, listSeries(nouns));
  await monitor.rows({ text: LIMIT_BY_SIMULATED_TIME });
  const company = new CompanyDatabase(
    monitor,
    nouns.map(({ entity }) => entity.collection),
  );
  await company.prepare();
  // Real seconds must not decide anything: how long a lock is held here depends on the seed, and on how busy the machine is.
  await monitor.rows({ text: `alter function ${WRITER} set lock_timeout = '0'` });
  const connections = [openDatabase({ url, connections: 4 }), openDatabase({ url, connections: 4 })];
  const servers = connections.map((db, i) => new SimServer(`server-${i + 1}`, nouns, db));
  return {
    nouns,
    monitor,
    company,
    servers,
    async close() {
      for (const server of servers) await server.close();
      for (const db of [...connections, monitor]) await db.close();
    },
  };
}
