/** What a browser may do with our answers, and which other origins may ask. */
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import { CLOCK_HEADER, DEVICE_HEADER } from '../../domain/protocol/protocol.ts';

/** The origin of the desktop window, which loads the same desk from its own files. */
export const DESKTOP_ORIGIN = 'app://drover';

const directives = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  // Mantine sets sizes and colours through style attributes.
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:', 'blob:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'worker-src': ["'self'", 'blob:'],
  'manifest-src': ["'self'"],
  'frame-ancestors': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
};

export async function securityHeaders(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives },
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    referrerPolicy: { policy: 'no-referrer' },
  });
  await app.register(cors, {
    origin: [DESKTOP_ORIGIN, ...origins],
    methods: ['GET', 'POST', 'PATCH'],
    allowedHeaders: ['authorization', 'content-type', 'range', DEVICE_HEADER, CLOCK_HEADER],
    exposedHeaders: ['retry-after', 'content-range'],
    maxAge: 600,
  });
}
