/**
 * A Vite plugin that makes the web app start without a server: it emits `sw.js`, which keeps the files of one build and
 * answers with them. Electron serves its files itself and does not use it. Data never passes through here; that is RxDB's.
 */
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

/** Runs in the browser as text. One cache a build; the old one goes when the new one is complete. */
const worker = (version: string, files: readonly string[]): string => `
const CACHE = 'drover-shell-${version}';
const FILES = ${JSON.stringify(files)};
self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});
self.addEventListener('activate', (event) => {
  const stale = (name) => name.startsWith('drover-shell-') && name !== CACHE;
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter(stale).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});
self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return;
  const api = /^\\/(auth|sync|files|audit|me|livez|readyz)(\\/|$)/.test(url.pathname);
  const page = event.request.mode === 'navigate' && !api;
  if (!page && !FILES.includes(url.pathname)) return;
  event.respondWith(caches.open(CACHE).then((cache) => cache.match(page ? '/' : url.pathname)).then((kept) => kept ?? fetch(event.request)));
});
`;

export function offlineShell(): Plugin {
  return {
    name: 'drover-offline-shell',
    apply: 'build',
    generateBundle(_, bundle) {
      const files = Object.keys(bundle)
        .filter((file) => !file.endsWith('.map') && file !== 'index.html')
        .sort();
      const version = createHash('sha256');
      for (const file of ['index.html', ...files]) {
        const part = bundle[file];
        if (part) version.update(file).update(part.type === 'chunk' ? part.code : part.source);
      }
      this.emitFile({
        type: 'asset',
        fileName: 'sw.js',
        source: worker(version.digest('hex').slice(0, 16), ['/', ...files.map((file) => `/${file}`)]),
      });
    },
  };
}
