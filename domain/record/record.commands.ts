/**
 * decide, for the commands that every noun has: create, change, delete, restore. Pure: documents, actor, now and ids come
 * in; changes or a rejection come out. Nothing here reads a clock, a database or a random source.
 */
import type { Company } from '../access/company.ts';
import type { Rights } from '../access/rights.ts';
import { type AnyDocument, type Entity, allFields, envelope } from '../entity/entity.ts';
import type { Field, Fields } from '../entity/field.ts';
import type { Problem } from '../entity/problem.ts';
import { emptyValue } from '../entity/rx-schema.ts';
import { validate } from '../entity/validate.ts';
import { optionProblems } from './chosen-options.ts';
import type { Noun } from './noun.ts';

export interface Actor {
  readonly userId: string;
  readonly deskId: string;
  /** Where they are known; see permitted.ts. */
  readonly rights?: Rights;
}
export interface Moment {
  readonly actor: Actor;
  /** ISO instant of the device's clock; the server stamps its own. */
  readonly now: string;
  /** A fresh write id. */
  readonly w: string;
  /** What the company has set; as usual unless told. */
  readonly company?: Company;
}

export interface Change {
  readonly collection: string;
  readonly command: string;
  readonly before?: AnyDocument;
  readonly after: AnyDocument;
  readonly deleted: boolean;
}
export interface Rejection {
  readonly code: string;
  readonly message: string;
  readonly problems: readonly Problem[];
}
export type Decision =
  | { readonly ok: true; readonly change: Change; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly rejection: Rejection };

export type Draft = Readonly<Record<string, unknown>>;

const reject = (code: string, message: string, problems: readonly Problem[] = []): Decision => ({
  ok: false,
  rejection: { code, message, problems },
});

function tidyValue(f: Field, value: unknown): unknown {
  if (typeof value === 'string') return f.long === true ? value.trimEnd() : value.trim();
  if ((f.kind === 'set' || f.kind === 'refs') && Array.isArray(value)) {
    return [...new Set(value.map((item) => (typeof item === 'string' ? item.trim() : item)).filter((item) => item !== ''))];
  }
  if (f.kind === 'group' && typeof value === 'object' && value !== null) return tidy(f.fields ?? {}, value as Draft);
  if (f.kind === 'lines' && Array.isArray(value)) {
    return value.map((line: Draft) => ({ lineId: line['lineId'], ...tidy(f.fields ?? {}, line) }));
  }
  return value;
}

/** Trims texts, drops what is empty and optional, fills what must be present. Keys that are no field stay, to be refused. */
function tidy(fields: Fields, draft: Draft): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(draft)) {
    if (key === 'lineId' || value === undefined || value === null) continue;
    const f = fields[key];
    const tidied = f ? tidyValue(f, value) : value;
    const nothing =
      tidied === '' ||
      (Array.isArray(tidied) && tidied.length === 0) ||
      (f?.kind === 'group' && Object.keys(tidied as object).length === 0);
    if (!nothing || f?.present) result[key] = tidied;
  }
  for (const [key, f] of Object.entries(fields)) {
    if (f.present && (!f.required || f.numbered) && result[key] === undefined) result[key] = emptyValue(f);
  }
  return result;
}

/** An empty draft of a noun: every field that must be present, with its fallback. What a "new" form starts from. */
export const blankDraft = (entity: Entity): Record<string, unknown> => tidy(entity.fields, {});

function finish(
  noun: Noun,
  command: string,
  candidate: AnyDocument,
  before: AnyDocument | undefined,
  { company }: Pick<Moment, 'company'>,
): Decision {
  const after = noun.derive ? noun.derive(candidate) : candidate;
  const shape = validate(noun.entity, after);
  const chosen = shape.length === 0 ? optionProblems(noun.entity, after, before, company?.options ?? {}) : [];
  const rules = shape.length === 0 && noun.check ? noun.check(after, before, company) : [];
  const problems = [...shape, ...chosen, ...rules];
  const stopping = problems.filter((problem) => problem.severity === 'hard');
  if (stopping.length > 0) {
    return reject('invalid', `${noun.entity.label} cannot be saved yet: ${stopping.map((p) => p.message).join(' ')}`, problems);
  }
  const change: Change = { collection: noun.entity.collection, command, after, deleted: false };
  return { ok: true, change: before ? { ...change, before } : change, warnings: problems };
}

/** create: a draft becomes a new record with this id. */
export function createRecord(noun: Noun, id: string, draft: Draft, moment: Moment): Decision {
  const { actor, now, w } = moment;
  const document = tidy(allFields(noun.entity), {
    status: 'active',
    ownerId: actor.userId,
    deskId: actor.deskId,
    createdAt: now,
    ...draft,
    id,
    w,
    createdBy: actor.userId,
    modifiedAt: now,
    modifiedBy: actor.userId,
  }) as AnyDocument;
  return finish(noun, 'create', document, undefined, moment);
}

/** change: the draft's keys replace those of the stored record; a key set to undefined empties an optional field. */
export function changeRecord(noun: Noun, before: AnyDocument, draft: Draft, moment: Moment): Decision {
  if (noun.entity.appendOnly) {
    return reject('append_only', `${noun.entity.labels} are never changed; record a correcting entry instead.`);
  }
  const frozen = { id: before.id, w: moment.w, createdAt: before.createdAt, createdBy: before.createdBy };
  const document = tidy(allFields(noun.entity), {
    ...before,
    ...draft,
    ...frozen,
    modifiedAt: moment.now,
    modifiedBy: moment.actor.userId,
  }) as AnyDocument;
  return finish(noun, 'change', document, before, moment);
}

/** Records that point at the one to be deleted, counted by the caller from its local database. */
export interface Dependents {
  /** What one of them is called, and several: `purchase order`, `purchase orders`. */
  readonly label: string;
  readonly labels: string;
  readonly count: number;
}

/** delete: a tombstone that keeps the whole content, so that it can be restored. Refused while protected children live. */
export function deleteRecord(noun: Noun, before: AnyDocument, dependents: readonly Dependents[], moment: Moment): Decision {
  if (noun.entity.appendOnly) return reject('append_only', `${noun.entity.labels} are never deleted; record a correcting entry instead.`);
  const holding = dependents.filter((d) => d.count > 0);
  if (holding.length > 0) {
    const what = holding.map((d) => `${d.count.toLocaleString('en-US')} ${d.count === 1 ? d.label : d.labels}`).join(', ');
    return reject('referenced', `${noun.entity.label} is still used by ${what}. Set it to inactive, or change those first.`);
  }
  const after = { ...before, w: moment.w, modifiedAt: moment.now, modifiedBy: moment.actor.userId };
  return { ok: true, change: { collection: noun.entity.collection, command: 'delete', before, after, deleted: true }, warnings: [] };
}

/** restore: the tombstone's content becomes a live record again. */
export function restoreRecord(noun: Noun, tombstone: AnyDocument, moment: Moment): Decision {
  const after = { ...tombstone, w: moment.w, modifiedAt: moment.now, modifiedBy: moment.actor.userId };
  return finish(noun, 'restore', after, tombstone, moment);
}

/** Keys that a form never sends: the server or the commands own them. */
export const stampedKeys: readonly string[] = Object.keys(envelope).filter(
  (key) => envelope[key as keyof typeof envelope].computed || key === 'id',
);
