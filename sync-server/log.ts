/** The server's log: one JSON line an event, without secrets. */
import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Logger;

/** Wherever these keys appear in what is logged; bodies and documents are not logged at all. */
const secrets =
  'authorization cookie password passwordHash accessToken refreshToken token ticket secret clientSecret apiKey databaseUrl connectionString'.split(
    ' ',
  );
const paths = secrets.flatMap((key) => [key, `*.${key}`, `*.*.${key}`, `*.*.*.${key}`]);

/** What is a secret by its look, in the sentences of errors: API keys, signed tokens, passwords in addresses. */
const SECRET_TEXT =
  /drk_[a-z0-9]{12}_[\w-]{20,}|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+|(?<=:\/\/[^\s:/@]{0,80}:)[^\s/@]+(?=@)|(?<=\bBearer )[\w.~+/=-]+/g;
const withoutSecrets = (text: string | undefined): string | undefined => text?.replaceAll(SECRET_TEXT, '[secret]');

/** Of an error only what tells where and why: what libraries hang on it (connections, rows, values) stays out of the log. */
function errorOf(error: Error & { code?: string; constraint?: string }): Record<string, unknown> {
  const { name, code, constraint, message, stack, cause } = error;
  return {
    type: name,
    ...(code === undefined ? {} : { code }),
    ...(constraint === undefined ? {} : { constraint }),
    message: withoutSecrets(message),
    stack: withoutSecrets(stack),
    ...(cause instanceof Error ? { cause: errorOf(cause) } : {}),
  };
}

export function openLog(level: string, destination?: DestinationStream): Log {
  const options = {
    level,
    redact: { paths, censor: '[secret]' },
    serializers: {
      // The query may hold what people put there by mistake; the path alone says enough.
      req: (request: { method: string; url: string; ip?: string }) => ({
        method: request.method,
        path: request.url.split('?')[0],
        ip: request.ip,
      }),
      err: errorOf,
    },
  };
  return destination ? pino(options, destination) : pino(options);
}
