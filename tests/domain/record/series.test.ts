import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderNoun } from '../../../domain/order/order.rules.ts';
import { receivableNoun } from '../../../domain/receivable/receivable.rules.ts';
import {
  awaitsNumber,
  checkNumber,
  formProblem,
  listSeries,
  numberIn,
  numberInAny,
  numberOf,
  numberText,
  readForms,
  seriesFor,
} from '../../../domain/record/series.ts';
import { nouns } from '../../../domain/registry.ts';

const form = { prefix: 'PO-', width: 6 };
const codes = (...given: Parameters<typeof checkNumber>): string[] => checkNumber(...given).map(({ code }) => code);

describe('the text of a number', () => {
  it('[NUM-2] is read back as the same number, in any case and beyond its width', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999_999 }), fc.integer({ min: 1, max: 12 }), (n, width) => {
        const text = numberText({ prefix: 'PO-', width }, n);
        expect(text.length).toBeGreaterThanOrEqual(3 + width);
        expect(numberIn({ prefix: 'PO-', width }, text)).toBe(n);
        expect(numberIn({ prefix: 'PO-', width }, text.toLowerCase())).toBe(n);
      }),
    );
  });

  it.each([
    'PO-1',
    'PO-0000012',
    'PO-000000',
    'PO-00012a',
    'PO-2026-0117',
    '226040',
    'SO-000001',
    '',
    ' PO-000001',
    'PO-000001 ',
    7,
    undefined,
  ])('[NUM-2] %j has another form and is nobody’s concern', (text) => {
    expect(numberIn(form, text)).toBeUndefined();
  });
});

describe('the series of a record', () => {
  it('[NUM-1] follows from its kind, and papers that others issued have none', () => {
    expect(seriesFor(orderNoun, { kind: 'sale' })?.key).toBe('sales-orders');
    expect(seriesFor(receivableNoun, { kind: 'invoice' })?.key).toBe('invoices');
    expect(seriesFor(receivableNoun, { kind: 'invoice', direction: 'payable' })).toBeUndefined();
    expect(seriesFor(receivableNoun, { kind: 'payment_account' })).toBeUndefined();
    expect(seriesFor({}, { kind: 'sale' })).toBeUndefined();
    expect(numberOf(orderNoun, { kind: 'sale', number: 'SO-000042' })).toMatchObject({ n: 42 });
    expect(numberOf(orderNoun, { kind: 'purchase', number: 'SO-000042' })).toBeUndefined();
  });

  it('[NUM-1] has a key and a prefix of its own, and a field that may wait for its number', () => {
    const all = listSeries(nouns);
    expect(all.length).toBeGreaterThan(4);
    expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
    expect(new Set(all.map(({ prefix }) => prefix.toUpperCase())).size).toBe(all.length);
    for (const { collection, field } of all) {
      const entity = nouns.find((noun) => noun.entity.collection === collection)?.entity;
      expect(entity?.fields[field], `${collection}.${field}`).toMatchObject({ numbered: true, present: true });
    }
  });
});

it('[NUM-4] a number may follow in a new record of a series, and in no other', () => {
  const { series = [] } = orderNoun;
  const field = { field: 'number', label: 'Order number' };
  expect(awaitsNumber(orderNoun, { kind: 'sale', number: '' })).toBe(true);
  expect(awaitsNumber(orderNoun, { kind: 'sale', number: '7' })).toBe(false);
  expect(codes(series, field, { kind: 'sale', number: '' })).toEqual([]);
  expect(codes(series, field, { kind: 'sale', number: '' }, { kind: 'sale', number: '' })).toEqual([]);
  expect(codes(series, field, { kind: 'sale', number: '' }, { kind: 'sale', number: 'SO-000001' })).toEqual(['required']);
  expect(codes(series, field, { kind: 'sale', number: '', importId: 'i' })).toEqual(['required']);
  expect(codes(series, field, { kind: 'barter', number: '' })).toEqual(['required']);
  expect(codes(series, field, { kind: 'sale', number: ' ' })).toEqual(['required']);
});

describe('the form of a series', () => {
  const letters = fc.stringMatching(/^[A-Z][A-Z0-9./_-]{0,10}[A-Z./_-]$/);
  const forms = fc.array(fc.record({ prefix: letters, width: fc.integer({ min: 1, max: 10 }) }), { minLength: 1, maxLength: 6 });

  it('[NUM-1] no text states two numbers, whatever forms a series has had', () => {
    fc.assert(
      fc.property(forms, fc.integer({ min: 1, max: 10 ** 9 }), (all, n) => {
        for (const form of all) {
          expect(formProblem('one', form, {})).toBeUndefined();
          const text = numberText(form, n);
          expect(numberInAny(all, text)).toBe(n);
          for (const other of all) expect([undefined, n]).toContain(numberIn(other, text));
        }
      }),
    );
  });

  it('[NUM-2] a number is known in every form that the company told of', () => {
    const told = readForms({ 'purchase-orders': [{ prefix: 'P26-', width: 4 }, { prefix: 7 }, null], 'sales-orders': 'nothing' });
    expect(told).toEqual({ 'purchase-orders': [{ prefix: 'P26-', width: 4 }], 'sales-orders': [] });
    expect(numberOf(orderNoun, { kind: 'purchase', number: 'P26-0012' }, told)?.n).toBe(12);
    expect(numberOf(orderNoun, { kind: 'purchase', number: 'PO-000012' }, told)?.n).toBe(12);
    expect(numberOf(orderNoun, { kind: 'purchase', number: 'P26-0012' })).toBeUndefined();
    expect(numberOf(orderNoun, { kind: 'sale', number: 'P26-0012' }, told)).toBeUndefined();
  });
});
