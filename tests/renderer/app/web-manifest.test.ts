import { describe, expect, it } from 'vitest';
import { build } from 'vite';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

interface Built {
  readonly text: (file: string) => string;
  readonly bytes: (file: string) => Uint8Array;
}

/** The window as it is built, kept in memory. */
async function buildWindow(): Promise<Built> {
  const nodeEnv = process.env['NODE_ENV'];
  const answer = await build({ root: `${root}renderer`, configFile: `${root}vite.config.ts`, logLevel: 'silent', build: { write: false } });
  process.env['NODE_ENV'] = nodeEnv;
  if (Array.isArray(answer) || !('output' in answer)) throw new Error('one build gives one output');
  const files = new Map(answer.output.map((part) => [part.fileName, part.type === 'chunk' ? part.code : part.source]));
  const content = (file: string): string | Uint8Array => {
    const found = files.get(file);
    if (found === undefined) throw new Error(`${file} was not built; there are ${[...files.keys()].join(', ')}`);
    return found;
  };
  return {
    text: (file) => {
      const found = content(file);
      return typeof found === 'string' ? found : new TextDecoder().decode(found);
    },
    bytes: (file) => {
      const found = content(file);
      return typeof found === 'string' ? new TextEncoder().encode(found) : found;
    },
  };
}

interface Manifest {
  readonly name: string;
  readonly start_url: string;
  readonly display: string;
  readonly icons: readonly { readonly src: string; readonly sizes: string; readonly type: string; readonly purpose: string }[];
}

describe('the installable web app', () => {
  it('has a manifest, icons of the sizes it says, and keeps all of them for the time without a server', async () => {
    const window = await buildWindow();
    expect(window.text('index.html')).toContain('<link rel="manifest" href="/manifest.webmanifest">');
    const manifest = JSON.parse(window.text('manifest.webmanifest')) as Manifest;
    expect(manifest).toMatchObject({ name: 'Drover', start_url: '/', display: 'standalone' });
    const pictures = manifest.icons.filter((icon) => icon.type === 'image/png');
    expect(pictures.map((icon) => `${icon.sizes} ${icon.purpose}`)).toEqual(['192x192 any', '512x512 any', '512x512 maskable']);
    for (const { src, sizes } of pictures) {
      const head = new DataView(window.bytes(src.slice(1)).slice(0, 24).buffer);
      // Width and height stand at byte 16 and 20 of a PNG.
      expect(`${src} ${head.getUint32(16)}x${head.getUint32(20)}`).toBe(`${src} ${sizes}`);
    }
    const worker = window.text('sw.js');
    for (const file of ['/manifest.webmanifest', ...manifest.icons.map((icon) => icon.src)]) expect(worker).toContain(`"${file}"`);
  }, 60_000);
});
