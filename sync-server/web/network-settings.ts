/** Which proxies and which other origins are believed, checked when the server starts. */
import { isIP, isIPv6 } from 'node:net';

const listOf = (text = ''): string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

/** Names that proxy-addr knows for the networks of this machine and of private ones. */
const NAMED_NETWORKS = new Set(['loopback', 'linklocal', 'uniquelocal']);

function isNetwork(text: string): boolean {
  if (NAMED_NETWORKS.has(text)) return true;
  const [address = '', bits, more] = text.split('/');
  if (isIP(address) === 0 || more !== undefined) return false;
  // A network of everybody would let each request say for itself whence it comes.
  return bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (isIPv6(address) ? 128 : 32));
}

/** DROVER_TRUSTED_PROXIES: addresses and networks, apart by commas. Throws for anything else. */
export function trustedProxiesFrom({ DROVER_TRUSTED_PROXIES: text }: NodeJS.ProcessEnv): string[] {
  const wrong = listOf(text).find((word) => !isNetwork(word));
  if (wrong !== undefined)
    throw new Error(
      `DROVER_TRUSTED_PROXIES must be addresses such as 10.0.0.4 or networks such as 10.0.0.0/24, apart by commas, not "${wrong}".`,
    );
  return listOf(text);
}

/** DROVER_ORIGINS: other web origins that may call the API, each as browsers write it. Throws for anything else. */
export function originsFrom({ DROVER_ORIGINS: text }: NodeJS.ProcessEnv): string[] {
  const isOrigin = (word: string): boolean => /^https?:\/\/[\w.:[\]-]+$/.test(word) && URL.canParse(word) && new URL(word).origin === word;
  const wrong = listOf(text).find((word) => !isOrigin(word));
  if (wrong !== undefined)
    throw new Error(`DROVER_ORIGINS must be origins such as https://tools.example.com, without a path or a star, not "${wrong}".`);
  return listOf(text);
}
