import type { FastifyInstance } from 'fastify';
import { HandoverBody } from '../../domain/protocol/protocol.ts';
import { OidcAnswerQuery, OidcStartQuery } from '../../domain/protocol/queries.ts';
import { HttpError } from '../error-answer.ts';
import { answerSignIn, tooMany } from './auth-routes.ts';
import { originOf } from './authenticate.ts';
import { brakeOn, keyOfNetwork } from './brake.ts';
import { CALLBACK, type OidcDependencies, beginOidc, finishOidc, openOidc, placeOfReturn, takeHandover } from './oidc.ts';

const FLOWS_MAX = 200;
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

export function oidcRoutes(app: FastifyInstance, dependencies: OidcDependencies): void {
  const { db, now, oidc, publicUrl } = dependencies;
  const discover = openOidc(oidc);
  const configuration = () =>
    discover().catch((cause: unknown) => {
      dependencies.onError(new Error('the other system cannot be reached', { cause }));
      throw new HttpError(503, 'oidc_unavailable', `${oidc.name} cannot be reached at the moment. Try again, or sign in with a password.`);
    });

  app.get<{ Querystring: { challenge?: string; return?: string } }>(
    '/auth/oidc/start',
    { config: { access: 'public' }, schema: { querystring: OidcStartQuery } },
    async (request, reply) => {
      const { challenge = '', return: asked = '' } = request.query;
      if (!CHALLENGE.test(challenge)) throw new HttpError(400, 'bad_query', 'The challenge is not as expected.', { field: 'challenge' });
      const place = placeOfReturn(publicUrl, asked);
      if (place === undefined) throw new HttpError(400, 'bad_query', 'A sign-in ends at Drover and nowhere else.', { field: 'return' });
      const { waitSeconds } = await brakeOn(db, [[`${keyOfNetwork(originOf(request))} oidc`, FLOWS_MAX]], now());
      if (waitSeconds > 0) throw tooMany(waitSeconds);
      void reply.header('cache-control', 'no-store');
      return reply.redirect(await beginOidc(dependencies, await configuration(), { challenge, place }));
    },
  );

  app.get(CALLBACK, { config: { access: 'public' }, schema: { querystring: OidcAnswerQuery } }, async (request, reply) => {
    void reply.header('cache-control', 'no-store');
    // Ours by configuration, not by what the request calls its host.
    const answered = new URL(request.url, publicUrl);
    return reply.redirect(await finishOidc(dependencies, await configuration(), answered, originOf(request)));
  });

  app.post<{ Body: HandoverBody }>(
    '/auth/oidc/finish',
    { config: { access: 'public' }, schema: { body: HandoverBody } },
    async (request) => {
      const { ticket, secret, deviceName } = request.body;
      return answerSignIn(await takeHandover(dependencies, ticket, secret, originOf(request, deviceName)));
    },
  );
}
