/**
 * A refused change is handed to somebody to decide: back to its author with a note, or to somebody else, who finds it in the own
 * inbox on every device and mends it in the own name, by the own rights. It is an entry like the one that the refusal made.
 */
import { randomUUID } from 'node:crypto';
import { mayRead } from '../../domain/access/rights.ts';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { inboxEntry } from '../../domain/record/inbox.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { createRecord } from '../../domain/record/record.commands.ts';
import type { Access, AccountAccess } from '../access/access.ts';
import { personalFields } from '../../domain/record/personal.ts';
import type { By } from '../auth/devices.ts';
import { type Account, accountById } from '../db/accounts.ts';
import { type Write, applyBatch } from '../db/apply.ts';
import type { Runner } from '../db/database.ts';
import { announce, lockFeed } from '../db/feed.ts';
import { type RefusedRow, type StoredRefusal, listRefusals, noteHanding, refusedRow } from '../db/refusals.ts';
import { securityEvent } from '../db/security-events.ts';
import { type Stored, storedStates } from '../db/stored.ts';
import { entryId, named } from '../push/inbox-entries.ts';
import { toldTo } from '../push/limited-author.ts';
import { currentRequest } from '../request-context.ts';
import type { RefusalDependencies } from './refusals.ts';

export interface HandBackDependencies extends RefusalDependencies {
  readonly access: Pick<Access, 'now'>;
  /** The noun whose records are the entries. */
  readonly inbox: Noun;
}
export type HandBackOutcome = 'done' | 'unknown_refusal' | 'unknown_account' | 'not_permitted' | 'recipient_may_not_see';

/** What the author's entry says once somebody else has it; the window has words for it. */
const HANDED = 'handed';

type Refused = StoredRefusal & RefusedRow;
interface Handing {
  readonly noun: Noun;
  readonly row: Refused;
  readonly to: Account;
  readonly rights: AccountAccess['rights'];
  readonly note: string;
  readonly by: By;
  readonly at: string;
}

const isTheirs = ({ row, to }: Pick<Handing, 'row' | 'to'>): boolean => row.accountId === to.id;
/** The one that the refusal made, or the one of this person. */
function idFor({ row, to }: Pick<Handing, 'row' | 'to'>): string {
  const own = ['refusal', row.collection, row.id, row.w, row.digest];
  return entryId(isTheirs({ row, to }) ? own : [...own, to.id]);
}

const said = ({ by, note }: Handing): string => `${by.name}: ${note}`;

/** The change with what its reader may see of it. */
function freshEntry(inbox: Noun, handing: Handing, stored: Stored | undefined): AnyDocument {
  const { noun, row, to, rights, by, at } = handing;
  const problems = Array.isArray(row.problems) ? (row.problems as Parameters<typeof inboxEntry>[0]['problems']) : [];
  const base = row.base === null ? {} : { base: row.base as AnyDocument };
  const told = toldTo(
    rights,
    { noun, n: 0, doc: row.doc as AnyDocument, deleted: row.deleted, ...base, actor: to.id, device: by.device },
    { code: row.code, problems, ...(stored ? { stored } : {}) },
  );
  const entry = inboxEntry({
    entity: noun.entity,
    author: to.id,
    code: row.code,
    mine: told.row.doc,
    deleted: row.deleted,
    problems: told.reason.problems ?? [],
    clashes: [],
    note: said(handing),
    ...(told.row.base ? { base: told.row.base } : {}),
    ...(told.reason.stored ? { stored: told.reason.stored } : {}),
    ...(isTheirs(handing) ? {} : { writer: row.accountName }),
  });
  const draft = { ...inbox.inboxDraft?.(entry), ownerId: named((stored?.doc ?? row.doc)['ownerId']) ?? to.id };
  const moment = { actor: { userId: by.id, deskId: named(row.doc['deskId']) ?? to.deskId }, now: at, w: `s-${randomUUID()}` };
  const decision = createRecord(inbox, idFor(handing), draft, moment);
  if (!decision.ok) throw new Error(`an inbox entry cannot be written: ${decision.rejection.message}`);
  return decision.change.after;
}

/** An entry in another state of done, with what else changes. */
function stamped({ doc }: Stored, change: Readonly<Record<string, unknown>>, { by, at }: Handing): AnyDocument {
  const { doneAt: _doneAt, outcome: _outcome, ...rest } = doc as AnyDocument & { doneAt?: unknown; outcome?: unknown };
  return { ...rest, ...change, w: `s-${randomUUID()}`, modifiedAt: at, modifiedBy: by.id };
}

/** The entry of whoever it is for, and the end of the author's own where that is somebody else. */
function entryWrites(inbox: Noun, handing: Handing, standing: ReadonlyMap<string, Stored>, stored: Stored | undefined): Write[] {
  const { row, note, by, at } = handing;
  const request = currentRequest()?.request;
  const write = (doc: AnyDocument, before: Stored | undefined, n: number): Write => ({
    n,
    collection: inbox.entity.collection,
    id: doc.id,
    w: doc.w,
    doc,
    deleted: false,
    actor: by.id,
    device: by.device,
    address: by.address,
    ...(request === undefined ? {} : { request }),
    at,
    version: inbox.entity.version,
    before: before?.doc ?? null,
    kind: before ? (before.deleted ? 'restore' : 'update') : 'insert',
    command: 'hand_back',
    reason: note,
  });
  const there = standing.get(idFor(handing));
  const given = write(there ? stamped(there, { done: false, body: said(handing) }, handing) : freshEntry(inbox, handing, stored), there, 0);
  const own = isTheirs(handing) ? undefined : standing.get(entryId(['refusal', row.collection, row.id, row.w, row.digest]));
  if (!own || own.deleted || own.doc['done'] === true) return [given];
  return [given, write(stamped(own, { done: true, doneAt: at, outcome: HANDED }, handing), own, 1)];
}

async function handOver(runner: Runner, inbox: Noun, handing: Handing): Promise<HandBackOutcome> {
  const { noun, row, rights, to, note, by, at } = handing;
  await lockFeed(runner);
  const stored = (await storedStates(runner, row.collection, [row.id])).get(row.id);
  const sees = (doc: Readonly<Record<string, unknown>>): boolean => mayRead(rights, noun.entity.collection, doc);
  if (!isTheirs(handing) && ![row.doc, ...(stored ? [stored.doc] : [])].every(sees)) return 'recipient_may_not_see';
  const ids = [idFor(handing), entryId(['refusal', row.collection, row.id, row.w, row.digest])];
  const standing = await storedStates(runner, inbox.entity.collection, ids);
  const writes = entryWrites(inbox, handing, standing, stored && sees(stored.doc) ? stored : undefined);
  const { moved } = await applyBatch(runner, { writes, parks: [], unparks: [], refusals: [], settles: [] }, personalFields([inbox.entity]));
  if (moved.length > 0) throw new Error('an entry changed under the lock of the feed');
  await noteHanding(runner, { number: row.number, at, by: by.id, byName: by.name, to: to.id, toName: to.name });
  const told = { number: row.number, collection: row.collection, record: row.id, to: { id: to.id, name: to.name }, note };
  const details = { ...told, by: { id: by.id, name: by.name } };
  const who = { id: row.accountId, name: row.accountName };
  await securityEvent(runner, { kind: 'refusal_handed', who, device: by.device, address: by.address, at: new Date(at), details });
  return 'done';
}

/**
 * `reader`: whoever hands it over, who must be able to see it; undefined for the command line. `to`: an account; the author's own
 * where it is absent.
 */
export async function handBack(
  dependencies: HandBackDependencies,
  reader: AccountAccess | undefined,
  { number, to: chosen, note }: { readonly number: number; readonly to?: string; readonly note: string },
  by: By,
): Promise<HandBackOutcome> {
  const { db, access, inbox, nounOf, now } = dependencies;
  const [line] = await listRefusals(db, { number, open: false, limit: 1 });
  const whole = line && (await refusedRow(db, number));
  const noun = line && nounOf(line.collection);
  if (!whole || !noun) return 'unknown_refusal';
  if (reader && !reader.mayRead(line.collection, line.doc)) return 'not_permitted';
  const to = await accountById(db, chosen ?? line.accountId);
  if (!to || to.disabled) return 'unknown_account';
  const { rights } = await access.now(to.id);
  const handing = { noun, row: { ...line, ...whole }, to, rights, note, by, at: now().toISOString() };
  const outcome = await db.transaction((runner) => handOver(runner, inbox, handing));
  if (outcome === 'done') await announce(db);
  return outcome;
}
