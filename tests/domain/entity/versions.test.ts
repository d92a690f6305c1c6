/** Stored shapes and their versions: released shapes are guarded, every step of every entity is called. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Entity, defineEntity } from '../../../domain/entity/entity.ts';
import { type Fields, choice, flag, group, integer, lines, set, text } from '../../../domain/entity/field.ts';
import { fingerprint } from '../../../domain/entity/fingerprint.ts';
import { emptyValue, rxMigrations, rxSchema, stepUp } from '../../../domain/entity/rx-schema.ts';
import { validate } from '../../../domain/entity/validate.ts';
import { nouns } from '../../../domain/registry.ts';
import { minimalDocument } from '../sample.ts';

type Released = Readonly<Record<string, { readonly version: number; readonly fingerprint: string }>>;
const released = JSON.parse(readFileSync(new URL('./released.json', import.meta.url), 'utf8')) as Released;

/** What is wrong between a released shape and today's; undefined when they agree or the version was raised. */
function drift(entity: Entity, then: Released[string] | undefined): string | undefined {
  if (!then)
    return `${entity.collection} is not in released.json yet; add { "version": ${entity.version}, "fingerprint": "${fingerprint(entity)}" }`;
  if (entity.version < then.version) return `${entity.collection} went back from version ${then.version} to ${entity.version}`;
  if (entity.version === then.version && fingerprint(entity) !== then.fingerprint) {
    return `${entity.collection} changed its stored shape (${fingerprint(entity)}, released as ${then.fingerprint}); add a line to its changes`;
  }
  return undefined;
}

const base = { noun: 'thing', collection: 'things', label: 'Thing', labels: 'Things', title: 'name', views: [] } as const;
const name = text('Name', { required: true });

describe('[E4] released shapes', () => {
  it('[E4] change only with a line in the changes of their entity', () => {
    expect(nouns.flatMap(({ entity }) => drift(entity, released[entity.collection]) ?? [])).toEqual([]);
    expect(Object.keys(released).sort()).toEqual(nouns.map(({ entity }) => entity.collection).sort());
  });

  it('[E4] a forgotten line is found, a written one passes, and going back is found', () => {
    const one = defineEntity({ ...base, fields: { name } });
    const then = { version: one.version, fingerprint: fingerprint(one) };
    const forgotten = defineEntity({ ...base, fields: { name, memo: text('Memo', {}) } });
    const written = defineEntity({ ...base, fields: { name, memo: text('Memo', {}) }, changes: [{ added: 'memo' }] });
    expect(drift(one, then)).toBeUndefined();
    expect(drift(forgotten, then)).toContain('add a line to its changes');
    expect(drift(written, then)).toBeUndefined();
    expect(drift(one, { ...then, version: 1 })).toContain('went back');
    expect(drift(one, undefined)).toContain('not in released.json');
  });

  it('the fingerprint sees kinds, lengths, presence and indexes, and not labels, hints or aliases', () => {
    const of = (fields: Fields, indexes: readonly (readonly string[])[] = []): string =>
      fingerprint(defineEntity({ ...base, fields: { name, ...fields }, indexes }));
    const plain = of({ memo: text('Memo', {}) });
    expect(of({ memo: text('Remark', { hint: 'x', aliases: ['y'] }) })).toBe(plain);
    const others = [
      of({ memo: text('Memo', { max: 201 }) }),
      of({ memo: text('Memo', { index: true }) }),
      of({ memo: integer('Memo', {}) }),
      of({ memo: text('Memo', {}) }, [['status', 'name']]),
    ];
    expect(new Set([plain, ...others]).size).toBe(5);
  });
});

describe('migrations', () => {
  it('every step of every entity is callable and ends in a valid document', () => {
    for (const noun of nouns) {
      let document: Record<string, unknown> = minimalDocument(noun);
      const steps = rxMigrations(noun.entity);
      expect(Object.keys(steps)).toHaveLength(noun.entity.version);
      expect(rxSchema(noun.entity).version).toBe(noun.entity.version);
      for (let version = 1; version <= noun.entity.version; version++) document = steps[version]?.(document) ?? {};
      expect(validate(noun.entity, document), noun.entity.collection).toEqual([]);
    }
  });

  const thing = defineEntity({
    ...base,
    fields: {
      name,
      memo: text('Memo', {}),
      grade: choice('Grade', { a: 'A', b: 'B' }, { default: 'b' }),
      city: text('City', { index: true }),
      ready: flag('Ready', { default: true }),
      whole: text('Whole name', { required: true }),
    },
    changes: [
      { added: 'memo' },
      { added: 'grade' },
      { indexed: 'city' },
      { added: 'ready' },
      { why: 'Names are kept whole', up: (old) => ({ ...old, whole: `${String(old['name'])}!` }) },
    ],
  });

  it('an added optional field stays absent, one that must be present gets its fallback, an index its empty value', () => {
    expect(stepUp(thing, 0, { name: 'x' })).toEqual({ name: 'x' });
    expect(stepUp(thing, 1, { name: 'x' })).toEqual({ name: 'x', grade: 'b' });
    expect(stepUp(thing, 2, { name: 'x' })).toEqual({ name: 'x', city: '' });
    expect(stepUp(thing, 2, { name: 'x', city: 'Friona' })).toEqual({ name: 'x', city: 'Friona' });
    expect(stepUp(thing, 4, { name: 'x' })).toEqual({ name: 'x', whole: 'x!' });
  });

  it('all steps in a row are what RxDB is given', () => {
    const steps = rxMigrations(thing);
    expect(Object.keys(steps)).toEqual(['1', '2', '3', '4', '5']);
    const last = Object.values(steps).reduce<Record<string, unknown>>((document, step) => step(document), { name: 'x' });
    expect(last).toEqual({ name: 'x', grade: 'b', city: '', ready: true, whole: 'x!' });
  });

  it('a step that names no field, and a step that does not exist, are bugs', () => {
    expect(() => stepUp(defineEntity({ ...base, fields: { name }, changes: [{ added: 'gone' }] }), 0, {})).toThrow('gone');
    expect(() => stepUp(thing, 9, {})).toThrow('no step 9');
  });

  it('empty values by kind', () => {
    const row = { item: text('Item', {}) };
    expect(
      [
        flag('x', {}),
        set('x', { a: 'A' }, {}),
        lines('x', row, {}),
        group('x', row, {}),
        integer('x', { least: 3 }),
        integer('x', { least: -3 }),
        text('x', {}),
      ].map(emptyValue),
    ).toEqual([false, [], [], {}, 3, 0, '']);
  });
});

it('a field may not have the name of an envelope field', () => {
  expect(() => defineEntity({ ...base, fields: { name, ownerId: text('Owner', {}) } })).toThrow('already');
});
