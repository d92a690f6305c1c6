/** One tsconfig a runtime: what does not exist where the code will run does not compile there. Import rules cannot see this. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runTool, scriptOf } from '../../build/checks/tool.ts';
import { judgeLint } from '../../build/checks/verdicts.ts';
import { copyOfTree } from './scratch.ts';
import { root } from './sources.ts';

const DOM = ['window', 'document', 'indexedDB', 'HTMLElement'];
const NODE = ['process', 'Buffer', '__dirname'];
/** Globals of every host that are still no part of the language: the domain has no clock, no network and no log. */
const HOST = ['fetch', 'setTimeout', 'console', 'crypto', 'TextDecoder', 'localStorage'];
const FENCES: Readonly<Record<string, readonly string[]>> = {
  domain: [...DOM, ...NODE, ...HOST],
  // The types of some packages bring Node's along; for the window the linter is the fence.
  renderer: [],
  'sync-server': DOM,
  electron: DOM,
};
const probe = (names: readonly string[]): string => names.map((name, i) => `export const probe${i} = ${name};\n`).join('');
/** Slips that only the strict settings catch. */
const SLIPS = `export function first(list: readonly string[]): string {
  return list[0];
}
export interface Note {
  readonly text?: string;
}
export const note: Note = { text: undefined };
export enum Colour {
  Red,
}
`;

let copy = '';
const printed = new Map<string, string>();
beforeAll(async () => {
  copy = copyOfTree('fences');
  for (const [folder, names] of Object.entries(FENCES)) {
    writeFileSync(join(copy, folder, 'fence-probe.ts'), probe(names));
    writeFileSync(join(copy, folder, 'slip-probe.ts'), SLIPS);
    const { out } = await runTool(copy, scriptOf(root, 'typescript-7', 'tsc'), ['-p', folder, '--pretty', 'false']);
    printed.set(folder, out);
  }
}, 120_000);
afterAll(() => {
  rmSync(copy, { recursive: true, force: true });
});

describe('the fences', () => {
  it.each(Object.entries(FENCES).filter(([, names]) => names.length > 0))('of %s keep out %j', (folder, names) => {
    const lines = (printed.get(folder) ?? '').split('\n').filter((line) => line.startsWith(`${folder}/fence-probe.ts`));
    const through = names.filter((name) => !lines.some((line) => line.includes(`'${name}'`)));
    expect(through).toEqual([]);
  });

  it('of renderer keep out Node, by the linter', async () => {
    writeFileSync(join(copy, 'renderer', 'fence-probe.ts'), probe(NODE));
    const args = ['--format=json', 'renderer/fence-probe.ts'];
    const { findings, looked } = judgeLint(await runTool(copy, scriptOf(root, 'oxlint', 'oxlint'), args));
    expect(looked).toBe(1);
    const through = NODE.filter(
      (name) => !findings.some((finding) => finding.includes('no-restricted-globals') && finding.includes(`'${name}'`)),
    );
    expect(through).toEqual([]);
  });

  it.each(Object.keys(FENCES))('of %s are strict', (folder) => {
    const lines = (printed.get(folder) ?? '').split('\n').filter((line) => line.startsWith(`${folder}/slip-probe.ts`));
    expect(lines.map((line) => /error (TS\d+)/.exec(line)?.[1])).toEqual(['TS2322', 'TS2375', 'TS1294']);
  });
});
