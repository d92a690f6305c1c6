/** A stored value as people read it. One entry per kind of field; the compiler asks for a missing one. */
import type { ChangedLists } from '../../domain/access/option-lists.ts';
import type { Field, FieldKind } from '../../domain/entity/field.ts';
import { NUMBER_FOLLOWS } from '../../domain/record/series.ts';
import { formatDate } from '../../domain/units/calendar.ts';
import { formatDecimal } from '../../domain/units/decimal.ts';
import { formatMoney, formatPercent } from '../../domain/units/money.ts';
import { type PriceUnit, formatPrice } from '../../domain/units/price.ts';
import { basisPoints, cents, unitPrice, weight } from '../../domain/units/units.ts';
import { formatWeight } from '../../domain/units/weight.ts';

type Around = Readonly<Record<string, unknown>>;
type Show = (field: Field, value: unknown, around: Around, lists: ChangedLists) => string;

const NUMBER_KINDS: ReadonlySet<FieldKind> = new Set(['integer', 'cents', 'price', 'weight', 'percent']);
export const isNumberKind = (kind: FieldKind): boolean => NUMBER_KINDS.has(kind);

const instants = new Intl.DateTimeFormat('en-US', {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
});
/** An instant in the zone of this device, "09/04/2026, 14:05"; '' for none. */
export function showInstant(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? '' : instants.format(at);
}

const plain: Show = (field, value) => (value === '' && field.numbered ? NUMBER_FOLLOWS : typeof value === 'string' ? value : '');
const whole =
  (show: (value: number, around: Around) => string): Show =>
  (_field, value, around) =>
    typeof value === 'number' && Number.isSafeInteger(value) ? show(value, around) : typeof value === 'string' ? value : '';
const optionOf = (field: Field, value: unknown, lists: ChangedLists): string => {
  if (typeof value !== 'string') return '';
  const changed = field.list && lists[field.list.key];
  return changed?.find(({ key }) => key === value)?.label ?? field.options?.[value] ?? value;
};
const currencyOf = (around: Around): string =>
  typeof around['currency'] === 'string' && around['currency'] !== '' ? around['currency'] : 'USD';
const unitOf = (around: Around): PriceUnit | undefined =>
  typeof around['priceUnit'] === 'string' && around['priceUnit'] !== '' ? (around['priceUnit'] as PriceUnit) : undefined;

const byKind: Record<FieldKind, Show> = {
  text: plain,
  choice: (field, value, _around, lists) => optionOf(field, value, lists),
  set: (field, value, _around, lists) => (Array.isArray(value) ? value.map((item) => optionOf(field, item, lists)).join(', ') : ''),
  flag: (_field, value) => (value === true ? 'Yes' : ''),
  integer: whole((value) => formatDecimal(value, 0)),
  cents: whole((value, around) => formatMoney(cents(value), currencyOf(around))),
  price: whole((value, around) => formatPrice(unitPrice(value), unitOf(around))),
  weight: whole((value) => formatWeight(weight(value))),
  percent: whole((value) => formatPercent(basisPoints(value))),
  date: (_field, value) => (typeof value === 'string' ? formatDate(value) : ''),
  instant: (_field, value) => (typeof value === 'string' && value !== '' ? showInstant(value) : ''),
  ref: plain,
  refs: (_field, value) => (Array.isArray(value) ? value.join(', ') : ''),
  group: (field, value, _around, lists) =>
    typeof value === 'object' && value !== null
      ? Object.entries(field.fields ?? {})
          .map(([key, inner]) => showValue(inner, (value as Around)[key], value as Around, lists))
          .filter((part) => part !== '')
          .join(', ')
      : '',
  lines: (_field, value) => (Array.isArray(value) && value.length > 0 ? String(value.length) : ''),
};

/**
 * `around` is the record or line the value stands in: a price shows its unit, an amount its currency. `lists`: the option lists
 * that the company has changed.
 */
export function showValue(field: Field, value: unknown, around: Around, lists: ChangedLists): string {
  return value === undefined || value === null ? '' : byKind[field.kind](field, value, around, lists);
}
