/** One noun in three versions: what an older Drover, today's and the next one know of it. */
import { defineEntity } from '../../domain/entity/entity.ts';
import { choice, flag, integer, lines, text, texts } from '../../domain/entity/field.ts';

const names = { noun: 'pen', collection: 'pens', label: 'Pen', labels: 'Pens', title: 'name', views: [] } as const;
const name = text('Name', { required: true, index: true });
const note = text('Note', { max: 100 });
const feedings0 = lines('Feedings', { pounds: integer('Pounds', { required: true, most: 5000 }) }, {});
const feedings2 = lines('Feedings', { pounds: integer('Pounds', { required: true, most: 5000 }), feed: text('Feed', { max: 40 }) }, {});

export const pen0 = defineEntity({ ...names, fields: { name, note, feedings: feedings0 } });

const grade = choice('Grade', { a: 'A', b: 'B' }, { index: true, default: 'b' });
const isShaded = flag('Shaded', {});
const tags = texts('Tags', {});
const added = ['grade', 'isShaded', 'tags'] as const;
export const pen1 = defineEntity({ ...names, fields: { name, note, feedings: feedings0, grade, isShaded, tags }, changes: [{ added }] });

const title = text('Title', { max: 200 });
const listOf = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? (value as Record<string, unknown>[]) : []);
/** Renames name to title (the old field stays) and gives each feeding a feed. */
export const pen2 = defineEntity({
  ...names,
  fields: { name, note, feedings: feedings2, grade, isShaded, tags, title },
  changes: [
    { added },
    {
      why: 'The name is shown as the title, and a feeding says what was fed.',
      added: 'title',
      up: (document) => ({ ...document, title: document['name'] }),
      down: (document) => ({
        ...document,
        name: document['title'] ?? document['name'],
        ...('feedings' in document ? { feedings: listOf(document['feedings']).map(({ feed: _, ...line }) => line) } : {}),
      }),
    },
  ],
});
