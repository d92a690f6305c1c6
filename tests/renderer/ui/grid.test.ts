import { describe, expect, it } from 'vitest';
import type { AnyDocument } from '../../../domain/entity/entity.ts';
import { order } from '../../../domain/order/order.entity.ts';
import { party } from '../../../domain/party/party.entity.ts';
import { MISSING_TITLE, filterRecords, gridColumn, sortRecords, sortText } from '../../../renderer/ui/grid-columns.ts';
import { currentRow, rowAfter } from '../../../renderer/ui/use-grid-keys.ts';

const doc = (more: Record<string, unknown>): AnyDocument => ({ id: 'x', status: 'active', ...more }) as AnyDocument;
const titles = new Map([['parties', new Map([['p1', 'Prairie Crest']])]]);

describe('columns', () => {
  it('show a reference by its title, and say when the record is not here', () => {
    const column = gridColumn(order, 'supplierId', titles, undefined);
    expect(column.text(doc({ supplierId: 'p1' }))).toBe('Prairie Crest');
    expect(column.text(doc({ supplierId: 'p2' }))).toBe(MISSING_TITLE);
    expect(column.text(doc({ supplierId: '' }))).toBe('');
  });

  it('show money, weight, dates and choices as people write them, numbers at the end of the cell', () => {
    const text = (key: string, value: unknown) => gridColumn(order, key, titles, undefined).text(doc({ [key]: value, currency: 'usd' }));
    expect(text('totalAmount', 718_938)).toBe('$7,189.38');
    expect(text('totalWeight', 4_128_000)).toBe('41,280.00 lb');
    expect(text('orderedOn', '2026-09-04')).toBe('09/04/2026');
    expect(text('stage', 'freight_booked')).toBe('Freight booked');
    expect(gridColumn(order, 'totalAmount', titles, undefined).end).toBe(true);
    expect(gridColumn(order, 'number', titles, undefined).end).toBe(false);
  });

  it('order names as people do: case, accents and leading zeros aside, numbers by value', () => {
    const names = ['M10', 'm9', 'M010A', 'Élan', 'elan b', 'Zeta', 'Ärger', 'area 2', 'Area 10', '007', '7b'];
    const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
    const ours = names.toSorted((a, b) => (sortText(a) < sortText(b) ? -1 : sortText(a) > sortText(b) ? 1 : 0));
    expect(ours).toEqual(names.toSorted((a, b) => collator.compare(a, b)));
  });

  it('sort numbers as numbers, names without case, and leave empty cells last both ways', () => {
    const amount = gridColumn(order, 'totalAmount', titles, undefined);
    const rows = [doc({ totalAmount: 900 }), doc({ totalAmount: 10_000 }), doc({})];
    expect(sortRecords(rows, amount, false).map((row) => row['totalAmount'])).toEqual([900, 10_000, undefined]);
    expect(sortRecords(rows, amount, true).map((row) => row['totalAmount'])).toEqual([10_000, 900, undefined]);
    const name = gridColumn(party, 'name', titles, undefined);
    const named = ['beta 10', 'Alpha', 'Beta 9'].map((value) => doc({ name: value }));
    expect(sortRecords(named, name, false).map((row) => row['name'])).toEqual(['Alpha', 'Beta 9', 'beta 10']);
  });

  it('find rows by words in any column, titles of references included', () => {
    const columns = ['number', 'supplierId'].map((key) => gridColumn(order, key, titles, undefined));
    const rows = [doc({ id: 'a', number: '226101', supplierId: 'p1' }), doc({ id: 'b', number: '226102', supplierId: '' })];
    expect(filterRecords(rows, columns, 'prairie 2261').map(({ id }) => id)).toEqual(['a']);
    expect(filterRecords(rows, columns, '  ')).toBe(rows);
    expect(filterRecords(rows, columns, 'prairie 226102')).toEqual([]);
  });
});

describe('the keyboard of a grid', () => {
  it('stays on its record while others come and go, and at its place when that record leaves', () => {
    const rows = (...ids: string[]) => ids.map((id) => ({ id }));
    expect(currentRow(rows('a', 'b', 'c'), 'b', 0)).toBe(1);
    expect(currentRow(rows('new', 'a', 'b', 'c'), 'b', 1)).toBe(2);
    expect(currentRow(rows('a', 'c', 'd'), 'b', 1)).toBe(1);
    expect(currentRow(rows('a'), 'b', 5)).toBe(0);
    expect(currentRow([], 'b', 5)).toBe(0);
    expect(currentRow(rows('a', 'b'), '', 1)).toBe(0);
  });

  it.each([
    ['ArrowDown', 0, 1],
    ['ArrowUp', 0, 0],
    ['End', 3, 99],
    ['Home', 50, 0],
    ['PageDown', 90, 99],
    ['PageUp', 50, 30],
  ])('%s from row %i leads to row %i', (key, at, to) => {
    expect(rowAfter(key, at, 100, 20)).toBe(to);
  });
  it('leaves other keys and empty lists alone', () => {
    expect(rowAfter('a', 0, 100, 20)).toBeUndefined();
    expect(rowAfter('ArrowDown', 0, 0, 20)).toBeUndefined();
  });
});
