import { expect } from 'vitest';

/** Fails with every finding on a line of its own; an array comparison would show only how many there are. */
export function expectNone(findings: readonly string[]): void {
  expect(findings, `\n  ${findings.join('\n  ')}\n`).toEqual([]);
}
