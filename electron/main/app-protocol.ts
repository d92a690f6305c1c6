/** app://drover: the built window, served from one folder of the package and from nowhere else. */
import { readFile } from 'node:fs/promises';
import { extname, isAbsolute, join, normalize, relative, sep } from 'node:path';
import { securityHeaders } from './content-security.ts';
import { isOwnPage } from './own-page.ts';

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

/** Where a request leads inside the folder, or why it leads nowhere. */
export type Target = { readonly file: string; readonly route: boolean } | { readonly refused: 400 | 404 };

/**
 * Path of an address under `root`. Decoded before it is judged, because `%2e%2e%2f` survives the URL parser. A path without
 * an extension is a route of the window (its last part never has a dot there) and gets the start page.
 */
export function resolveTarget(root: string, address: string): Target {
  if (!isOwnPage(address)) return { refused: 404 };
  let path: string;
  try {
    path = decodeURIComponent(new URL(address).pathname);
  } catch {
    return { refused: 400 };
  }
  if (/[\p{Cc}\\:]/u.test(path) || path.split('/').includes('..')) return { refused: 400 };
  const file = normalize(join(root, path));
  const inside = relative(root, file);
  if (inside.startsWith('..') || isAbsolute(inside)) return { refused: 400 };
  if (extname(file) === '') return { file: join(root, 'index.html'), route: true };
  return { file, route: false };
}

export interface AppProtocolOptions {
  /** Folder of the built window. */
  readonly root: string;
  /** The sync server's address at the time of the request; it goes into the policy. */
  readonly serverUrl: () => string;
}
export interface AppRequest {
  readonly method: string;
  readonly url: string;
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOENT', 'EISDIR', 'ENOTDIR'].includes(String(error.code));

/** Answers one request of the window. Never throws for a bad address; throws when the package itself cannot be read. */
export async function answerAppRequest({ root, serverUrl }: AppProtocolOptions, request: AppRequest): Promise<Response> {
  const headers: Record<string, string> = securityHeaders(serverUrl());
  const refuse = (status: number, text: string): Response =>
    new Response(text, { status, headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' } });

  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'Only reading is possible here.');
  const target = resolveTarget(root, request.url);
  if ('refused' in target) return refuse(target.refused, 'There is nothing at this address.');
  let content: Uint8Array;
  try {
    content = await readFile(target.file);
  } catch (error) {
    if (isMissing(error)) return refuse(404, 'There is nothing at this address.');
    throw error;
  }
  headers['content-type'] = mediaTypes[extname(target.file).toLowerCase()] ?? 'application/octet-stream';
  // Built files carry their hash in the name; the start page names them and must always be the one of this package.
  headers['cache-control'] = target.file.includes(`${sep}assets${sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache';
  return new Response(request.method === 'HEAD' ? null : new Uint8Array(content), { status: 200, headers });
}

/** Standard gives the scheme an origin (IndexedDB needs one), secure gives it crypto.subtle and workers. */
export const schemePrivileges = { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true } as const;
