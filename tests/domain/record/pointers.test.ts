import { expect, test } from 'vitest';
import { noteHeld, pointersTo } from '../../../domain/record/pointers.ts';
import { nouns } from '../../../domain/registry.ts';

test('what points at a location is found through the entities', () => {
  const pointers = pointersTo(nouns, 'locations');
  const order = pointers.find(({ noun }) => noun.entity.collection === 'orders');
  expect(order?.pointers).toContainEqual(['originId']);
  expect(order?.pointers).toContainEqual(['stops', 'locationId']);
  const held = new Map<string, string>();
  if (order)
    noteHeld(held, order.noun, order.pointers, {
      number: 'PO 7',
      originId: 'plant-1',
      destinationId: '',
      stops: [{ lineId: 'a', locationId: 'plant-2' }],
    });
  expect([...held]).toEqual([
    ['plant-1', 'order "PO 7"'],
    ['plant-2', 'order "PO 7"'],
  ]);
});
