/** What the browser tests share: a server that can be stopped, browsers with a profile that survives a restart, sign-in. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, type Page, chromium, expect, test } from '@playwright/test';
import { chromiumSwitches, ensureChromium } from '../../build/chromium.ts';
import { DEMO_PASSWORD } from '../../sync-server/db/demo-accounts.ts';
import { cloneOf } from '../test-postgres.ts';
import { POSTGRES_URL } from './postgres.setup.ts';

const START_MS_MAX = 60_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The address that the process prints when it is ready; what it logs before goes to the errors of the test. */
function addressIn(output: Readable): Promise<string> {
  let said = '';
  return new Promise((resolve) => {
    output.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const lines = said.split('\n').slice(0, -1);
      const address = lines.find((line) => /^https?:\/\/\S+$/.test(line));
      if (address === undefined) process.stderr.write(chunk);
      else resolve(address);
    });
  });
}

export class DeskServer {
  readonly databaseUrl: string;
  readonly #folder: string;
  #child: ChildProcess | undefined;
  readonly #env: Readonly<Record<string, string>>;
  #port = '0';
  url = '';

  private constructor(databaseUrl: string, folder: string, env: Readonly<Record<string, string>>) {
    this.databaseUrl = databaseUrl;
    this.#folder = folder;
    this.#env = env;
  }

  /** `named`: people open it as http://localhost, as passkeys need a name and letters an address. `env`: settings of its process. */
  static async open(options: { story?: boolean; named?: boolean; env?: Readonly<Record<string, string>> } = {}): Promise<DeskServer> {
    const folder = mkdtempSync(join(tmpdir(), 'drover-browser-'));
    const databaseUrl = await cloneOf(process.env[POSTGRES_URL] ?? '', 'template0');
    const port = options.named === true ? await freePort() : 0;
    const server = new DeskServer(databaseUrl, folder, {
      ...(port === 0 ? {} : { DROVER_PUBLIC_URL: `http://localhost:${port}` }),
      ...options.env,
    });
    server.#port = String(port);
    await server.start(options.story === true ? { STORY: '1' } : {});
    return server;
  }

  /** Starts the process on the port it had before, so that the address of the desk stays the same. */
  async start(env: Record<string, string> = {}): Promise<void> {
    const program = fileURLToPath(new URL('./server-process.ts', import.meta.url));
    const child = spawn(process.execPath, [program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        ...this.#env,
        ...env,
        PORT: this.#port,
        DATABASE_URL: this.databaseUrl,
        DROVER_FILES: join(this.#folder, 'files'),
      },
    });
    this.#child = child;
    const listening = await Promise.race([
      addressIn(child.stdout),
      once(child, 'exit').then(
        ([code]): Promise<never> => Promise.reject(new Error(`the server ended with ${String(code)} before it was ready`)),
      ),
      new Promise<never>((_, reject) => setTimeout(() => reject(new Error('the server was not ready in time')), START_MS_MAX).unref()),
    ]);
    this.#port = new URL(listening).port;
    this.url = this.#env['DROVER_PUBLIC_URL'] ?? listening;
  }

  /** Pulls the plug: no orderly end. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** What a request of this demo account says of itself. */
  async headersOf(who: string): Promise<{ readonly authorization: string }> {
    const login = await fetch(`${this.url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: `${who}@drover.example`, password: DEMO_PASSWORD }),
    });
    const { accessToken } = (await login.json()) as { accessToken: string };
    return { authorization: `Bearer ${accessToken}` };
  }

  /** Asks the server as the demo admin. */
  async ask<Answer>(path: string): Promise<Answer> {
    const answer = await fetch(this.url + path, { headers: await this.headersOf('admin') });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Answer;
  }
}

/** Processes that name this text on their command line, by /proc; the browser names its profile in all of its own. */
function processesNaming(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch (cause) {
        // It has ended meanwhile.
        if (['ENOENT', 'ESRCH'].includes((cause as NodeJS.ErrnoException).code ?? '')) return false;
        throw cause;
      }
    })
    .map(Number);
}

/** One device: a browser whose profile folder outlives it, as IndexedDB lives only in a persistent profile. */
export class Device {
  readonly #profile = mkdtempSync(join(tmpdir(), 'drover-device-'));
  #context: BrowserContext | undefined;
  readonly problems: string[] = [];
  readonly #switches: readonly string[];
  readonly #prepare: (context: BrowserContext) => Promise<void>;

  /** `prepare` is done with every browser before it loads a page. */
  constructor(switches: readonly string[] = [], prepare: (context: BrowserContext) => Promise<void> = () => Promise.resolve()) {
    this.#switches = switches;
    this.#prepare = prepare;
  }

  /** Starts the browser, anew if it runs already. */
  async open(url: string): Promise<Page> {
    await this.close();
    const context = await chromium.launchPersistentContext(this.#profile, {
      executablePath: ensureChromium(),
      args: [...chromiumSwitches, ...this.#switches],
      viewport: { width: 1440, height: 900 },
      acceptDownloads: true,
    });
    this.#context = context;
    context.setDefaultTimeout(20_000);
    await this.#prepare(context);
    const page = context.pages()[0] ?? (await context.newPage());
    page.on('pageerror', (error) => this.problems.push(error.message));
    page.on('console', (message) => {
      // A refused connection is what a stopped server looks like; everything else is ours.
      if (
        message.type() === 'error' &&
        !/ERR_CONNECTION_REFUSED|Failed to load resource|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET/.test(message.text())
      ) {
        this.problems.push(message.text());
      }
    });
    await page.goto(url);
    return page;
  }

  /** Pulls the plug: every process of this browser ends at once, whatever it was writing. Needs /proc. */
  async kill(): Promise<void> {
    const context = this.#context;
    this.#context = undefined;
    if (!context) return;
    const closed = context.waitForEvent('close');
    for (const pid of processesNaming(this.#profile)) process.kill(pid, 'SIGKILL');
    await closed;
    for (const name of ['SingletonLock', 'SingletonCookie', 'SingletonSocket']) rmSync(join(this.#profile, name), { force: true });
  }

  /** What the device shows now, for the report of a failed test. */
  async picture(name: string): Promise<void> {
    const page = this.#context?.pages()[0];
    if (page) await page.screenshot({ path: test.info().outputPath(`${name}.png`) });
  }

  async close(): Promise<void> {
    await this.#context?.close();
    this.#context = undefined;
  }

  async forget(): Promise<void> {
    await this.close();
    rmSync(this.#profile, { recursive: true, force: true });
  }
}

/**
 * A server of its own for all tests of this file or group, there from the first test on, and its devices: what each shows is
 * kept of a test that fails, and all of it is gone after the last one.
 */
export function onStage(
  devices: Readonly<Record<string, Device>> | readonly Device[],
  options: Parameters<typeof DeskServer.open>[0] = {},
): { readonly server: DeskServer } {
  let server: DeskServer | undefined;
  test.beforeAll(async () => {
    server = await DeskServer.open(options);
  });
  test.afterEach(async () => {
    if (test.info().status === test.info().expectedStatus) return;
    for (const [name, device] of Object.entries(devices)) await device.picture(name);
  });
  test.afterAll(async () => {
    for (const device of Object.values(devices)) await device.forget();
    await server?.close();
  });
  return {
    get server() {
      if (!server) throw new Error('the server starts with the first test');
      return server;
    },
  };
}

export async function signIn(page: Page, who: 'admin' | 'broker' | 'field' | 'accounting'): Promise<void> {
  await page.getByLabel('E-mail').fill(`${who}@drover.example`);
  await page.getByLabel('Password', { exact: true }).fill(DEMO_PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('navigation').getByRole('link', { name: 'Suppliers' })).toBeVisible();
}

/** Opens a list by its name in the navigation. */
export async function goTo(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name, exact: true })).toBeVisible();
}
