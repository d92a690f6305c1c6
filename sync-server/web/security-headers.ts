/** What a browser may do with our answers, and which other origins may ask. */
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import { HEADS_HEADER } from '../../domain/protocol/heads.ts';
import { POSITIONS_HEADER } from '../../domain/protocol/positions.ts';
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
  'object-src': ["'none'"],
  'frame-ancestors': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
};

/** Two years, as lists of browsers ask for. */
const HSTS_SECONDS = 63_072_000;

export interface WebSettings {
  /** Other web origins that may call the API, exactly as browsers write them. */
  readonly origins: readonly string[];
  /** Whether people reach the server by https, by itself or through a proxy. */
  readonly https: boolean;
}

export async function securityHeaders(app: FastifyInstance, { origins, https }: WebSettings): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives },
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    // Without TLS a browser ignores it, and a desk that is tried out on this machine must stay reachable by http.
    strictTransportSecurity: https ? { maxAge: HSTS_SECONDS, includeSubDomains: true } : false,
  });
  await app.register(cors, {
    origin: [DESKTOP_ORIGIN, ...origins],
    methods: ['GET', 'POST', 'PATCH'],
    allowedHeaders: ['authorization', 'content-type', 'range', DEVICE_HEADER, CLOCK_HEADER],
    exposedHeaders: ['retry-after', 'content-range', HEADS_HEADER, POSITIONS_HEADER],
    maxAge: 600,
  });
  app.addHook('onRequest', async (_request, reply) => {
    void reply.header('permissions-policy', 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), serial=(), usb=()');
  });
  // What the API answers is somebody's; only what says otherwise may be kept on the way.
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
  });
}
