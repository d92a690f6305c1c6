/** Titles of the records that a list refers to, so that a cell shows a name and the list can be sorted and filtered by it. */
import { useMemo } from 'react';
import type { AnyDocument, Entity } from '../../domain/entity/entity.ts';
import { NUMBER_FOLLOWS } from '../../domain/record/series.ts';
import { nounOf } from '../../domain/registry.ts';
import { useRecords } from '../data/live.ts';
import { fieldAt } from './grid-columns.ts';
import type { Titles } from './grid-columns.ts';

/** Collections a list may refer to in its columns; a hook cannot be called a varying number of times. */
const REFERRED = ['parties', 'locations', 'contacts', 'products', 'orders', 'receivables'] as const;
const NONE: readonly string[] = [];

function idsOf(records: readonly AnyDocument[], keys: readonly string[]): readonly string[] {
  const ids = new Set<string>();
  for (const record of records) {
    for (const key of keys) {
      const value = record[key];
      if (typeof value === 'string' && value !== '') ids.add(value);
      else if (Array.isArray(value)) for (const id of value) if (typeof id === 'string') ids.add(id);
    }
  }
  return ids.size === 0 ? NONE : [...ids].sort();
}

function useTitlesOf(collection: string, ids: readonly string[]): ReadonlyMap<string, string> {
  const joined = ids.join(' ');
  const selector = useMemo(() => ({ id: { $in: joined === '' ? [] : joined.split(' ') } }), [joined]);
  const { records } = useRecords(collection, { selector, includeInactive: true });
  const entity = nounOf(collection)?.entity;
  const title = entity?.title ?? 'name';
  const none = entity?.fields[title]?.numbered ? NUMBER_FOLLOWS : '';
  return useMemo(() => new Map(records.map((record) => [record.id, String(record[title] ?? '') || none])), [records, title, none]);
}

/** Titles for every reference column among `keys`. */
export function useTitles(entity: Entity, keys: readonly string[], records: readonly AnyDocument[]): Titles {
  const wanted = useMemo(() => {
    const byCollection = new Map<string, string[]>();
    for (const key of keys) {
      const field = fieldAt(entity, key);
      if (field?.to) byCollection.set(field.to, [...(byCollection.get(field.to) ?? []), key]);
    }
    return new Map(REFERRED.map((collection) => [collection, idsOf(records, byCollection.get(collection) ?? NONE)]));
  }, [entity, keys, records]);
  const parties = useTitlesOf('parties', wanted.get('parties') ?? NONE);
  const locations = useTitlesOf('locations', wanted.get('locations') ?? NONE);
  const contacts = useTitlesOf('contacts', wanted.get('contacts') ?? NONE);
  const products = useTitlesOf('products', wanted.get('products') ?? NONE);
  const orders = useTitlesOf('orders', wanted.get('orders') ?? NONE);
  const receivables = useTitlesOf('receivables', wanted.get('receivables') ?? NONE);
  return useMemo(
    () =>
      new Map([
        ['parties', parties],
        ['locations', locations],
        ['contacts', contacts],
        ['products', products],
        ['orders', orders],
        ['receivables', receivables],
      ]),
    [parties, locations, contacts, products, orders, receivables],
  );
}
