/** Any valid document of an entity, for property tests: every field present or absent, and values of its kind. */
import fc from 'fast-check';
import { type AnyDocument, type Entity, allFields } from '../../domain/entity/entity.ts';
import type { Field, Fields } from '../../domain/entity/field.ts';
import { emptyValue } from '../../domain/entity/rx-schema.ts';
import { validate } from '../../domain/entity/validate.ts';

const word = (max: number): fc.Arbitrary<string> =>
  fc.stringMatching(/^[A-Za-z0-9 ]{1,12}$/).map((text) => text.trim().slice(0, max) || 'x');
const unique = (item: fc.Arbitrary<string>): fc.Arbitrary<string[]> => fc.uniqueArray(item, { maxLength: 3 });
const formatted: Record<NonNullable<Field['format']>, string> = {
  email: 'name@company.com',
  phone: '(620) 227-5831',
  url: 'https://company.com',
  timezone: 'America/Chicago',
};

function valueOf(f: Field): fc.Arbitrary<unknown> {
  const id = fc.constantFrom('other-1', 'other-2');
  const choice = fc.constantFrom(...Object.keys(f.options ?? { x: '' }));
  switch (f.kind) {
    case 'text':
      return f.format ? fc.constant(formatted[f.format]) : word(f.max ?? 200);
    case 'choice':
      return choice;
    case 'ref':
      return id;
    case 'flag':
      return fc.boolean();
    case 'date':
      return fc.constantFrom('2026-09-04', '2024-02-29');
    case 'instant':
      return fc.constantFrom('2026-09-04T14:00:00.000Z', '2026-01-01T00:00:00.000Z');
    case 'set':
      return unique(f.options ? choice : word(f.most ?? 200));
    case 'refs':
      return unique(id);
    case 'group':
      return valuesOf(f.fields ?? {});
    case 'lines':
      return fc
        .array(valuesOf(f.fields ?? {}), { maxLength: 3 })
        .map((lines) => lines.map((line, i) => ({ lineId: `line-${i}`, ...line })));
    case 'integer':
    case 'cents':
    case 'price':
    case 'weight':
    case 'percent':
      return fc.integer({ min: f.least ?? -1000, max: Math.min(f.most ?? 1_000_000, 1_000_000) });
  }
}

function valuesOf(fields: Fields): fc.Arbitrary<Record<string, unknown>> {
  const all = Object.entries(fields);
  return fc
    .record(Object.fromEntries(all.map(([key, f]) => [key, valueOf(f)])), {
      requiredKeys: all.flatMap(([key, f]) => (f.required ? [key] : [])),
    })
    .map((values) => ({ ...Object.fromEntries(all.flatMap(([key, f]) => (f.present ? [[key, emptyValue(f)]] : []))), ...values }));
}

export const documentsOf = (entity: Entity): fc.Arbitrary<AnyDocument> =>
  valuesOf(allFields(entity))
    .map((values) => ({ ...values, id: 'record-1' }) as unknown as AnyDocument)
    .filter((document) => validate(entity, document).length === 0);
