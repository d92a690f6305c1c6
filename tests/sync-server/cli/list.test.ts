import Papa from 'papaparse';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runDrover } from '../../../sync-server/cli/drover.ts';
import { printList } from '../../../sync-server/cli/list.ts';
import type { Server } from '../../../sync-server/server.ts';
import { made } from '../audit/made.ts';
import { cloneDatabase, insert, openTestServer, signIn } from '../test-server.ts';

const printed = async (list: Parameters<typeof printList>[1], csv: boolean): Promise<string> => {
  let text = '';
  const out = (line: string): void => {
    text += `${line}\n`;
  };
  await printList(out, list, csv);
  return text;
};
const tricky = {
  columns: ['Name', 'Note', 'State'],
  rows: [
    ['=2+5', 'a,\t"b"\nc', ''],
    ['\u001b[2J', 'plain', 'on'],
  ],
};

describe('a list of the command line', () => {
  test('is a line a row for people, whatever stands in a cell', async () => {
    expect(await printed(tricky, false)).toBe('=2+5\ta, "b" c\n [2J\tplain\ton\n');
  });

  test('as CSV has a header, every cell of every row, and nothing that a spreadsheet runs', async () => {
    const csv = await printed(tricky, true);
    expect(csv.startsWith('\ufeff')).toBe(true);
    expect(csv.endsWith('on\r\n')).toBe(true);
    expect(Papa.parse(csv.slice(1), { skipEmptyLines: true }).data).toEqual([
      ['Name', 'Note', 'State'],
      ["'=2+5", 'a,\t"b"\nc', ''],
      ['\u001b[2J', 'plain', 'on'],
    ]);
  });
});

describe('drover', () => {
  let url: string;
  let server: Server;
  beforeAll(async () => {
    url = await cloneDatabase();
    server = await openTestServer({ databaseUrl: url });
    await signIn(server, 'broker', 'a desk');
  });
  afterAll(() => server.close());
  const drover = async (args: readonly string[]): Promise<string> => {
    let text = '';
    const write = (line: string): void => {
      text += `${line}\n`;
    };
    expect(await runDrover(args, { environment: { DATABASE_URL: url }, out: write, err: write })).toBe(0);
    return text;
  };

  test.each([
    ['desk list', 'Desk,Name,Members,State'],
    ['user list', 'E-mail address,Name,Role,Desks,State'],
    ['role list', 'Role,Label,Accounts'],
    ['role show broker', 'Permission,Only where,Only these fields,Without these fields'],
    ['session list', 'Session,E-mail address,Device,Signed in by,Signed in at,Last seen,Address'],
    ['device list broker@drover.example', 'Device,Name,Last seen,Address,State'],
    ['key list', 'Key,E-mail address,Name,Permissions,Ends,Last used'],
    ['refusal list', 'Number,Time,Author,Record,Title,Code,Reason,State'],
    ['setting list', 'Setting,Value,What it does,Limits'],
    ['hold list', 'Hold,Record,Reason,Placed by,Placed at,Lifted'],
    ['second-factor list', 'Role,From,Accounts,Without a second factor'],
    ['options list', 'List,Label,Used in'],
    ['options list grades', 'Key,Label,State,Due'],
    ['imports', 'Import,Time,Author,Device,Records'],
    ['series', 'Series,Papers,Next number,Given,Refused,Not used yet'],
    ['series purchase-orders', 'Numbers,What became of them'],
  ])('%s --csv prints a table of as many cells as its header', async (command, head) => {
    const args = command.split(' ');
    const csv = await drover([...args, '--csv']);
    expect(csv.startsWith(`\ufeff${head}\r\n`)).toBe(true);
    const { data } = Papa.parse<string[]>(csv.slice(1), { skipEmptyLines: true });
    expect(new Set(data.map((cells) => cells.length))).toEqual(new Set([head.split(',').length]));
    const lines = (await drover(args)).split('\n').filter((line) => line !== '');
    expect(data).toHaveLength(lines.length + 1);
    expect(await drover([...args, '--help'])).toContain('--csv');
  });

  test('the audit is listed newest first, filtered as in the browser, as a table whole, and reading it is an event', async () => {
    const client = await signIn(server, 'broker', 'a desk');
    await client.push('parties', [insert(made(client, 'parties', 'p-1', { name: 'Bar K', roles: ['supplier'] }))]);
    const listed = async (...args: string[]): Promise<string[]> => (await drover(['audit', 'list', ...args])).trimEnd().split('\n');
    const [newest = '', before = ''] = await listed();
    expect(newest).toMatch(/^event \d+\t.*\tcli\t/);
    expect(before).toMatch(/^change \d+\t.*\tBlair Broker\tadesk\t127\.0\.0\.1\tcreate\tParties\tp-1\t/);
    expect(await listed('--collection', 'parties', '--who', 'blair', '--id', 'p-1')).toEqual([before]);
    expect(await listed('--most', '1', '--what', 'create')).toEqual([before]);
    expect(await listed('--to', '2020-02-29')).toEqual(['']);
    const csv = await drover(['audit', 'list', '--collection', 'parties', '--csv']);
    const { data } = Papa.parse<string[]>(csv.slice(1), { skipEmptyLines: true });
    expect(data).toEqual([expect.arrayContaining(['Entry', 'Changes']), expect.arrayContaining(['create', 'p-1'])]);
    const said: string[] = [];
    const around = { environment: { DATABASE_URL: url }, out: () => undefined, err: (line: string) => void said.push(line) };
    expect(await runDrover(['audit', 'list', '--from', '2026-02-30'], around)).toBe(2);
    expect(said.join('\n')).toContain('Give a day such as 2026-12-01.');
  });

  test('a name that is a formula is text in the table', async () => {
    await drover(['user', 'set', 'field@drover.example', '--name', '=1+cmd("x")']);
    const csv = await drover(['user', 'list', '--csv']);
    const { data } = Papa.parse<string[]>(csv.slice(1), { skipEmptyLines: true });
    expect(data.find(([email]) => email === 'field@drover.example')?.[1]).toBe(`'=1+cmd("x")`);
  });
});
