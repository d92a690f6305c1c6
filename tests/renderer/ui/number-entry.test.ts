import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { order } from '../../../domain/order/order.entity.ts';
import { type EntryContext, type NumberKind, numberEntries } from '../../../renderer/ui/number-entry.ts';

const line = order.fields.lines.fields ?? {};
const context = (more: Partial<EntryContext> = {}): EntryContext => ({ key: 'price', around: {}, siblings: line, scale: 0, ...more });
const read = (kind: NumberKind, text: string, more: Partial<EntryContext> = {}) => numberEntries[kind].parse(text, context(more));

describe('numbers as they are typed', () => {
  it.each([
    ['1483.57/cwt', 14_835_700, 'cwt'],
    ['2.705', 27_050, 'lb'],
    ['270.5c', 27_050, 'lb'],
    ['150/case', 1_500_000, 'case'],
  ])('[R4] the price "%s" sets its unit with it', (text, value, unit) => {
    expect(read('price', text)).toEqual({ ok: true, value: { value, also: { priceUnit: unit } } });
  });

  it('[R4] a price shows its reading per the other unit', () => {
    const second = numberEntries.price.second?.(14_835_700, context({ around: { priceUnit: 'cwt' } }));
    expect(second).toBe('= $14.8357/lb');
    expect(numberEntries.price.second?.(1_500_000, context({ around: { priceUnit: 'case' } }))).toBe('');
  });

  it('sets no unit where the record has no field for it', () => {
    expect(read('price', '0.05', { key: 'freightRate', siblings: {} })).toEqual({ ok: true, value: { value: 500, also: {} } });
  });

  it('[R5] a weight takes a packing list and kilograms', () => {
    expect(read('weight', '61.35+58.9+63.2', { key: 'netWeight' })).toEqual({ ok: true, value: { value: 18_345, also: {} } });
    expect(read('weight', '1000 kg', { key: 'netWeight' })).toEqual({ ok: true, value: { value: 220_462, also: { weightUnit: 'kg' } } });
  });

  it('whole numbers are typed with the decimals of their scale: tenths of a degree', () => {
    expect(read('integer', '34.5', { scale: 1 })).toEqual({ ok: true, value: { value: 345, also: {} } });
    expect(numberEntries.integer.rest(345, context({ scale: 1 }))).toBe('34.5');
    expect(read('integer', '34.55', { scale: 1 }).ok).toBe(false);
  });

  it('says what to type instead of what cannot be read', () => {
    const result = read('cents', 'about ten');
    expect(result.ok ? '' : result.message).toContain('is not a number');
  });

  it('shows nothing that it would not read back as the same number', () => {
    const kinds: readonly NumberKind[] = ['integer', 'cents', 'price', 'weight', 'percent'];
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.integer({ min: 0, max: 90_000_000 }),
        fc.constantFrom('lb', 'cwt', 'kg', 'case'),
        (kind, value, priceUnit) => {
          const own = context({ around: { priceUnit }, key: kind === 'price' ? 'price' : 'x' });
          for (const text of [numberEntries[kind].edit(value, own), numberEntries[kind].rest(value, own)]) {
            const back = numberEntries[kind].parse(text, own);
            expect(back.ok && back.value.value).toBe(value);
          }
        },
      ),
    );
  });
});
