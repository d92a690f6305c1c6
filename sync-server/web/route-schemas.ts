/**
 * Whatever a request may hold is declared by its route. What a route does not declare is refused: parameters of the query
 * that nobody reads, members of a body beside those of its schema, a body where none is read.
 */
import type { FastifyInstance } from 'fastify';
import { isOfPackages } from '../access/route-guard.ts';

/** Longest part of an address; Fastify lets no longer one through (app.ts). */
export const PARAM_CHARS_MAX = 200;
/** Whoever is not known yet sends little: a password, a token, a passkey's answer. */
const PUBLIC_BODY_BYTES_MAX = 64 * 1024;

type Schema = Readonly<Record<string, unknown>>;

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null;
const isObject = (schema: Schema): boolean => schema['type'] === 'object';

/** Takes the members that it names and no other, unless the schema says so itself. */
const closed = (schema: Schema): Schema =>
  isObject(schema) && schema['additionalProperties'] === undefined ? { ...schema, additionalProperties: false } : schema;

const NO_QUERY: Schema = { type: 'object', properties: {} };
/** Clients of JSON send an empty object where nothing is to be said. */
const NO_BODY: Schema = { anyOf: [{ type: 'null' }, { type: 'object', additionalProperties: false }] };

function paramsOf(url: string): Schema {
  const names = [...url.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  const part = { type: 'string', minLength: 1, maxLength: PARAM_CHARS_MAX };
  return { type: 'object', properties: Object.fromEntries(names.map((name) => [name, part])), required: names };
}
const schemaOr = (value: unknown, otherwise: Schema): Schema => closed(isSchema(value) ? value : otherwise);

/** Before the first route of our own. */
export function closeSchemas(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const methods = [route.method].flat();
    if (methods.some((method) => isOfPackages(method, route.url))) return;
    const takesBody = methods.some((method) => !['GET', 'HEAD'].includes(method));
    route.schema = {
      ...route.schema,
      params: schemaOr(route.schema?.params, paramsOf(route.url)),
      querystring: schemaOr(route.schema?.querystring, NO_QUERY),
      ...(takesBody ? { body: schemaOr(route.schema?.body, NO_BODY) } : {}),
    };
    if (route.config?.access === 'public') route.bodyLimit ??= PUBLIC_BODY_BYTES_MAX;
  });
}
