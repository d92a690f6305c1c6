/** Every answer that is not a success has the shape of RFC 9457: a code for programs, a sentence for people. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_TYPE, type ProblemCode, problemTitle } from '../domain/protocol/problem-codes.ts';
import { BODY_BYTES_MAX, type ErrorAnswer } from '../domain/protocol/protocol.ts';
import { DatabaseFault, UnstorableText } from './db/database.ts';
import { FileStoreFault } from './files/file-store.ts';

/** An expected refusal of a request; thrown by a route, answered as it stands. */
export class HttpError extends Error {
  readonly status: number;
  readonly code: ProblemCode;
  /** Members of the answer beside those that every problem has. */
  readonly more: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    status: number,
    code: ProblemCode,
    message: string,
    about: { field?: string; headers?: Record<string, string>; more?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.code = code;
    this.more = { ...(about.field === undefined ? {} : { field: about.field }), ...about.more };
    this.headers = about.headers ?? {};
  }
}

const known: Readonly<Record<string, readonly [status: number, code: ProblemCode, message: string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'unsupported_media_type', 'Send the body as JSON, with the header Content-Type: application/json.'],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, 'malformed_json', 'The body is not valid JSON.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, 'malformed_json', 'The body is empty; JSON was expected.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'bad_content_length', 'The length of the body is not what its header says.'],
  FST_ERR_BAD_URL: [400, 'bad_address', 'The address is not a valid URL.'],
};

/** A violation of the route's schema: too many rows is a size problem, everything else a malformed request. */
function fromValidation(error: FastifyError): HttpError {
  const first = error.validation?.[0];
  const path = (first?.instancePath ?? '').slice(1).replaceAll('/', '.');
  const missing = first?.params['missingProperty'];
  const field = [path, typeof missing === 'string' ? missing : ''].filter((part) => part !== '').join('.');
  if (first?.keyword === 'maxItems') {
    return new HttpError(
      413,
      'too_many_rows',
      `One request takes at most ${String(first.params['limit'])} rows. Send them in smaller parts.`,
    );
  }
  if (first?.keyword === 'additionalProperties') {
    const name = String(first.params['additionalProperty']).slice(0, 60);
    return new HttpError(400, 'invalid_request', `The request holds "${name}", which does not belong there.`, {
      field: path === '' ? name : `${path}.${name}`,
    });
  }
  return new HttpError(
    400,
    'invalid_request',
    `The request is not as expected: ${field === '' ? 'body' : field} ${first?.message ?? ''}.`,
    { field },
  );
}

function translated(error: FastifyError, { routeOptions }: Pick<FastifyRequest, 'routeOptions'>): HttpError | undefined {
  if (error instanceof HttpError) return error;
  if (error instanceof DatabaseFault) {
    return new HttpError(503, error.code, 'The server cannot reach its database at the moment. Your work is kept; try again shortly.', {
      headers: { 'retry-after': '5' },
    });
  }
  if (error instanceof FileStoreFault) {
    // What is wrong with the place is for the log; it names folders and buckets.
    const why = error.code === 'file_store_full' ? 'has no room for more files' : 'cannot keep files at the moment';
    return new HttpError(503, error.code, `The server ${why}. Yours are kept on this device and sent later; tell who runs the server.`, {
      headers: { 'retry-after': '60' },
    });
  }
  if (error instanceof UnstorableText) {
    return new HttpError(
      400,
      error.code,
      'A text of the request holds a character that cannot be stored (NUL). Leave it out and send it again.',
    );
  }
  if (error.validation) return fromValidation(error);
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const kilobytes = Math.floor((routeOptions.bodyLimit ?? BODY_BYTES_MAX) / 1024);
    return new HttpError(413, 'body_too_large', `The request is larger than ${kilobytes} KB. Send it in smaller parts.`);
  }
  const row = known[error.code];
  if (row) return new HttpError(row[0], row[1], row[2]);
  const status = error.statusCode ?? 500;
  if (status === 429) return new HttpError(429, 'too_many_requests', 'Too many attempts. Wait a minute, then try again.');
  return status >= 400 && status < 500 ? new HttpError(status, 'bad_request', 'The request cannot be handled as it was sent.') : undefined;
}

/** The body of an answer that is no success; sets its status and type. */
export function problem(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  code: ProblemCode,
  detail: string,
  more: Readonly<Record<string, unknown>> = {},
): ErrorAnswer {
  void reply.status(status).type(`${PROBLEM_TYPE}; charset=utf-8`).header('cache-control', 'no-store');
  const type = `urn:drover:problem:${code}`;
  return { type, title: problemTitle(code), status, detail, instance: `urn:uuid:${request.id}`, code, ...more };
}

async function answer(error: FastifyError, request: FastifyRequest, reply: FastifyReply): Promise<ErrorAnswer> {
  const expected = translated(error, request);
  if (expected) {
    const { status, code, message, more, headers } = expected;
    if (status >= 500) request.log.error({ err: error instanceof FileStoreFault ? error : (error.cause ?? error) }, code);
    else request.log.info({ code, status }, 'request refused');
    void reply.headers({ ...headers });
    return problem(request, reply, status, code, message, more);
  }
  // A bug: the whole of it goes to the log, none of it to the client.
  request.log.error({ err: error }, 'unexpected error');
  const sorry = 'Something went wrong on the server. It has been recorded; your work is kept on this device.';
  return problem(request, reply, 500, 'internal_error', sorry);
}

/** For an address that Fastify cannot even route, which never reaches the handler above. */
export function answerUnroutable(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  answer(error, request, reply).then(
    (body) => reply.send(body),
    (cause: Error) => request.log.error({ err: cause }, 'unexpected error'),
  );
}

export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler(answer);
}
