/** The one call that writes: documents, audit, feed, parked and refused rows in one transaction. See migrations 0003 and 0004. */
import { randomBytes } from 'node:crypto';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { Problem } from '../../domain/entity/problem.ts';
import type { AuditEntry } from '../../domain/protocol/protocol.ts';
import type { PersonalFields } from '../../domain/record/personal.ts';
import type { Runner } from './database.ts';

/** How a row came to the server, for the audit. */
export interface Origin {
  /** Network address of the request. */
  readonly address?: string;
  /** Id of the request, as in the server's log and its answers. */
  readonly request?: string;
  /** Of a deed of administration: what it was, and why. */
  readonly command?: string;
  readonly reason?: string;
}
interface Row {
  /** Position in the push, for the answer. */
  readonly n: number;
  readonly collection: string;
  readonly id: string;
  readonly w: string;
  readonly doc: Readonly<Record<string, unknown>>;
  readonly deleted: boolean;
  readonly actor: string;
  readonly device: string;
  readonly at: string;
  /** Where this write id was seen when the row was decided (see sync_places); absent where it is not the device's own. */
  readonly places?: number;
}
export interface Write extends Row, Origin {
  readonly doc: AnyDocument;
  /** The device's clock when the change was made, as an ISO instant. */
  readonly deviceAt?: string;
  /** What its author wrote as the reason. */
  readonly reason?: string;
  readonly version: number;
  /** The state seen stored; null when nothing was. Another one (by its write id) must not be stored by now. */
  readonly before: AnyDocument | null;
  readonly kind: AuditEntry['kind'];
  readonly command: string;
  /** `leftBy` of the stored state, where the write moves the record for some readers. */
  readonly left?: Readonly<Record<string, unknown>>;
  /** `n` of the row without which this one is not written. */
  readonly along?: number;
}
export interface Park extends Row {
  readonly version: number;
  readonly base: Readonly<Record<string, unknown>> | null;
  /** `collection:id` of what is missing. */
  readonly wants: readonly string[];
  /** The write id of the same record that was seen waiting; null when none was. */
  readonly expected: string | null;
  readonly origin?: Origin;
}
export interface Unpark {
  /** Only if this row was written; null for in any case. */
  readonly n: number | null;
  readonly collection: string;
  readonly id: string;
  readonly w: string;
  /** `n` of rows that are written only while this parked row is still there. */
  readonly claims?: number;
}
export interface Refusal extends Row, Origin {
  readonly deviceAt?: string;
  readonly base: Readonly<Record<string, unknown>> | null;
  readonly digest: string;
  readonly code: string;
  readonly problems: readonly Problem[];
}
/** A write that is not stored as it was sent; sent again, it changes nothing. */
export interface Settle {
  /** The row that settles it, which is not written when it was settled before. */
  readonly n: number;
  readonly collection: string;
  readonly id: string;
  readonly w: string;
  readonly digest: string;
  readonly outcome: 'same' | 'merged' | 'clash';
  /** Of a clash: the whole row. */
  readonly doc?: Readonly<Record<string, unknown>>;
  readonly actor: string;
  readonly at: string;
}
export interface Batch {
  readonly writes: readonly Write[];
  readonly parks: readonly Park[];
  readonly unparks: readonly Unpark[];
  readonly refusals: readonly Refusal[];
  readonly settles: readonly Settle[];
}
export interface Applied {
  /** Head of the feed afterwards. */
  readonly seq: number;
  /** Position of the first of the writes. */
  readonly first: number;
  /** `n` of rows to be decided again, because what they were decided on has moved. */
  readonly moved: readonly number[];
  /** `n` of rows written here for which parked records wait. */
  readonly awaited: readonly number[];
}

/** JSON escapes that jsonb cannot hold: NUL and halves of a surrogate pair, as JSON.stringify writes them. */
const UNSTORABLE = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/gi;
/** Most texts hold no such escape at all, which is found out much faster than by the expression. */
const mayBeUnstorable = (json: string): boolean => json.includes('\\u');
function jsonOf(value: unknown): string {
  const json = JSON.stringify(value);
  return mayBeUnstorable(json) ? json.replace(UNSTORABLE, '$1\\ufffd') : json;
}
/** NUL, and a half of a surrogate pair without its other half. */
const UNSTORABLE_SIGN = /[\0\p{Surrogate}]/u;
/** False when a document would change by being stored; the push refuses such a document and says so. */
export function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !UNSTORABLE_SIGN.test(value);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isStorable);
  for (const [key, inner] of Object.entries(value)) if (!isStorable(key) || !isStorable(inner)) return false;
  return true;
}

/** A document as a line, with what is personal at its end, and how many bytes of it stand there before the last brace. */
function lineOf(doc: AnyDocument, personal: readonly string[]): { readonly line: string; readonly whom: number } {
  const keys = personal.filter((key) => doc[key] !== undefined);
  if (keys.length === 0) return { line: jsonOf(doc), whom: 0 };
  const open: Record<string, unknown> = { ...doc };
  // Not deleted: what keys were deleted from is made into text much slower.
  for (const key of keys) open[key] = undefined;
  const end = `,${jsonOf(Object.fromEntries(keys.map((key) => [key, doc[key]]))).slice(1)}`;
  return { line: jsonOf(open).slice(0, -1) + end, whom: Buffer.byteLength(end) - 1 };
}

/** What most rows of a push have in common is sent once. */
const originOf = ({ collection, version, actor, device, at, address, request, deleted, kind, command, places }: Write) => ({
  collection,
  version,
  actor,
  device,
  at,
  address,
  request,
  deleted,
  kind,
  command,
  places,
});
/** A field of all rows; one that no row has is not sent at all. */
function sparse<Row, Value>(rows: readonly Row[], of: (row: Row) => Value | undefined): readonly (Value | null)[] | undefined {
  const values = rows.map((row) => of(row) ?? null);
  return values.every((value) => value === null) ? undefined : values;
}

/** Bytes of a salt for who made a change, and of one for whom its record tells. */
const SALTS_BYTES = 32;

/** The writes as sync_apply takes them: each field as an array, documents as lines, salts, origins apart. */
function packed(writes: readonly Write[], personal: PersonalFields): string[] {
  const inOrder = writes.toSorted((a, b) => a.n - b.n);
  // JSON.stringify writes no line breaks.
  const docs = inOrder.map(({ collection, doc }) => lineOf(doc, personal[collection] ?? []));
  const befores = inOrder.map(({ collection, before }) => (before ? lineOf(before, personal[collection] ?? []) : { line: '', whom: 0 }));
  const originAt = new Map<string, number>();
  const origins: unknown[] = [];
  const placeOf = (write: Write): number => {
    const origin = originOf(write);
    const key = Object.values(origin).join(' ');
    const place = originAt.get(key) ?? origins.push(origin);
    originAt.set(key, place);
    return place;
  };
  const columns = {
    n: inOrder.map(({ n }) => n),
    id: inOrder.map(({ id }) => id),
    w: inOrder.map(({ w }) => w),
    expected: sparse(inOrder, ({ before }) => before?.w),
    along: sparse(inOrder, ({ along }) => along),
    left: sparse(inOrder, ({ left }) => left),
    deviceAt: sparse(inOrder, ({ deviceAt }) => deviceAt),
    reason: sparse(inOrder, ({ reason }) => reason),
    origin: inOrder.map(placeOf),
    beforeWhom: sparse(befores, ({ whom }) => whom || undefined),
    afterWhom: sparse(docs, ({ whom }) => whom || undefined),
  };
  const salts = randomBytes(SALTS_BYTES * inOrder.length).toString('hex');
  const [lines, were] = [docs, befores].map((all) => all.map(({ line }) => line).join('\n'));
  return [jsonOf(columns), lines ?? '', were ?? '', salts, jsonOf(origins)];
}

/** `personal` says what the audit keeps apart, so that it can go without breaking the seal. */
export async function applyBatch(runner: Runner, batch: Batch, personal: PersonalFields): Promise<Applied> {
  const { writes, parks, unparks, refusals, settles } = batch;
  const rows = await runner.rows<{ applied: Applied }>({
    name: 'sync-apply',
    text: 'select sync_apply($1::jsonb, $2::text, $3::text, $4::text, $5::jsonb, $6::jsonb, $7::jsonb, $8::jsonb, $9::jsonb) as applied',
    values: [...packed(writes, personal), ...[parks, unparks, refusals, settles].map(jsonOf)],
  });
  const applied = rows[0]?.applied;
  if (!applied) throw new Error('sync_apply answered nothing');
  return applied;
}
