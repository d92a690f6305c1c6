/**
 * Every regular expression of the code that reads what others wrote, against long texts made to have it try again and again. One
 * that grows with the square of its text needs minutes for a hundred thousand characters, a linear one a millisecond: the
 * limit between them is wide, so that a busy machine is not taken for a slow expression.
 */
import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { root, sources } from '../tree/sources.ts';

const CHARS = 100_000;
const MS_MAX = 3_000;
/** What has been typed or sent by somebody comes through these. */
const READERS = /^(?:domain|sync-server)\//;

interface Found {
  readonly at: string;
  readonly source: string;
  readonly flags: string;
}

function expressionsOf(path: string): Found[] {
  const text = readFileSync(`${root}/${path}`, 'utf8');
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: Found[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      const { line } = file.getLineAndCharacterOfPosition(node.getStart());
      found.push({ at: `${path}:${line + 1}`, source: node.text.slice(1, end), flags: node.text.slice(end + 1) });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** Pieces whose repetition an expression may get lost in: common ones, and its own words and classes. */
function pumpsOf(source: string): string[] {
  const own = source
    .replaceAll(/\\[bBAz]|[\^$]/g, '')
    .replaceAll(/\\d/g, '0')
    .replaceAll(/\\w/g, 'a')
    .replaceAll(/\\s/g, ' ')
    .replaceAll(/\\[tn]/g, ' ')
    .replaceAll(/\\(.)/g, '$1')
    .split(/[()[\]{}|?*+]/)
    .filter((piece) => piece.length > 0 && piece.length < 12);
  return [
    ...new Set([
      'a',
      '0',
      ' ',
      'A',
      '.',
      ',',
      '-',
      '/',
      '@',
      ':',
      '"',
      '\\',
      '\n',
      '\r\n',
      '\t',
      'a ',
      'a.',
      '0,',
      '0.',
      '1 ',
      'aA0',
      '((',
      ...own,
    ]),
  ];
}
/** What these read is short whatever comes: the digits of a safe integer; the first 256 characters of a setting. */
const SHORT = new Set([String.raw`\B(?=(\d{3})+$)`, String.raw`^(.{1,16}?)[-_ ]?(?:\1[-_ ]?)+$`]);
const ENDS = ['', '\u0000', 'x!', '0'];

/** A machine may stop for as long as that; what is slow is slow the next time too. */
function isSlow(context: object): boolean {
  for (const _ of ['once', 'again']) {
    try {
      runInContext('new RegExp(source, flags).test(text)', context, { timeout: MS_MAX });
      return false;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    }
  }
  return true;
}

/** Answers what kept the expression busy; undefined when nothing did. */
function stuckOn({ source, flags }: Found, context: object): string | undefined {
  for (const pump of pumpsOf(source)) {
    for (const end of ENDS) {
      const text = pump.repeat(Math.ceil(CHARS / pump.length)) + end;
      Object.assign(context, { text, source, flags: flags.replace('g', '').replace('y', '') });
      if (isSlow(context)) return JSON.stringify(pump);
    }
  }
  return undefined;
}

test('no expression of the domain or the server takes more than its share of time over a long text', () => {
  const found = sources.filter((path) => READERS.test(path)).flatMap(expressionsOf);
  const different = [...new Map(found.map((one) => [`${one.source}/${one.flags}`, one])).values()].filter(
    ({ source }) => !SHORT.has(source),
  );
  expect(different.length).toBeGreaterThan(80);
  const context = createContext({});
  const stuck = different.flatMap((one) => {
    const on = stuckOn(one, context);
    return on === undefined ? [] : [`${one.at} /${one.source}/${one.flags} with ${on}`];
  });
  expect(stuck).toEqual([]);
});

test('an expression that is known to be slow is found', () => {
  const context = createContext({});
  expect(stuckOn({ at: '', source: '^(a+)+$', flags: '' }, context)).toBeDefined();
});
