import type { FastifyInstance } from 'fastify';
import { LoginBody, RefreshBody, type SignedInUser } from '../../domain/protocol/protocol.ts';
import { HttpError } from '../error-answer.ts';
import { type Attempts, countAttempts } from './attempts.ts';
import { type Authenticate, deviceOf } from './authenticate.ts';
import { type SignInDependencies, renew, signIn } from './sign-in.ts';

const WINDOW_MS = 15 * 60_000;
const FAILURES_PER_ADDRESS_MAX = 10;
/** An office of many people shares one address of the network. */
const FAILURES_PER_NETWORK_ADDRESS_MAX = 100;

function brake(attempts: readonly (readonly [Attempts, string])[]): void {
  const seconds = Math.max(...attempts.map(([counter, key]) => counter.waitSeconds(key)));
  if (seconds === 0) return;
  throw new HttpError(429, 'too_many_attempts', `Too many failed sign-ins. Try again in ${Math.ceil(seconds / 60)} min.`, {
    headers: { 'retry-after': String(seconds) },
  });
}

export function authRoutes(app: FastifyInstance, dependencies: SignInDependencies, authenticate: Authenticate): void {
  const byEmail = countAttempts(dependencies.now, FAILURES_PER_ADDRESS_MAX, WINDOW_MS);
  const byNetwork = countAttempts(dependencies.now, FAILURES_PER_NETWORK_ADDRESS_MAX, WINDOW_MS);

  app.post<{ Body: { email: string; password: string } }>('/auth/login', { schema: { body: LoginBody } }, async (request) => {
    const { email, password } = request.body;
    const keys = [
      [byEmail, email.trim().toLowerCase()],
      [byNetwork, request.ip],
    ] as const;
    brake(keys);
    const answer = await signIn(dependencies, email, password, deviceOf(request));
    if (!answer) {
      for (const [counter, key] of keys) counter.failed(key);
      throw new HttpError(401, 'wrong_credentials', 'The e-mail address or the password is wrong.');
    }
    byEmail.succeeded(email.trim().toLowerCase());
    return answer;
  });

  app.post<{ Body: { refreshToken: string } }>('/auth/refresh', { schema: { body: RefreshBody } }, async (request) => {
    const answer = await renew(dependencies, request.body.refreshToken);
    if (!answer) throw new HttpError(401, 'refresh_invalid', 'The session has ended. Sign in again.');
    return answer;
  });

  app.get('/me', async (request): Promise<SignedInUser> => (await authenticate(request)).user);
}
