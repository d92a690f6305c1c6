import { describe, expect, it } from 'vitest';
import { defineEntity } from '../../../domain/entity/entity.ts';
import { text } from '../../../domain/entity/field.ts';
import { rxSchema } from '../../../domain/entity/rx-schema.ts';

const thing = defineEntity({
  noun: 'thing',
  collection: 'things',
  label: 'Thing',
  labels: 'Things',
  title: 'name',
  fields: { name: text('Name', { required: true, index: true }), memo: text('Memo', {}) },
  views: [],
});

describe('kernel', () => {
  it('derives the RxDB schema from the fields', () => {
    const schema = rxSchema(thing);
    expect(schema.version).toBe(0);
    expect(schema.required).toContain('name');
    expect(schema.required).not.toContain('memo');
    expect(schema.indexes).toEqual(['name', 'status']);
  });
});
