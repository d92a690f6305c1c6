/**
 * An orderly end: requests under way are answered, then every connection is closed. Node by itself waits for connections
 * that were opened and never used, which browsers do, until their headers time out.
 */
import type { FastifyInstance } from 'fastify';

const ANSWER_MS_MAX = 5_000;
const LOOK_MS = 20;

export function drainOnClose(app: FastifyInstance): void {
  let active = 0;
  let draining: NodeJS.Timeout | undefined;
  app.addHook('onRequest', async (_request, reply) => {
    active += 1;
    // `close` comes after every answer and every broken connection, once.
    reply.raw.once('close', () => {
      active -= 1;
    });
  });
  app.addHook('preClose', async () => {
    const end = Date.now() + ANSWER_MS_MAX;
    draining = setInterval(() => {
      if (active > 0 && Date.now() < end) return;
      clearInterval(draining);
      app.server.closeAllConnections();
    }, LOOK_MS);
  });
  app.addHook('onClose', async () => clearInterval(draining));
}
