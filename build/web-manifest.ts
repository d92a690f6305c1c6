/**
 * A Vite plugin that makes the web app installable: it emits `manifest.webmanifest` and its icons under names that stay,
 * because an installed app is known by them. Stands before offlineShell, which keeps every emitted file.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const ICONS = [
  { file: 'drover.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
  { file: 'drover-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
  { file: 'drover-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
  { file: 'drover-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
] as const;

const manifest = {
  id: '/',
  name: 'Drover',
  short_name: 'Drover',
  description: 'The trading desk of a meat brokerage: local-first, offline, in sync.',
  lang: 'en',
  start_url: '/',
  scope: '/',
  display: 'standalone',
  background_color: '#f4f6f7',
  theme_color: '#12303c',
  icons: ICONS.map(({ file, ...facts }) => ({ src: `/icons/${file}`, ...facts })),
};

export function webManifest(): Plugin {
  return {
    name: 'drover-web-manifest',
    apply: 'build',
    async generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'manifest.webmanifest', source: `${JSON.stringify(manifest, undefined, 2)}\n` });
      for (const { file } of ICONS) {
        const source = await readFile(fileURLToPath(new URL(`../renderer/app/${file}`, import.meta.url)));
        this.emitFile({ type: 'asset', fileName: `icons/${file}`, source });
      }
    },
    // Not in index.html itself, where Vite would look for the file beside it.
    transformIndexHtml: () => [
      { tag: 'link', attrs: { rel: 'manifest', href: '/manifest.webmanifest' }, injectTo: 'head' },
      { tag: 'meta', attrs: { name: 'theme-color', content: '#12303c' }, injectTo: 'head' },
    ],
  };
}
