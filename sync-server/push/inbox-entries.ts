/** Entries for the inbox of an author whose row was refused or clashed, written in the call that settles the row. */
import { createHash, randomUUID } from 'node:crypto';
import type { Problem } from '../../domain/entity/problem.ts';
import type { Clash } from '../../domain/record/clash.ts';
import { inboxEntry } from '../../domain/record/inbox.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { createRecord } from '../../domain/record/record.commands.ts';
import { uuidFromHash } from '../../domain/record/uuid-from-hash.ts';
import type { Write } from '../db/apply.ts';
import type { State } from './decide-push.ts';
import { type Row, cameBy, digestOf, writeIdOf } from './row.ts';

/** Entries are numbered behind all rows of a push, parked ones included, so that they follow them in the feed. */
const ENTRIES_FROM = 1_500_000;

export interface Reason {
  readonly code: string;
  readonly problems?: readonly Problem[];
  readonly clashes?: readonly Clash[];
  readonly stored?: State;
}

/** An id or desk that an envelope takes, of a document of any shape. */
export function named(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && /^[\w:.-]{1,36}$/.test(value) ? value : undefined;
}

/** Id of an entry: of its kind, and of the row's collection, record, write id and digest. */
export const entryId = (of: readonly string[]): string => uuidFromHash(createHash('sha256').update(of.join(':')).digest());

/**
 * The entry as a write of the inbox's collection. Its id follows from the row, so the same row makes one entry however often
 * it is sent; the writing call drops what is there already, and what belongs to a row that is decided anew. `place` is its number among the entries of the call.
 */
export function entryWrite(inbox: Noun, row: Row, reason: Reason, place: number, at: string): Write {
  const { code, problems = [], clashes = [], stored } = reason;
  const { entity } = row.noun;
  const entry = inboxEntry({
    entity,
    author: row.actor,
    code,
    mine: row.doc,
    deleted: row.deleted,
    problems,
    clashes,
    ...(row.base ? { base: row.base } : {}),
    ...(stored ? { stored } : {}),
  });
  const id = entryId([entry.kind, entity.collection, row.doc.id, writeIdOf(row), digestOf(row)]);
  const author = { userId: row.actor, deskId: named(row.doc.deskId) ?? row.desk ?? 'none' };
  const draft = { ...inbox.inboxDraft?.(entry), ownerId: named((stored?.doc ?? row.doc).ownerId) ?? row.actor };
  const decision = createRecord(inbox, id, draft, { actor: author, now: at, w: `s-${randomUUID()}` });
  if (!decision.ok) throw new Error(`an inbox entry cannot be written: ${decision.rejection.message}`);
  const doc = decision.change.after;
  return {
    n: ENTRIES_FROM + place,
    collection: inbox.entity.collection,
    id,
    w: doc.w,
    doc,
    deleted: false,
    actor: row.actor,
    device: row.device,
    at,
    version: inbox.entity.version,
    before: null,
    kind: 'insert',
    command: 'create',
    along: row.n,
    ...cameBy(row),
  };
}
