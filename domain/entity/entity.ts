/** What an entity is: its fields, its versions, and the facts that everything else is derived from. */
import { type Fields, type ValueOf, choice, instant, text, texts } from './field.ts';

/** Fields that every document carries. The server stamps who and when; the device's claims count only until then. */
export const envelope = {
  id: text('Id', { required: true, max: 36, hint: 'UUID made on the device' }),
  w: text('Write id', { required: true, max: 60, computed: true, hint: 'Changes with every write; makes a repeated push harmless' }),
  status: choice(
    'Status',
    { active: 'Active', inactive: 'Inactive' },
    { index: true, default: 'active', aliases: ['statecode', 'statuscode'] },
  ),
  ownerId: text('Owner', { required: true, max: 36, aliases: ['ownerid', 'owner'] }),
  deskId: text('Desk', { required: true, max: 36, hint: 'The team or branch the record belongs to' }),
  createdAt: instant('Created on', {
    required: true,
    computed: true,
    aliases: ['createdon', 'created_on', 'overriddencreatedon', 'Record Created On'],
  }),
  createdBy: text('Created by', { required: true, max: 36, computed: true }),
  modifiedAt: instant('Modified on', { required: true, computed: true, aliases: ['modifiedon', 'modified_on'] }),
  modifiedBy: text('Modified by', { required: true, max: 36, computed: true }),
  externalIds: texts('External ids', { max: 20, hint: 'source:key of the systems this record was imported from' }),
  importId: text('Import', { max: 36, computed: true, hint: 'The import batch that last wrote it' }),
  importedRaw: text('Imported extras', { max: 20000, computed: true, hint: 'Columns of the source that have no field here, as JSON' }),
} as const satisfies Fields;

export type Envelope = ValueOf<typeof envelope>;

type Reshape = (document: Record<string, unknown>) => Record<string, unknown>;
/**
 * A step from one version to the next: all that one release changes in an entity, because the server serves devices one step
 * behind. Additive steps need no code; a reshaping step says why and how, and how back. Without `down` a device of before
 * the step must be updated first (SYN-10).
 */
export type Change =
  | { readonly added: string | readonly string[] }
  | { readonly indexed: string }
  | { readonly why: string; readonly up: Reshape; readonly down?: Reshape; readonly added?: string | readonly string[] };

/** A typed SQL view over the collection's table. */
export interface SqlView {
  readonly name: string;
  /** Only documents whose field equals the value, or whose set contains it. */
  readonly where?: Readonly<Record<string, string>>;
  /** A view with one row per line of this `lines` field. */
  readonly lines?: string;
}

export interface Entity<F extends Fields = Fields> {
  /** Singular noun in code and glossary: `party`. */
  readonly noun: string;
  /** Name of the RxDB collection, the Postgres table and the wire: `parties`. */
  readonly collection: string;
  readonly label: string;
  readonly labels: string;
  /** The field that names a record to people. A plain string here, so that every entity is also an `Entity<Fields>`. */
  readonly title: string;
  readonly fields: F;
  /** Compound indexes beside the single ones that fields ask for. */
  readonly indexes: readonly (readonly string[])[];
  readonly views: readonly SqlView[];
  readonly changes: readonly Change[];
  /** Equals the number of changes; the RxDB schema version and the version in the sync address. */
  readonly version: number;
  /** The field in which people write why they changed it; the audit tells it beside the change. */
  readonly reason?: string;
  /**
   * Fields that tell of a person, beside all e-mail addresses and phone numbers: the audit seals them apart, so that they can
   * be removed from it.
   */
  readonly personal?: readonly string[];
  /** Insert-only: a document is never changed after its first write. */
  readonly appendOnly: boolean;
  /**
   * Fields that mean something only together, such as a price and its unit: a merge takes them all from one side.
   * `lines.price` is the field `price` of the rows of `lines`; the fields of one unit lie at the same place.
   */
  readonly together?: readonly (readonly string[])[];
}

export function defineEntity<const F extends Fields>(definition: {
  noun: string;
  collection: string;
  label: string;
  labels: string;
  title: keyof F & string;
  fields: F;
  indexes?: readonly (readonly string[])[];
  views: readonly SqlView[];
  changes?: readonly Change[];
  reason?: keyof F & string;
  personal?: readonly (keyof F & string)[];
  appendOnly?: true;
  together?: readonly (readonly string[])[];
}): Entity<F> {
  const { indexes = [], changes = [], appendOnly = false, ...rest } = definition;
  for (const key of Object.keys(rest.fields)) {
    if (key in envelope) throw new Error(`${rest.noun}.${key} is a field of every document already`);
  }
  return { ...rest, indexes, changes, version: changes.length, appendOnly };
}

/** The document of an entity as stored on the device and on the server. */
export type DocumentOf<E extends Entity> = Envelope & ValueOf<E['fields']>;
/** A document of any collection, for code that works on all of them. */
export type AnyDocument = Envelope & Record<string, unknown>;

/** What is worked out of an object that never changes, once: every validation asks. */
export function once<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, Value>();
  return (key) => {
    if (!known.has(key)) known.set(key, make(key));
    return known.get(key) as Value;
  };
}

/** Envelope and own fields together, in the order in which they are shown. */
export const allFields = once((entity: Entity): Fields => ({ ...entity.fields, ...envelope }));
