import type { AnyDocument } from '../../../domain/entity/entity.ts';
import type { WireDocument } from '../../../domain/protocol/protocol.ts';
import { createRecord } from '../../../domain/record/record.commands.ts';
import { nouns } from '../../../domain/registry.ts';
import { turnMonths } from '../../../sync-server/db/audit-blocks.ts';
import type { Database } from '../../../sync-server/db/database.ts';
import type { Client } from '../test-server.ts';

/** A new record as a device makes it, complete. */
export function made(client: Client, collection: string, id: string, draft: Readonly<Record<string, unknown>>): AnyDocument & WireDocument {
  const noun = nouns.find(({ entity }) => entity.collection === collection);
  if (!noun) throw new Error(`no ${collection}`);
  const { id: userId, deskId } = client.login.user;
  const decision = createRecord(noun, id, draft, { actor: { userId, deskId }, now: new Date().toISOString(), w: `w-${collection}-${id}` });
  if (!decision.ok) throw new Error(decision.rejection.message);
  return { ...decision.change.after, _deleted: false };
}

/** What was written in this month becomes entries of so many months ago, under this name behind that of the log; new ones go to a new month. */
export async function closeMonths(db: Database, name: string, ago = 2): Promise<void> {
  await ageMonths(db, name, ago);
  await turnMonths(db);
}
/** The same without beginning the new month. */
export async function ageMonths(db: Database, name: string, ago = 2): Promise<void> {
  for (const log of ['audit', 'security_events']) {
    const [newest] = await db.rows<{ part: string; month: string }>({
      text: 'select part, month::text as month from audit_months where log = $1 order by month desc limit 1',
      values: [log],
    });
    if (!newest) throw new Error(`${log} has no month`);
    await db.rows({ text: `alter table ${newest.part} rename to ${log}_${name}` });
    await db.rows({
      text: `update audit_months set part = $2, month = month - make_interval(months => $4) where log = $1 and month = $3::date`,
      values: [log, `${log}_${name}`, newest.month, ago],
    });
  }
}
