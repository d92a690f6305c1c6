/** Starts a development tool from node_modules with this very Node, and keeps what it printed. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Printed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The script behind a package's command. Tools are started by path: `.bin` would give TypeScript 6 for `tsc`. */
export function scriptOf(root: string, packageName: string, command: string): string {
  const folder = join(root, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { bin?: string | Record<string, string> };
  const script = typeof bin === 'string' ? bin : bin?.[command];
  if (script === undefined) throw new Error(`${packageName} has no command ${command}`);
  return join(folder, script);
}

/** Runs to the end; a tool that cannot start or is stopped by a signal ends with code 1 and says so in `err`. */
export function runTool(
  cwd: string,
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Printed> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...args], { cwd, env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', ...env } });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', (error) => {
      resolve({ code: 1, out: '', err: error.message });
    });
    child.on('close', (code, signal) => {
      const ended = signal === null ? '' : `\nstopped by ${signal}`;
      resolve({ code: code ?? 1, out: Buffer.concat(out).toString('utf8'), err: Buffer.concat(err).toString('utf8') + ended });
    });
  });
}
