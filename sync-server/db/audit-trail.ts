import type { AuditEntry } from '../../domain/protocol/protocol.ts';
import type { Runner } from './database.ts';

/** The history of one record, newest first. */
export async function auditOf(runner: Runner, collection: string, id: string, limit: number): Promise<AuditEntry[]> {
  return runner.rows<AuditEntry>({
    name: 'audit-of',
    text: `select a.seq, a.collection, a.id, a.kind, a.command, a.actor, coalesce(nullif(a.actor_name, ''), a.actor) as "actorName", a.device, a.at,
        a.device_at as "deviceAt", a.reason, a.before::jsonb as before, a.after::jsonb as after
      from applied x join audit a on a.seq = x.seq where x.collection = $1 and x.id = $2 order by a.seq desc limit $3`,
    values: [collection, id, limit],
  });
}
