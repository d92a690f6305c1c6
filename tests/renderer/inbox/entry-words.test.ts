import { describe, expect, it } from 'vitest';
import { order } from '../../../domain/order/order.entity.ts';
import { party } from '../../../domain/party/party.entity.ts';
import { fieldAtPath, placeWords, valueAtPath } from '../../../renderer/inbox/entry-words.ts';

const stored = {
  currency: 'CAD',
  lines: [
    { lineId: 'l-9', price: 7 },
    { lineId: 'l-4', price: 8, priceUnit: 'lb' },
  ],
};

describe('places of a record in words', () => {
  it('name a field, a row by its id or its place, and a field of a row', () => {
    expect(placeWords(party, 'name', [])).toBe('Name');
    expect(placeWords(order, 'lines.l-4.price', [undefined, stored])).toBe('Lines, row 2: Price');
    expect(placeWords(order, 'lines.1.price', [])).toBe('Lines, row 2: Price');
    expect(placeWords(order, 'lines.l-4', [stored])).toBe('Lines, row 2');
    expect(placeWords(order, 'lines.gone', [stored])).toBe('Lines, a row');
  });

  it('name the record as a whole, and leave what is unknown as it is', () => {
    expect(placeWords(party, '', [])).toBe('The record as a whole');
    expect(placeWords(party, '_deleted', [])).toBe('The record as a whole');
    expect(placeWords(party, 'field_of_tomorrow', [])).toBe('field_of_tomorrow');
  });

  it('lead to the field and to the value with what stands around it', () => {
    expect(fieldAtPath(order, 'lines.l-4.price')?.kind).toBe('price');
    expect(fieldAtPath(order, 'lines.l-4')).toBeUndefined();
    expect(valueAtPath(stored, 'lines.l-4.price')).toMatchObject({ value: 8, around: { currency: 'CAD', priceUnit: 'lb' } });
    expect(valueAtPath(stored, 'lines.l-4')).toMatchObject({ value: { lineId: 'l-4' } });
    expect(valueAtPath(stored, 'lines.gone.price').value).toBeUndefined();
    expect(valueAtPath(stored, 'currency')).toMatchObject({ value: 'CAD' });
  });
});
