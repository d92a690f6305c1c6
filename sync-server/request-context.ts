/** Which request is being answered, for what is written down deep below it. Known inside the handlers of a request only. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CLOCK_HEADER } from '../domain/protocol/protocol.ts';

interface CurrentRequest {
  /** As in the log. */
  readonly request: string;
  /** The device's clock when it asked, where it said so. */
  readonly deviceAt?: string;
}
const storage = new AsyncLocalStorage<CurrentRequest>();

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/;
/** What a device says of its clock, when it is an instant. */
export const instantOf = (said: unknown): string | undefined =>
  typeof said === 'string' && INSTANT.test(said) && !Number.isNaN(Date.parse(said)) ? said : undefined;

const contextOf = ({ id, headers }: FastifyRequest): CurrentRequest => {
  const deviceAt = instantOf(headers[CLOCK_HEADER]);
  return { request: id, ...(deviceAt === undefined ? {} : { deviceAt }) };
};

export const currentRequest = (): CurrentRequest | undefined => storage.getStore();

export function keepRequestContext(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => storage.run(contextOf(request), done));
  // Reading a body ends in an event of the connection, which does not know of the request.
  app.addHook('preValidation', (request, _reply, done) => storage.run(contextOf(request), done));
}
