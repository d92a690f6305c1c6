/** A row on its way through a push, and what is noted of it beside the documents. */
import { createHash } from 'node:crypto';
import { stepUpFrom } from '../../domain/entity/cast.ts';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { Problem } from '../../domain/entity/problem.ts';
import type { PushRow, WireDocument } from '../../domain/protocol/protocol.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { type Origin, type Refusal, type Settle, type Unpark, isStorable } from '../db/apply.ts';
import { instantOf } from '../request-context.ts';
import { OUTCOMES_MAX, type Parked, type Sighting } from '../db/stored.ts';
import type { PushedRow, State } from './decide-push.ts';
import { keyOf } from './references.ts';

export interface Author {
  readonly actor: string;
  readonly device: string;
  /** Desk of the account, where it is known. */
  readonly desk?: string;
  /** The schema version that the device speaks; the entity's own unless told. */
  readonly version?: number;
  /** How its rows came here. */
  readonly origin?: Origin;
}
/** Pushed now (with its place in the request) or parked earlier. */
export interface Row extends PushedRow, Author {
  readonly noun: Noun;
  readonly n: number;
  readonly parked?: Parked;
  /** Where its write id was found when it was last decided; see sync_places in 0003-sync-apply.sql. */
  readonly places?: number;
  /** As it came over the wire; tells a repetition also when the row itself is brought to another shape. */
  readonly sent?: State;
}

export const wire = ({ doc, deleted }: { readonly doc: AnyDocument; readonly deleted: boolean }): WireDocument => ({
  ...doc,
  _deleted: deleted,
});
export const rowKey = (row: Row): string => keyOf(row.noun.entity.collection, row.doc.id);
/** '' for what is no write id. */
export const writeIdOf = ({ doc }: Row): string => (typeof doc.w === 'string' ? doc.w : '');

function split(document: WireDocument): { doc: AnyDocument; deleted: boolean } {
  const { _deleted: deleted, ...doc } = document;
  return { doc: doc as unknown as AnyDocument, deleted };
}

export function pushedRow({ newDocumentState, assumedMasterState }: PushRow, n: number, noun: Noun, author: Author): Row {
  const base = assumedMasterState ? split(assumedMasterState) : undefined;
  const sent = split(newDocumentState);
  return { noun, n, ...author, ...sent, sent, ...(base ? { base: base.doc, baseDeleted: base.deleted } : {}) };
}

/** What a row was built on, as it is stored beside a parked one: a tombstone says that it is one. */
export const storedBase = ({ base, baseDeleted }: Row): AnyDocument | null =>
  base ? { ...base, ...(baseDeleted ? { _deleted: true } : {}) } : null;

export function parkedRow(parked: Parked, noun: Noun, n: number): Row {
  const up = (doc: AnyDocument): AnyDocument => stepUpFrom(noun.entity, parked.version, doc) as AnyDocument;
  const base = parked.base === null ? undefined : split(parked.base as unknown as WireDocument);
  const built = base ? { base: up(base.doc), baseDeleted: base.deleted === true } : {};
  const { actor, device, origin } = parked;
  return { noun, n, parked, doc: up(parked.doc), deleted: parked.deleted, actor, device, origin, ...built };
}

/** `n` ties it to the row that takes its place: when that one is not written, the parked one stays. */
export const unparkOf = ({ collection, id, w }: Parked, n: number | null): Unpark => ({ n, collection, id, w });

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, inOrder(inner)]),
  );
}
/** Tells a repeated row from a new one by a client that does not change write ids; the order of keys does not count. */
export function digestOf(row: Row): string {
  const { doc, deleted } = row.sent ?? row;
  return createHash('sha256')
    .update(JSON.stringify([inOrder(doc), deleted]))
    .digest('base64url');
}

/** How and when the device says that it made the change: what it stamped itself, before the server's stamp takes its place. */
export function cameBy({ doc: { modifiedAt }, origin }: Row): Origin & { readonly deviceAt?: string } {
  const deviceAt = instantOf(modifiedAt);
  return { ...origin, ...(deviceAt === undefined ? {} : { deviceAt }) };
}

export function refusalOf(row: Row, code: string, problems: readonly Problem[], at: string): Refusal {
  return {
    n: row.n,
    collection: row.noun.entity.collection,
    id: row.doc.id,
    w: writeIdOf(row),
    doc: row.doc,
    deleted: row.deleted,
    base: row.base ?? null,
    digest: digestOf(row),
    code,
    problems,
    actor: row.actor,
    device: row.device,
    at,
    ...cameBy(row),
    ...(row.places === undefined ? {} : { places: row.places }),
  };
}
export function settleOf(row: Row, outcome: Settle['outcome'], at: string): Settle {
  const { collection } = row.noun.entity;
  const settle = { n: row.n, collection, id: row.doc.id, w: writeIdOf(row), digest: digestOf(row), outcome, actor: row.actor, at };
  return outcome === 'clash' ? { ...settle, doc: { ...row.doc, _deleted: row.deleted } } : settle;
}

/**
 * Where this write was seen, as sync_places counts it; undefined where there is more of it than was looked at, or where it
 * cannot be stored as it is and is found under another text.
 */
export function placesOf({ applied, parked, settled }: Sighting, id: string, w: string): number | undefined {
  const key = `${id} ${w}`;
  const answered = settled.get(key)?.length ?? 0;
  return answered >= OUTCOMES_MAX || !isStorable(key)
    ? undefined
    : (parked.get(id)?.w === w ? 1 : 0) + (applied.has(key) ? 2 : 0) + 4 * answered;
}
/** To be compared when the row is written under its own write id; one that the server makes is found nowhere. */
export const placesUnder = (w: string, row: Row): { readonly places?: number } =>
  row.places === undefined || w !== writeIdOf(row) ? {} : { places: row.places };
