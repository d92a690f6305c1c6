/**
 * decide what becomes of one pushed row. Pure: the row, what is stored, who and when come in; a decision comes out. The
 * rules are those of the domain, the same that ran on the device.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Company } from '../../domain/access/company.ts';
import { isPurged } from '../../domain/access/withdrawn.ts';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { type Problem, hard } from '../../domain/entity/problem.ts';
import { validate } from '../../domain/entity/validate.ts';
import type { AuditEntry } from '../../domain/protocol/protocol.ts';
import type { Clash } from '../../domain/record/clash.ts';
import { optionProblems } from '../../domain/record/chosen-options.ts';
import { type Merged, mergeRecord } from '../../domain/record/merge.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { isStub } from './refusal-stub.ts';

export interface State {
  readonly doc: AnyDocument;
  readonly deleted: boolean;
}
export interface PushedRow extends State {
  /** What the device built on; undefined for a first insert. */
  readonly base?: AnyDocument;
  /** What the device built on was a tombstone. */
  readonly baseDeleted?: boolean;
}
export interface Seen {
  readonly stored?: State & { readonly w: string };
  /** What this row's write id was applied as before, if it was. */
  readonly applied?: State;
  /** This very row was refused, merged or found to bring nothing new before. */
  readonly settled?: boolean;
  /** An earlier push of the same record that still waits for its references. */
  readonly waiting?: State & { readonly w: string; readonly base: AnyDocument | null };
}
export interface PushContext {
  readonly noun: Noun;
  readonly actor: string;
  readonly now: string;
  /** What the company has set; as usual where it is not known. */
  readonly company?: Company | undefined;
  /** A write id made by the server. */
  readonly freshW: () => string;
  readonly isStorable: (value: unknown) => boolean;
}
export interface Acceptance {
  readonly doc: AnyDocument;
  readonly deleted: boolean;
  /** The stored state that this replaces; null for none. */
  readonly before: AnyDocument | null;
  readonly kind: AuditEntry['kind'];
  readonly command: string;
  /** The write id under which it waits while what it points at is missing. */
  readonly parkedW: string;
  /** The server changed the write id or the content; the device must be told at once. */
  readonly answer: boolean;
}
export type Decision =
  | { readonly kind: 'duplicate' }
  /** Nothing to store; `adopt` is what the device should hold when it differs in its write id. */
  | { readonly kind: 'same'; readonly adopt: boolean }
  /** `merged` tells that the row was built on an older state, and what of it its author must decide. */
  | { readonly kind: 'accept'; readonly acceptance: Acceptance; readonly merged?: { readonly clashes: readonly Clash[] } }
  /** Built on an older state; what is stored stays as it is. */
  | { readonly kind: 'keep'; readonly clashes: readonly Clash[] }
  /** Was answered before; the answer is the same, and nothing else happens. */
  | { readonly kind: 'settled' }
  | { readonly kind: 'refuse'; readonly code: string; readonly problems: readonly Problem[] };

/** Content without what the server stamps and without the write id. */
function contentOf(document: AnyDocument): Record<string, unknown> {
  const { w: _w, createdAt: _createdAt, createdBy: _createdBy, modifiedAt: _modifiedAt, modifiedBy: _modifiedBy, ...content } = document;
  return content;
}
export const sameState = (a: State, b: State): boolean => a.deleted === b.deleted && isDeepStrictEqual(contentOf(a.doc), contentOf(b.doc));

const refuse = (code: string, problems: readonly Problem[]): Decision => ({ kind: 'refuse', code, problems });
/** Those by which the server marks what stands for a record are not a device's to give. */
const isWriteId = (w: unknown): w is string =>
  typeof w === 'string' && w.length > 0 && w.length <= 60 && !isStub({ doc: { w }, deleted: true });

function kindOf(stored: State | undefined, deleted: boolean): AuditEntry['kind'] {
  if (deleted) return 'delete';
  if (!stored) return 'insert';
  return stored.deleted ? 'restore' : 'update';
}
const commandOf: Record<AuditEntry['kind'], string> = { insert: 'create', update: 'change', delete: 'delete', restore: 'restore' };

/** Who and when are the server's to say; the device's claim of when it made the record stands unless it lies ahead. */
function stamped(document: AnyDocument, stored: State | undefined, { actor, now }: PushContext, w: string): AnyDocument {
  const claimed =
    typeof document.createdAt === 'string' && document.createdAt !== '' && document.createdAt < now ? document.createdAt : now;
  return {
    ...document,
    w,
    createdAt: stored ? stored.doc.createdAt : claimed,
    createdBy: stored ? stored.doc.createdBy : actor,
    modifiedAt: now,
    modifiedBy: actor,
  };
}

/** Problems that a missing computed value cannot explain; with one of these, derive may not be run on the document. */
const malformed = (problems: readonly Problem[]): Problem[] => problems.filter(({ code }) => code !== 'required' && code !== 'absent');

function hasSameValues(a: AnyDocument, b: AnyDocument): boolean {
  if (a === b) return true;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key] || isDeepStrictEqual(a[key], b[key]));
}

type Finished = { readonly doc: AnyDocument } | { readonly problems: readonly Problem[] };

function finish(mine: State, stored: State | undefined, context: PushContext, w: string): Finished {
  const { noun } = context;
  if (!context.isStorable(mine.doc))
    return { problems: [hard('', 'unstorable_text', 'A text holds a character that cannot be stored. Type that text again.')] };
  const before = stamped(mine.doc, stored, context, w);
  const shape = validate(noun.entity, before);
  if (mine.deleted && stored && shape.length > 0) {
    // A client that sends only the id of what it deletes; the tombstone keeps the content all the same.
    return { doc: stamped(stored.doc, stored, context, w) };
  }
  const broken = malformed(shape);
  if (broken.length > 0) return { problems: broken };
  const doc = noun.derive ? noun.derive(before) : before;
  // The device has computed the same before it sent; then there is nothing new to look at.
  const remaining = hasSameValues(doc, before) ? shape : validate(noun.entity, doc);
  if (remaining.length > 0) return { problems: remaining };
  if (mine.deleted) return { doc };
  const chosen = optionProblems(noun.entity, doc, stored?.doc, context.company?.options ?? {});
  const rules = [...chosen, ...(noun.check?.(doc, stored?.doc, context.company) ?? [])].filter(({ severity }) => severity === 'hard');
  return rules.length > 0 ? { problems: rules } : { doc };
}

/** The device built on what is stored now, or on its own earlier push that built on it and still waits. */
function isCurrent(base: AnyDocument | undefined, { stored, waiting }: Seen): boolean {
  if (!stored) return true;
  if (!base) return false;
  return base.w === stored.w || (waiting !== undefined && base.w === waiting.w && waiting.base?.w === stored.w);
}

const gone = ({ entity }: Noun): Problem =>
  hard(
    '',
    'purged',
    `This ${entity.label.toLowerCase()} was deleted, and its time in the trash is over. Save what you wrote as a new one.`,
  );

const isAppendOnly = (noun: Noun): Decision =>
  refuse('append_only', [hard('', 'append_only', `${noun.entity.labels} are never changed; record a correcting entry instead.`)]);

interface Writing {
  /** Under which write id it is stored. */
  readonly w: string;
  /** Under which it waits for the records that it points at: the device's own where there is one. */
  readonly parkedW: string;
  readonly answer: boolean;
}
function accept(mine: State, stored: Seen['stored'], context: PushContext, { w, parkedW, answer }: Writing): Decision {
  const finished = finish(mine, stored, context, w);
  if ('problems' in finished) return refuse('invalid', finished.problems);
  const kind = kindOf(stored, mine.deleted);
  const { doc } = finished;
  const acceptance = { doc, deleted: mine.deleted, before: stored?.doc ?? null, kind, command: commandOf[kind], answer, parkedW };
  return { kind: 'accept', acceptance };
}

const derived = ({ doc, deleted }: State, noun: Noun): State => ({ doc: noun.derive ? noun.derive(doc) : doc, deleted });

/** A row that was built on an older state than the stored one. */
function mergeStale(row: PushedRow, stored: NonNullable<Seen['stored']>, context: PushContext, parkedW: string): Decision {
  const { noun } = context;
  if (!context.isStorable(row.doc)) return accept(row, stored, context, { w: parkedW, parkedW, answer: true });
  const shape = validate(noun.entity, row.doc);
  const isBare = row.deleted && shape.length > 0;
  const broken = isBare ? [] : malformed(shape);
  if (broken.length > 0) return refuse('invalid', broken);
  // Derived, so that a client that does not compute what the server computes seems to have changed nothing by that.
  const mine: State = isBare ? { doc: stored.doc, deleted: true } : derived(row, noun);
  const base = row.base && { doc: row.base, deleted: row.baseDeleted === true };
  const merged: Merged = (noun.merge ?? mergeRecord)(noun.entity, base, mine, stored);
  const { clashes } = merged;
  if (sameState(stored, merged)) return { kind: 'keep', clashes };
  const decision = accept(merged, stored, context, { w: context.freshW(), parkedW, answer: true });
  if (decision.kind === 'refuse') return refuse('refused_after_merge', decision.problems);
  if (decision.kind !== 'accept' || sameState(stored, decision.acceptance)) return { kind: 'keep', clashes };
  return { ...decision, merged: { clashes } };
}

export function decidePush(row: PushedRow, seen: Seen, context: PushContext): Decision {
  const { stored, applied, waiting } = seen;
  if (applied && (sameState(applied, row) || sameState(applied, derived(row, context.noun)))) return { kind: 'duplicate' };
  if (waiting && waiting.w === row.doc.w && sameState(waiting, row)) return { kind: 'duplicate' };
  // A write id that was used for other content, or none at all: a client that does not know of write ids.
  const known = isWriteId(row.doc.w) && applied === undefined && stored?.w !== row.doc.w;
  if (seen.settled && known) return { kind: 'settled' };
  if (stored && isPurged(stored.doc)) return row.deleted ? { kind: 'same', adopt: true } : refuse('purged', [gone(context.noun)]);
  if (stored && (sameState(stored, row) || (stored.deleted && row.deleted && validate(context.noun.entity, row.doc).length > 0))) {
    return { kind: 'same', adopt: stored.w !== row.doc.w };
  }
  if (stored && context.noun.entity.appendOnly) return isAppendOnly(context.noun);
  const w = known ? row.doc.w : context.freshW();
  if (!stored || isCurrent(row.base, seen)) return accept(row, stored, context, { w, parkedW: w, answer: !known });
  return mergeStale(row, stored, context, w);
}
