/** Typed text <-> the five kinds of number. All parsing is the domain's (domain/units); this is the table of who does what. */
import type { Fields } from '../../domain/entity/field.ts';
import { type Parsed, editableDecimal, formatDecimal, parseDecimal, parsed } from '../../domain/units/decimal.ts';
import { parseMoney, parsePercent } from '../../domain/units/money.ts';
import { type PriceUnit, convertPrice, formatPrice, isWeightPrice, parsePrice } from '../../domain/units/price.ts';
import { unitPrice } from '../../domain/units/units.ts';
import { formatKilograms, parseWeightList } from '../../domain/units/weight.ts';
import { weight } from '../../domain/units/units.ts';

export type NumberKind = 'integer' | 'cents' | 'price' | 'weight' | 'percent';
type Around = Readonly<Record<string, unknown>>;

export interface EntryContext {
  readonly key: string;
  readonly around: Around;
  /** Fields beside this one; a unit is only set where there is a field for it. */
  readonly siblings: Fields;
  readonly scale: number;
}
/** The number, and what else the text said (a price unit, a weight unit). */
export interface Entry {
  readonly value: number;
  readonly also: Readonly<Record<string, unknown>>;
}
interface NumberEntry {
  readonly parse: (text: string, context: EntryContext) => Parsed<Entry>;
  /** In the field while it is edited. */
  readonly edit: (value: number, context: EntryContext) => string;
  /** In the field while it is not. */
  readonly rest: (value: number, context: EntryContext) => string;
  readonly unit: (context: EntryContext) => string;
  /** A second reading under the field: the price per the other unit, the weight in kilograms. */
  readonly second?: (value: number, context: EntryContext) => string;
}

const alone = (result: Parsed<number>): Parsed<Entry> => (result.ok ? parsed({ value: result.value, also: {} }) : result);
const unitKey = (context: EntryContext): string => `${context.key}Unit`;
const priceUnitOf = (context: EntryContext): PriceUnit | undefined => {
  const unit = context.around[unitKey(context)];
  return typeof unit === 'string' && unit !== '' ? (unit as PriceUnit) : undefined;
};
const decimals = (digits: number, least = digits): Pick<NumberEntry, 'edit' | 'rest'> => ({
  edit: (value) => editableDecimal(value, digits, least),
  rest: (value) => formatDecimal(value, digits, least),
});

export const numberEntries: Record<NumberKind, NumberEntry> = {
  integer: {
    parse: (text, { scale }) => alone(parseDecimal(text.replace(/[%°]?[a-z]*$/iu, ''), scale)),
    edit: (value, { scale }) => editableDecimal(value, scale, Math.min(1, scale)),
    rest: (value, { scale }) => formatDecimal(value, scale, Math.min(1, scale)),
    unit: () => '',
  },
  cents: {
    parse: (text) => alone(parseMoney(text)),
    ...decimals(2),
    unit: ({ around }) => (typeof around['currency'] === 'string' && around['currency'] !== '' ? around['currency'].toUpperCase() : '$'),
  },
  price: {
    parse: (text, context) => {
      const result = parsePrice(text, priceUnitOf(context) ?? 'lb');
      if (!result.ok) return result;
      const own = Object.hasOwn(context.siblings, unitKey(context));
      return parsed({ value: result.value.price, also: own ? { [unitKey(context)]: result.value.unit } : {} });
    },
    ...decimals(4, 2),
    unit: () => '$',
    second: (value, context) => {
      const unit = priceUnitOf(context);
      if (unit === undefined || !isWeightPrice(unit)) return '';
      const other = unit === 'lb' ? 'cwt' : 'lb';
      return `= ${formatPrice(convertPrice(unitPrice(value), unit, other), other)}`;
    },
  },
  weight: {
    parse: (text, { siblings, around }) => {
      const unit = around['weightUnit'] === 'kg' ? 'kg' : 'lb';
      const result = parseWeightList(text, /kg|kilo/iu.test(text) ? unit : 'lb');
      if (!result.ok) return result;
      return parsed({
        value: result.value.total,
        also: Object.hasOwn(siblings, 'weightUnit') && result.value.unit === 'kg' ? { weightUnit: 'kg' } : {},
      });
    },
    ...decimals(2),
    unit: () => 'lb',
    second: (value, { around }) => (around['weightUnit'] === 'kg' ? `= ${formatKilograms(weight(value))}` : ''),
  },
  percent: { parse: (text) => alone(parsePercent(text)), ...decimals(2, 0), unit: () => '%' },
};
