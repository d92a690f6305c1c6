/** The desk itself, built by Vite, served from the same origin; every address that is no file and no API is the app's. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HttpError } from '../error-answer.ts';

const API = /^\/(?:admin|auth|series|sync|files|audit|me|livez|readyz)(?:[/?]|$)/;
const NOT_BUILT =
  '<!doctype html><html lang="en"><title>Drover</title><p>The sync server runs, but the desk has not been built. Run <code>npm run build</code>, then reload.</p></html>';

const wantsPage = (request: FastifyRequest): boolean =>
  (request.method === 'GET' || request.method === 'HEAD') &&
  !API.test(request.url) &&
  (request.headers.accept ?? '').includes('text/html') &&
  // A missing script must be a 404, not a page that fails to parse as a script.
  path.extname(new URL(request.url, 'http://local').pathname) === '';

/** Without a folder, or before the desk is built, only the API answers. */
export async function staticDesk(app: FastifyInstance, folder: string | undefined): Promise<void> {
  const built = folder !== undefined && existsSync(path.join(folder, 'index.html'));
  if (built) {
    await app.register(fastifyStatic, {
      root: folder,
      // Hashed names never change; the page that names them must be asked for every time.
      setHeaders: (response, file) => {
        void response.header('cache-control', /[/\\]assets[/\\]/.test(file) ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler(async (request: FastifyRequest, reply: FastifyReply) => {
    if (!wantsPage(request)) throw new HttpError(404, 'not_found', 'There is nothing at this address.');
    return built ? reply.sendFile('index.html') : reply.type('text/html; charset=utf-8').send(NOT_BUILT);
  });
}
