/**
 * Columns of fields that no index of the schema names. A condition or a sort on such a field has to decode every document; when
 * queries keep asking for it, its values are read once, in the background, and kept up to date from then on. They are in memory
 * only, so they cost nothing on the disk and are learned again by the next process that asks.
 */
import type { RxDocumentData, RxJsonSchema } from 'rxdb';
import { getSchemaByObjectPath } from 'rxdb';
import { type Column, type ColumnKind, type ListColumn, makeColumn, makeListColumn } from './columns.ts';
import { type StoredDoc, pathReader } from './stored.ts';

/** Queries that ask for a field before it is learned: a question that is asked once is not worth it. */
const ENOUGH = 2;
/** Such columns a collection. */
const MOST = 8;
/** A field with a longer text, or list of texts, is not kept in memory a second time. */
const LONGEST = 256;
const LONGEST_LIST = 4 * LONGEST;

export interface Learned {
  readonly column: Column | ListColumn;
  readonly read: (document: StoredDoc) => unknown;
  ready: boolean;
}

type Schema = Readonly<RxJsonSchema<RxDocumentData<Record<string, unknown>>>>;

/** How a field is kept in a column; undefined for what is no single value. */
export function kindOf(schema: Schema, field: string): ColumnKind | undefined {
  const { type } = (getSchemaByObjectPath(schema, field) ?? {}) as { readonly type?: unknown };
  if (type === 'boolean') return 'flag';
  if (type === 'number' || type === 'integer') return 'number';
  return type === 'string' ? 'text' : undefined;
}

function columnFor(schema: Schema, field: string): Column | ListColumn | undefined {
  const kind = kindOf(schema, field);
  if (kind) return makeColumn(field, kind);
  const { type, items } = (getSchemaByObjectPath(schema, field) ?? {}) as { readonly type?: unknown; readonly items?: unknown };
  const isOfTexts = typeof items === 'object' && items !== null && 'type' in items && items.type === 'string';
  return type === 'array' && isOfTexts ? makeListColumn(field) : undefined;
}
const isList = (column: Column | ListColumn): column is ListColumn => 'has' in column;

function isLong(value: unknown): boolean {
  if (typeof value === 'string') return value.length > LONGEST;
  return Array.isArray(value) && value.reduce((sum: number, item: unknown) => sum + String(item).length, 0) > LONGEST_LIST;
}

export class LearnedColumns {
  private readonly schema: Schema;
  private readonly few: number;
  private readonly asked = new Map<string, number>();
  private readonly learned = new Map<string, Learned>();

  /** `few`: below this number of documents nothing is learned. */
  constructor(schema: Schema, few: number) {
    this.schema = schema;
    this.few = few;
  }

  /** The column of a field that is learned wholly. */
  column(field: string): Column | undefined {
    const found = this.learned.get(field);
    return found?.ready === true && !isList(found.column) ? found.column : undefined;
  }
  /** The same of a field that holds lists of texts. */
  list(field: string): ListColumn | undefined {
    const found = this.learned.get(field);
    return found?.ready === true && isList(found.column) ? found.column : undefined;
  }

  /** A query asked for these, and they have no column. Answers what to read all documents for now; `put` is heard from then on. */
  missed(fields: readonly string[], documents: number): Learned[] {
    if (documents < this.few) return [];
    return fields.flatMap((field) => {
      const column = columnFor(this.schema, field);
      const times = (this.asked.get(field) ?? 0) + 1;
      if (!column || this.learned.has(field)) return [];
      this.asked.set(field, times);
      if (times < ENOUGH || this.learned.size >= MOST) return [];
      const one: Learned = { column, read: pathReader(field), ready: false };
      this.learned.set(field, one);
      return [one];
    });
  }

  /** A document was written, or read by whoever learns. */
  set(slot: number, document: StoredDoc, only?: Learned): void {
    for (const one of only ? [only] : this.learned.values()) {
      const value = one.read(document);
      if (isLong(value)) this.giveUp(one);
      else one.column.set(slot, value);
    }
  }

  isWanted(one: Learned): boolean {
    return this.learned.get(one.column.field) === one;
  }
  /** It may be tried again when it was asked for as often again, or never where it does not belong in memory. */
  giveUp(one: Learned, again = false): void {
    this.learned.delete(one.column.field);
    this.asked.set(one.column.field, again ? 0 : Number.NEGATIVE_INFINITY);
  }
}
