import type { AuditEntry } from '../../domain/protocol/protocol.ts';
import type { Runner } from './database.ts';

/** The history of one record, newest first. */
export async function auditOf(runner: Runner, collection: string, id: string, limit: number): Promise<AuditEntry[]> {
  return runner.rows<AuditEntry>({
    name: 'audit-of',
    text: `select a.seq, a.collection, a.id, a.kind, a.command, a.actor, coalesce(c.name, a.actor) as "actorName", a.device, a.at, a.before, a.after
      from audit a left join accounts c on c.id = a.actor
      where a.collection = $1 and a.id = $2 order by a.seq desc limit $3`,
    values: [collection, id, limit],
  });
}
