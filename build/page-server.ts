/** Bundles one page with its workers and serves it, and hears what it posts. */
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { type AliasOptions, type PluginOption, build } from 'vite';

export interface Heard {
  readonly body: unknown;
  /** Must be called once: the page waits for it. */
  answer(value: unknown): void;
}
export interface PageOptions {
  readonly alias?: AliasOptions;
  readonly plugins?: PluginOption[];
  /** Default: any free port of 127.0.0.1. */
  readonly port?: number;
}
export interface PageServer {
  readonly url: string;
  /** The next message to this path, whose answer the caller gives. */
  next(path: string): Promise<Heard>;
  /** Every message to this path from now on, answered at once. */
  on(path: string, hear: (body: unknown) => unknown): void;
  close(): Promise<void>;
}

const repo = fileURLToPath(new URL('..', import.meta.url));

/** File name -> content of the page and of what it loads. */
async function bundle(entry: string, { alias, plugins = [] }: PageOptions): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const built = await build({
    root: repo,
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    base: '/',
    ...(alias ? { resolve: { alias } } : {}),
    plugins,
    define: { 'process.env.NODE_ENV': '"production"' },
    worker: { format: 'es' },
    build: {
      write: false,
      minify: false,
      target: 'chrome148',
      rollupOptions: { input: { page: entry }, output: { entryFileNames: 'page.js' } },
    },
  });
  const outputs = Array.isArray(built) ? built : [built];
  const files = outputs.flatMap((one) => ('output' in one ? one.output : []));
  return new Map(files.map((file) => [`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source]));
}

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

export async function servePage(entry: string, options: PageOptions = {}): Promise<PageServer> {
  const files = await bundle(entry, options);
  const waiting = new Map<string, (heard: Heard) => void>();
  const hearers = new Map<string, (body: unknown) => unknown>();
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '/', 'http://local').pathname;
    const answer = (value: unknown): void => void response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    if (request.method === 'POST') {
      const body = JSON.parse(await textOf(request)) as unknown;
      const once = waiting.get(path);
      waiting.delete(path);
      if (once) once({ body, answer });
      else answer(hearers.get(path)?.(body) ?? {});
      return;
    }
    const file = files.get(path);
    if (file !== undefined) response.setHeader('content-type', 'text/javascript').end(file);
    else if (path === '/') {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>page</title><script type="module" src="/page.js"></script>');
    } else response.writeHead(404).end();
  };
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      // A browser that was killed breaks off in the middle of what it says.
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  await new Promise<void>((listening) => server.listen(options.port ?? 0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the page server has no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    next: (path) => new Promise((resolve) => waiting.set(path, resolve)),
    on: (path, hear) => void hearers.set(path, hear),
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}
