/** Everything about who somebody is, composed: routes, the check of every request, and what has to be closed. */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Authorize } from '../access/authorize.ts';
import { databaseSecret, knownDatabaseSecret } from '../db/accounts.ts';
import type { Database } from '../db/database.ts';
import { type MailSettings, openMailer } from '../mail/mailer.ts';
import { type Telling, openTelling } from '../mail/telling.ts';
import { authRoutes, deviceRoutes } from './auth-routes.ts';
import { keyCheck } from './api-keys.ts';
import { type Authenticate, authenticator } from './authenticate.ts';
import { emailRoutes } from './email-routes.ts';
import { factorDutyRoutes } from './factor-duty-routes.ts';
import { factorRoutes } from './factor-routes.ts';
import { openGrants } from './grants.ts';
import { changeOldKeys } from './key-change.ts';
import { linkRoutes } from './link-routes.ts';
import type { OidcSettings } from './oidc.ts';
import { oidcRoutes } from './oidc-routes.ts';
import { type Resealed, resealAll } from './reseal.ts';
import { type Seal, openSeal } from './seal.ts';
import { type SessionWatch, watchSessions } from './session-watch.ts';
import { isRefused } from './sign-in.ts';
import { openAccessTokens } from './tokens.ts';

export interface IdentityOptions {
  /** Where people open the desk, without a slash at its end; the only place that links in letters lead to. */
  readonly publicUrl?: string;
  /** How letters are sent; absent, whoever invites is given the link. */
  readonly mail?: MailSettings;
  /** Another system that people sign in through. Needs publicUrl. */
  readonly oidc?: OidcSettings;
  /** Seals what must be read again, such as the secrets of authenticator apps. A key of the database unless told. */
  readonly secret?: string;
  /** The one before it: what it closed is closed with the present one. */
  readonly secretBefore?: string;
  readonly nodeEnv?: string;
}
export interface Identity {
  readonly authenticate: Authenticate;
  readonly watch: SessionWatch;
  /** What the start did with secrets that an earlier DROVER_SECRET had closed. */
  readonly resealed: Resealed;
  readonly letters: Pick<Telling, 'state'>;
  /** Once a day: exchanges the key of access tokens when it has signed long enough, and takes up that of another process. */
  readonly changeKeys: () => Promise<void>;
  /** Before any route that needs somebody signed in. */
  routes(app: FastifyInstance, authorize: Authorize): void;
  close(): Promise<void>;
}

async function openSecretSeal(
  db: Database,
  { secret, secretBefore }: IdentityOptions,
): Promise<{ readonly seal: Seal; readonly earlier: readonly Seal[]; readonly resealed: Resealed }> {
  const present = secret ?? (await databaseSecret(db, randomBytes(32).toString('base64')));
  const seal = openSeal(present);
  const earlier = [secretBefore, await knownDatabaseSecret(db)].flatMap((one) => (one === undefined ? [] : [openSeal(one)]));
  return { seal, earlier, resealed: await resealAll(db, seal, earlier) };
}

export async function openIdentity(
  db: Database,
  options: IdentityOptions,
  now: () => Date,
  onError: (error: Error) => void,
): Promise<Identity> {
  const { publicUrl = '', mail, oidc, nodeEnv } = options;
  const tokens = await openAccessTokens(db);
  const watch = await watchSessions(db, onError);
  if (oidc && publicUrl === '') throw new Error('Signing in through another system needs DROVER_PUBLIC_URL: it sends people back there.');
  const mailer = mail && openMailer(mail);
  const { seal, earlier, resealed } = await openSecretSeal(db, options);
  const grant = await openGrants(db);
  const letters = openTelling({ db, mailer, seals: [seal, ...earlier], now, onError });
  const signingIn = { db, tokens, watch, seal, grant, tell: letters.tell, now, production: nodeEnv === 'production' };
  const keys = keyCheck({ db, now, isRefused: (account) => isRefused(signingIn, account) });
  const authenticate = authenticator(tokens, watch, keys, now);
  return {
    authenticate,
    watch,
    resealed,
    letters,
    async changeKeys() {
      await changeOldKeys(db, now());
      await tokens.look();
    },
    routes(app, authorize) {
      authRoutes(app, signingIn, authenticate);
      const linking = { ...signingIn, mailer, publicUrl, oidcName: oidc?.name, onError, authorize, afterwards: letters.afterwards };
      linkRoutes(app, linking, authenticate);
      emailRoutes(app, linking, authenticate);
      factorDutyRoutes(app, { ...signingIn, publicUrl, authorize }, authenticate);
      factorRoutes(app, { ...signingIn, publicUrl }, authenticate);
      if (oidc) oidcRoutes(app, { ...signingIn, oidc, publicUrl, onError });
      deviceRoutes(app, { db, watch, now, authorize }, authenticate);
    },
    async close() {
      await letters.close();
      await watch.close();
    },
  };
}
