/** Which sync server this machine talks to: the environment says it, else the settings file, else the default. */
import type { Outcome } from '../ipc-contract.ts';
import { isRecord, readJson, writeJson } from './json-file.ts';

/** What `npm start` and the demo use. */
export const DEFAULT_SERVER = 'http://127.0.0.1:8790';

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

export type ParsedServer = { readonly ok: true; readonly url: string } | { readonly ok: false; readonly message: string };

/**
 * An origin: scheme, host and port, no path, because it also becomes a word of the content security policy. Plain http only
 * to this machine: passwords and the company's books never travel in the clear.
 */
export function parseServerUrl(text: string): ParsedServer {
  const trimmed = text.trim();
  if (!URL.canParse(trimmed)) return { ok: false, message: `"${trimmed}" is not an address. Write it like https://sync.example.com.` };
  const url = new URL(trimmed);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return { ok: false, message: 'The address of the sync server starts with https://.' };
  }
  if (url.protocol === 'http:' && !loopback.has(url.hostname)) {
    return { ok: false, message: 'Only https:// is allowed to another machine, so that nobody on the way can read along.' };
  }
  if (url.username !== '' || url.password !== '') return { ok: false, message: 'Leave user name and password out of the address.' };
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return { ok: false, message: `Only the server's name and port are needed: ${url.origin}` };
  }
  return { ok: true, url: url.origin };
}

export interface ServerAddress {
  current(): string;
  /** Keeps another address for the next start of the window. */
  change(text: string): Promise<Outcome>;
}

/** `fromEnvironment` is DROVER_SERVER; a wrong one is a mistake of whoever started us and is thrown. */
export async function openServerAddress(settingsFile: string, fromEnvironment: string | undefined): Promise<ServerAddress> {
  const settings = await readJson(settingsFile);
  let stored: Record<string, unknown> = isRecord(settings) ? settings : {};
  const fixed = fromEnvironment === undefined || fromEnvironment === '' ? undefined : parseServerUrl(fromEnvironment);
  if (fixed && !fixed.ok) throw new Error(`DROVER_SERVER: ${fixed.message}`);

  const current = (): string => {
    if (fixed) return fixed.url;
    const kept = stored['serverUrl'];
    const parsed = typeof kept === 'string' ? parseServerUrl(kept) : undefined;
    return parsed?.ok === true ? parsed.url : DEFAULT_SERVER;
  };
  return {
    current,
    async change(text) {
      if (fixed) {
        return { ok: false, code: 'fixed', message: `The address is set by DROVER_SERVER (${fixed.url}) and cannot be changed here.` };
      }
      const parsed = parseServerUrl(text);
      if (!parsed.ok) return { ok: false, code: 'address', message: parsed.message };
      stored = { ...stored, serverUrl: parsed.url };
      await writeJson(settingsFile, stored);
      return { ok: true };
    },
  };
}
