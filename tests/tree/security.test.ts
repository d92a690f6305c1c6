/** docs/security.md says how each requirement of the standard is shown: by tests that exist, and for all requirements of the level. */
import { describe, expect, it } from 'vitest';
import { nouns } from '../../domain/registry.ts';
import { personalFields } from '../../domain/record/personal.ts';
import { expectNone } from './expect-none.ts';
import { exists, text } from './sources.ts';

const DOCUMENT = 'docs/security.md';
/** Requirements of levels 1 and 2 in each section of OWASP ASVS 5.0.0, counted in its list. */
const SECTIONS: Readonly<Record<string, number>> = Object.fromEntries(
  [
    '1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4',
    '5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2',
    '8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3 11.3:3 11.4:4',
    '11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7',
    '16.1:1 16.2:5 16.3:4 16.4:3 16.5:3 17.1:1 17.2:4 17.3:2',
  ]
    .join(' ')
    .split(' ')
    .map((one) => one.split(':'))
    .map(([section = '', count = '']) => [section, Number(count)]),
);
/** Of level 3, and in the table because they were asked for by name. */
const BEYOND = ['1.2.10', '1.3.12'];
/** Met because there is nothing that could break them: no age of passwords, no secret question, no switch for certificates. */
const BY_ABSENCE = ['6.2.10', '6.4.2', '12.3.2'];
const STATES = ['met', 'partly', 'not met', 'n/a'];

interface Row {
  readonly ids: readonly string[];
  readonly state: string;
  readonly shown: string;
}
const rows: readonly Row[] = text(DOCUMENT)
  .split('\n')
  .flatMap((line) => {
    const [, ids = '', , state = '', shown = ''] = line.split('|').map((cell) => cell.trim());
    return /^\d+\.\d+\.\d+/.test(ids) ? [{ ids: ids.split(', '), state, shown }] : [];
  });
const ids = rows.flatMap((row) => row.ids);

describe('the table of requirements', () => {
  it('has each requirement of the level once', () => {
    expectNone(ids.filter((id, i) => ids.indexOf(id) !== i));
    const level = ids.filter((id) => !BEYOND.includes(id));
    const found = Object.fromEntries(
      Object.keys(SECTIONS).map((section) => [section, level.filter((id) => id.startsWith(`${section}.`)).length]),
    );
    expect(found).toEqual(SECTIONS);
    expect(level).toHaveLength(253);
  });

  it('says the state of each, and counts them right', () => {
    expectNone(rows.filter(({ state }) => !STATES.includes(state)).map(({ ids: [first = ''] }) => first));
    const level = rows.map(({ ids: all, state }) => ({ state, count: all.filter((id) => !BEYOND.includes(id)).length }));
    const [met, partly, not, none] = STATES.map((wanted) =>
      level.reduce((sum, { state, count }) => sum + (state === wanted ? count : 0), 0),
    );
    expect(text(DOCUMENT)).toContain(`253 requirements: ${met} met, ${partly} partly, ${not} not met, ${none} do not apply.`);
  });

  it('gives a test or a reason for each', () => {
    expectNone(rows.filter(({ shown }) => shown.length < 8).map(({ ids: [first = ''] }) => first));
    const bare = rows.filter(({ state, shown }) => state === 'met' && !shown.includes('`') && !shown.includes('below'));
    expectNone(bare.flatMap((row) => row.ids).filter((id) => !BY_ABSENCE.includes(id)));
  });

  it('names only tests that exist, by path and title', () => {
    const named = [...text(DOCUMENT).matchAll(/`(tests\/[^`]+)`: "([^"]+)"/g)].map(([, path = '', title = '']) => ({ path, title }));
    expect(named.length).toBeGreaterThan(150);
    expectNone(named.filter(({ path }) => !exists(path)).map(({ path }) => path));
    const dead = named.filter(
      ({ path, title }) =>
        exists(path) && !["'", '"', '`'].some((mark) => text(path).includes(`${mark}${title}`) || text(path).includes(`${title}${mark}`)),
    );
    expectNone(dead.map(({ path, title }) => `${path}: ${title}`));
  });
});

describe('the classes of data', () => {
  it('names the personal fields of each kind of record, as the audit keeps them apart', () => {
    const named = text(DOCUMENT)
      .split('\n')
      .flatMap((line) => {
        const [, collection = '', fields = ''] = /^\| `(\w+)` \| (`.+`) \|$/.exec(line) ?? [];
        return collection === '' ? [] : [[collection, fields.split(', ').map((field) => field.slice(1, -1))] as const];
      });
    expect(Object.fromEntries(named)).toEqual(personalFields(nouns.map(({ entity }) => entity)));
  });

  it('counts every field that by its key is the name of somebody as personal', () => {
    const personal = personalFields(nouns.map(({ entity }) => entity));
    const names = nouns.flatMap(({ entity: { collection, fields } }) =>
      Object.entries(fields)
        .filter(([key, field]) => field.kind === 'text' && /(?:contactName|manager|firstName|lastName|username)$/i.test(key))
        .map(([key]) => ({ collection, key })),
    );
    expect(names.length).toBeGreaterThan(6);
    expectNone(
      names.filter(({ collection, key }) => !personal[collection]?.includes(key)).map(({ collection, key }) => `${collection}.${key}`),
    );
  });
});

it('the threat model has each of its parts, and what is accepted for each threat', () => {
  const [model = ''] = text(DOCUMENT).split('## OWASP ASVS');
  for (const part of ['**Assets.**', '**Actors.**', '**Borders.**', '### Keys', '### What is kept where', '### Classes of data'])
    expect(model).toContain(part);
  const threats = model.split('\n').filter((line) => line.startsWith('| ') && line.split('|').length === 5 && !line.includes('---'));
  expect(threats.length).toBeGreaterThan(12);
  expectNone(
    threats.filter((line) =>
      line
        .split('|')
        .slice(1, 4)
        .some((cell) => cell.trim() === ''),
    ),
  );
});
