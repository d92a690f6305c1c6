/** What must not be when NODE_ENV is "production": secrets that everybody knows, and passwords that go over the wire in the clear. */

/** What examples, images and tutorials set, and what people type to get it running. */
const KNOWN =
  /^(?:change[-_ ]?(?:me|this|it)|(?:my[-_ ]?)?(?:secret|password|passwort|token|key)|default|example|postgres(?:ql)?|drover|admin|root|test|minio(?:admin)?|letmein|qwerty|x+|0+|1234\d*|your[-_ ].*|<.*>)[-_ ]?\d{0,4}$/iu;
/** A demo password is printed in the README. */
const DEMO = 'drover-demo-2026';

/** Nobody's secret is longer, and what looks for a repetition takes its time with long ones. */
const READ_MAX = 256;

/** Whether somebody who has read the manuals would guess it among the first. */
export function isKnownSecret(secret: string): boolean {
  const distinct = new Set(secret).size;
  // The same few words over and over are as long as is asked for, and no secret.
  const unit = /^(.{1,16}?)[-_ ]?(?:\1[-_ ]?)+$/u.exec(secret.slice(0, READ_MAX))?.[1] ?? secret;
  return distinct < 5 || KNOWN.test(secret) || KNOWN.test(unit) || secret.includes(DEMO);
}

const passwordIn = (url: string): string => (URL.canParse(url) ? decodeURIComponent(new URL(url).password) : '');
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/;

/** Whether the line to Postgres leaves this machine and its address says nothing of how it is kept. A folder is that of a socket. */
function isOpenLine(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname, searchParams } = new URL(url);
  const host = searchParams.get('host') ?? hostname;
  return (
    host !== '' && !host.startsWith('/') && !LOOPBACK.test(host) && !['verify-full', 'disable'].includes(searchParams.get('sslmode') ?? '')
  );
}

/** A setting is not fit for production; the message names it and never shows its value. */
export class NotForProduction extends Error {
  readonly code = 'not_for_production';
  constructor(message: string) {
    super(message);
    this.name = 'NotForProduction';
  }
}

/** Throws NotForProduction; does nothing outside production. */
export function refuseDefaults(environment: NodeJS.ProcessEnv): void {
  if (environment.NODE_ENV !== 'production') return;
  const { DATABASE_URL = '', DROVER_SMTP_URL = '', HOST = '127.0.0.1', DROVER_PUBLIC_URL: publicUrl = '' } = environment;
  const secrets: readonly (readonly [name: string, value: string])[] = [
    ['DROVER_SECRET', environment['DROVER_SECRET'] ?? ''],
    ['DROVER_OIDC_CLIENT_SECRET', environment['DROVER_OIDC_CLIENT_SECRET'] ?? ''],
    ['AWS_SECRET_ACCESS_KEY', environment['AWS_SECRET_ACCESS_KEY'] ?? ''],
    ['the password in DATABASE_URL', passwordIn(DATABASE_URL)],
    ['the password in DROVER_SMTP_URL', passwordIn(DROVER_SMTP_URL)],
  ];
  const known = secrets.find(([, value]) => value !== '' && isKnownSecret(value));
  if (known)
    throw new NotForProduction(
      `${known[0]} is one that everybody knows, and is refused when NODE_ENV is "production". \`openssl rand -base64 32\` makes a better one.`,
    );
  const hasTls = (environment['DROVER_TLS_CERT'] ?? '') !== '';
  const hasProxy = (environment['DROVER_TRUSTED_PROXIES'] ?? '') !== '';
  if (!LOOPBACK.test(HOST) && !hasTls && !hasProxy)
    throw new NotForProduction(
      `HOST is ${HOST}, so passwords would go over the network unencrypted. Set DROVER_TLS_CERT and DROVER_TLS_KEY, or DROVER_TRUSTED_PROXIES to the proxy that ends TLS.`,
    );
  if (isOpenLine(DATABASE_URL))
    throw new NotForProduction(
      'DATABASE_URL leads to another machine: add sslmode=verify-full, with sslrootcert=<file> for certificates of your own, or sslmode=disable where the line is yours alone.',
    );
  const addresses = { DROVER_PUBLIC_URL: publicUrl, DROVER_S3_ENDPOINT: environment['DROVER_S3_ENDPOINT'] ?? '' };
  for (const [name, url] of Object.entries(addresses))
    if (url.startsWith('http:') && !LOOPBACK.test(new URL(url).hostname))
      throw new NotForProduction(`${name} must start with https:// when NODE_ENV is "production".`);
}
