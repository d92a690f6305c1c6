/** What was refused to anybody, for whoever looks after it. The author has the same in the own inbox and decides there. */
import { seenThrough } from '../../domain/access/field-limits.ts';
import type { RefusalAnswer, RefusalLine } from '../../domain/protocol/admin.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { AccountAccess } from '../access/access.ts';
import type { By } from '../auth/devices.ts';
import type { Database } from '../db/database.ts';
import { type RefusalFilter, type StoredRefusal, closeRefusal, listRefusals, reopenRefusal } from '../db/refusals.ts';
import { securityEvent } from '../db/security-events.ts';

export interface RefusalDependencies {
  readonly db: Database;
  readonly nounOf: (collection: string) => Noun | undefined;
  readonly now: () => Date;
}

/** The first sentence of why; '' where there is none. */
function messageOf(problems: unknown): string {
  const first: unknown = Array.isArray(problems) ? problems[0] : undefined;
  return typeof first === 'object' && first !== null && 'message' in first && typeof first.message === 'string' ? first.message : '';
}

/** Whether the reader may see what was refused; undefined: all of it, as the command line may. */
type Reader = AccountAccess | undefined;
const maySee = (reader: Reader, { collection, doc }: StoredRefusal): boolean => reader === undefined || reader.mayRead(collection, doc);

function lineOf({ nounOf }: RefusalDependencies, reader: Reader, row: StoredRefusal): RefusalLine {
  const { problems, doc, ...line } = row;
  const entity = nounOf(row.collection)?.entity;
  const title = entity && maySee(reader, row) ? doc[entity.title] : '';
  return { ...line, title: typeof title === 'string' ? title.slice(0, 200) : '', message: messageOf(problems).slice(0, 500) };
}

/** Of what the reader may not see only that it was refused, to whom and why by its code. */
export async function refusalsFor(dependencies: RefusalDependencies, reader: Reader, filter: RefusalFilter): Promise<RefusalLine[]> {
  const known = (await listRefusals(dependencies.db, filter)).filter(
    ({ collection }) => reader === undefined || dependencies.nounOf(collection),
  );
  return known.map((row) =>
    maySee(reader, row) ? lineOf(dependencies, reader, row) : { ...lineOf(dependencies, reader, row), message: '' },
  );
}

/** With what its author had written, as far as the reader may see it. undefined when there is no such refusal. */
export async function refusalFor(dependencies: RefusalDependencies, reader: Reader, number: number): Promise<RefusalAnswer | undefined> {
  const [row] = await listRefusals(dependencies.db, { number, open: false, limit: 1 });
  if (!row) return undefined;
  const noun = dependencies.nounOf(row.collection);
  const problems = Array.isArray(row.problems) ? (row.problems as RefusalAnswer['problems']) : [];
  if (!noun || !maySee(reader, row)) return { refusal: lineOf(dependencies, reader, row), problems: [], doc: null };
  const doc = reader === undefined ? row.doc : seenThrough(noun.entity, reader.rights.views(noun.entity), row.doc);
  return { refusal: lineOf(dependencies, reader, row), problems, doc };
}

/** Closes it or opens it again; what its author has in the inbox is not touched. Answers false when there is nothing to do. */
export async function settleRefusal(
  { db, now }: RefusalDependencies,
  number: number,
  { closed, reason }: { readonly closed: boolean; readonly reason: string },
  by: By,
): Promise<boolean> {
  const at = now();
  return db.transaction(async (runner) => {
    const [row] = await listRefusals(runner, { number, open: false, limit: 1 });
    if (!row) return false;
    const done = closed
      ? await closeRefusal(runner, { number, at: at.toISOString(), by: by.id, byName: by.name, reason })
      : await reopenRefusal(runner, number);
    if (!done) return false;
    const details = { number, collection: row.collection, record: row.id, reason, by: { id: by.id, name: by.name } };
    const who = { id: row.accountId, name: row.accountName };
    const kind = closed ? 'refusal_closed' : 'refusal_reopened';
    await securityEvent(runner, { kind, who, device: by.device, address: by.address, at, details });
    return true;
  });
}
