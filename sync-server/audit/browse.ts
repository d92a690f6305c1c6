/** The audit as one list of changes and events, newest first, with only what the reader may see of records. */
import { seenThrough } from '../../domain/access/field-limits.ts';
import { isCalendarDate } from '../../domain/entity/validate.ts';
import type { AuditAnswer, AuditLine, AuditQuery } from '../../domain/protocol/audit.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { AccountAccess } from '../access/access.ts';
import { browse } from '../db/audit-browse.ts';
import type { Runner } from '../db/database.ts';

const END = Number.MAX_SAFE_INTEGER;

/** A day that there is, and that Postgres knows too: it has no year 0. */
export const isDay = (text: string): boolean => isCalendarDate(text) && !text.startsWith('0000');

export interface Reader {
  readonly account: AccountAccess;
  readonly nounOf: (collection: string) => Noun | undefined;
}

/** The line as this reader may see it; undefined for a record that is not the reader's. */
function seen(line: AuditLine, { account, nounOf }: Reader): AuditLine | undefined {
  if (line.log === 'security_events') return line;
  const noun = nounOf(line.collection);
  if (!noun) return undefined;
  const { before, after } = line;
  if (![before, after].every((state) => state === null || account.mayRead(line.collection, state))) return undefined;
  const { views } = account.read(line.collection);
  return { ...line, before: before && seenThrough(noun.entity, views, before), after: seenThrough(noun.entity, views, after) };
}

/** One page; `limit` entries were looked at, fewer may be seen. */
export async function browsePage(runner: Runner, query: AuditQuery, limit: number, reader: Reader): Promise<AuditAnswer> {
  const [changesFrom = END, eventsFrom = END] = (query.after ?? '')
    .split('.')
    .filter((part) => part !== '')
    .map(Number);
  const eventsOnly = query.collection === 'security_events';
  const changes = eventsOnly ? [] : await browse(runner, 'audit', query, changesFrom, limit);
  const events = query.collection && !eventsOnly ? [] : await browse(runner, 'security_events', query, eventsFrom, limit);
  // The clocks of servers may differ a little; within one log its own order stays.
  const merged: AuditLine[] = [];
  for (let [i, j] = [0, 0]; merged.length < limit; ) {
    const [change, event] = [changes[i], events[j]];
    const next = change && event ? (change.at >= event.at ? change : event) : (change ?? event);
    if (!next) break;
    merged.push(next);
    if (next === change) i += 1;
    else j += 1;
  }
  const last = (log: AuditLine['log'], from: number): number => merged.findLast((line) => line.log === log)?.seq ?? from;
  const next = merged.length < limit ? null : `${last('audit', changesFrom)}.${last('security_events', eventsFrom)}`;
  return { lines: merged.map((line) => seen(line, reader)).filter((line) => line !== undefined), next };
}
