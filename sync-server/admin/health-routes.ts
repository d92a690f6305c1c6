/** How the server is, and how far its number series have come, for whoever looks after it. What anybody may ask is /livez and /readyz. */
import { statfs } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import type { HealthAnswer } from '../../domain/protocol/admin.ts';
import type { AnchorsAway } from '../audit/anchors-away.ts';
import type { Database } from '../db/database.ts';
import { databaseHealth } from '../db/health.ts';
import type { FileSettings } from '../files/file-settings.ts';
import type { Telling } from '../mail/telling.ts';
import type { Follower } from '../stream/follower.ts';

export interface HealthDependencies {
  readonly db: Database;
  readonly follower: Pick<Follower, 'health'>;
  readonly now: () => Date;
  readonly publicUrl: string;
  readonly sendsMail: boolean;
  readonly letters: Pick<Telling, 'state'>;
  readonly oidc: string | null;
  readonly files: FileSettings | undefined;
  readonly anchors: Pick<AnchorsAway, 'state'> | undefined;
}

async function filesHealth(files: FileSettings | undefined): Promise<HealthAnswer['files']> {
  if (!files) return null;
  if (files.driver !== 'folder') return { driver: files.driver, freeBytes: null };
  // The folder comes with the first file.
  const room = await statfs(files.folder).catch(() => undefined);
  return { driver: files.driver, freeBytes: room ? room.bavail * room.bsize : null };
}

export function adminHealthRoutes(app: FastifyInstance, dependencies: HealthDependencies): void {
  const { db, follower, now, publicUrl, sendsMail, letters, oidc, files, anchors } = dependencies;
  const startedAt = now().toISOString();
  app.get('/admin/health', { config: { access: 'health:read' } }, async (_, reply): Promise<HealthAnswer> => {
    void reply.header('cache-control', 'no-store');
    return {
      at: now().toISOString(),
      startedAt,
      node: process.version,
      database: await databaseHealth(db),
      feed: follower.health(),
      mail: sendsMail ? 'smtp' : null,
      letters: await letters.state(),
      publicUrl,
      oidc,
      files: await filesHealth(files),
      anchors: anchors?.state() ?? null,
    };
  });
}
