/** /livez: the process answers. /readyz: it can do its work; a balancer sends it no clients otherwise. */
import type { FastifyInstance } from 'fastify';
import type { Database } from './db/database.ts';
import { feedHead } from './db/feed.ts';
import { problem } from './error-answer.ts';
import type { Follower } from './stream/follower.ts';

export function healthRoutes(app: FastifyInstance, db: Database, follower: Follower): void {
  app.get('/livez', { config: { access: 'public' } }, async () => ({ status: 'ok' }));
  app.get('/readyz', { config: { access: 'public' } }, async (request, reply) => {
    const { listening, lagging, fanned } = follower.health();
    const database = await feedHead(db).then(
      () => true,
      (error: Error) => {
        request.log.error({ err: error }, 'readiness: the database does not answer');
        return false;
      },
    );
    const ready = database && listening && !lagging;
    const facts = { database, listening, lagging, position: fanned };
    if (ready) return { status: 'ready', ...facts };
    return problem(request, reply, 503, 'not_ready', 'The server is not ready for clients yet; they keep their work and try again.', facts);
  });
}
