/**
 * TLS by two files: the certificate with its chain, and its key. They are looked at again all the time, because certificates
 * are renewed every few weeks by a program that nobody watches; connections that are open go on with the old one.
 */
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type SecureContextOptions, type Server, createSecureContext } from 'node:tls';

export interface TlsFiles {
  /** PEM: the server's certificate first, then those between it and the root. */
  readonly certFile: string;
  /** PEM, not encrypted. */
  readonly keyFile: string;
}
/** The files cannot be used; the message says which, why, and the way out. */
export class TlsFault extends Error {
  readonly code = 'tls';
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'TlsFault';
  }
}

const LOOK_MS = 60_000;
/** Below it a reload warns: whatever renews the certificate has stopped. */
const DAYS_LEFT_MIN = 7;
const DAY_MS = 86_400_000;

interface Pair {
  readonly cert: string;
  readonly key: string;
}
const sameAs = (a: Pair, b: Pair): boolean => a.cert === b.cert && a.key === b.key;

function fileText(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code = 'error' } = cause as NodeJS.ErrnoException;
    throw new TlsFault(`${name} names ${file}, which cannot be read (${code}).`, cause);
  }
}
const textsOf = ({ certFile, keyFile }: TlsFiles): Pair => ({
  cert: fileText(certFile, 'DROVER_TLS_CERT'),
  key: fileText(keyFile, 'DROVER_TLS_KEY'),
});

/** Throws TlsFault unless both fit together and the certificate is valid today. */
function judge({ cert, key }: Pair, { certFile, keyFile }: TlsFiles, now: Date): X509Certificate {
  let certificate: X509Certificate;
  let fits: boolean;
  try {
    certificate = new X509Certificate(cert);
  } catch (cause) {
    throw new TlsFault(`${certFile} holds no certificate in PEM.`, cause);
  }
  try {
    fits = certificate.checkPrivateKey(createPrivateKey(key));
  } catch (cause) {
    throw new TlsFault(`${keyFile} holds no private key in PEM that can be read without a passphrase.`, cause);
  }
  if (!fits) throw new TlsFault(`The key in ${keyFile} does not belong to the certificate in ${certFile}.`);
  if (new Date(certificate.validTo) <= now) throw new TlsFault(`The certificate in ${certFile} ended on ${certificate.validTo}. Renew it.`);
  return certificate;
}
const contextOf = (pair: Pair): SecureContextOptions => ({ ...pair, minVersion: 'TLSv1.2' });

export interface TlsLog {
  info(about: object, message: string): void;
  warn(about: object, message: string): void;
  error(about: object, message: string): void;
}
export interface Tls {
  /** For a new server; `follow` keeps it at what the files hold. */
  readonly options: SecureContextOptions;
  follow(server: Server): void;
  /** Looks now. Answers whether there was something new that fits; what does not is logged, and the old pair stays. */
  look(): boolean;
  close(): void;
}

/** Throws TlsFault when the files cannot be used now. */
export function openTls(files: TlsFiles, log: TlsLog, now: () => Date = () => new Date()): Tls {
  const first = textsOf(files);
  judge(first, files, now());
  const servers: Server[] = [];
  let used = first;
  let refused: Pair | undefined;
  const options = contextOf(first);
  createSecureContext(options);

  function look(): boolean {
    let pair: Pair | undefined;
    try {
      pair = textsOf(files);
      if (sameAs(pair, used) || (refused && sameAs(pair, refused))) return false;
      const certificate = judge(pair, files, now());
      for (const server of servers) server.setSecureContext(contextOf(pair));
      used = pair;
      refused = undefined;
      log.info({ validTo: certificate.validTo }, 'the TLS certificate was renewed');
      return true;
    } catch (error) {
      // One file may be written before the other: the next look finds both. Said once for each state of the files.
      refused = pair;
      log.error({ err: error }, 'the new TLS certificate cannot be used; the old one stays');
      return false;
    }
  }
  function warn(): void {
    const daysLeft = Math.floor((new Date(new X509Certificate(used.cert).validTo).getTime() - now().getTime()) / DAY_MS);
    if (daysLeft < DAYS_LEFT_MIN) log.warn({ daysLeft }, 'the TLS certificate ends soon and was not renewed');
  }
  warn();
  const timer = setInterval(look, LOOK_MS).unref();
  const warning = setInterval(warn, DAY_MS).unref();
  return {
    options,
    follow: (server) => void servers.push(server),
    look,
    close() {
      clearInterval(timer);
      clearInterval(warning);
    },
  };
}

/** From DROVER_TLS_CERT and DROVER_TLS_KEY; undefined when neither is set. */
export function tlsFilesFrom(environment: NodeJS.ProcessEnv): TlsFiles | undefined {
  const { DROVER_TLS_CERT: certFile = '', DROVER_TLS_KEY: keyFile = '' } = environment;
  if (certFile === '' && keyFile === '') return undefined;
  if (certFile === '' || keyFile === '')
    throw new Error('DROVER_TLS_CERT and DROVER_TLS_KEY belong together: set both, or neither and let a proxy end TLS.');
  return { certFile, keyFile };
}
