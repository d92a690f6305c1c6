/** What must hold in a database whatever was done to it, told as sentences about what does not. */
import type { Runner } from '../../sync-server/db/database.ts';

/** Documents, audit and feed of these collections; [] when they agree (I1, I3 of the sync rules). */
export async function inconsistencies(db: Runner, collections: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const none = async (what: string, text: string): Promise<void> => {
    const rows = await db.rows({ text: `${text} limit 5` });
    if (rows.length > 0) found.push(`${what}: ${JSON.stringify(rows)}`);
  };
  await none(
    'the feed has a hole, or its head is elsewhere',
    `select h.seq as head, a.* from feed_head h, (select count(*) as entries, coalesce(max(seq), 0) as last from audit) a
     where h.seq <> a.entries or h.seq <> a.last`,
  );
  await none(
    'a state does not follow from the one before',
    `select seq, collection, id from (
       select seq, collection, id, before::jsonb as before, lag(after::jsonb) over (partition by collection, id order by seq) as earlier from audit
     ) a where before is distinct from earlier`,
  );
  await none('a write was applied twice', 'select collection, id, w from audit group by 1, 2, 3 having count(*) > 1');
  await none(
    'a write is in two places',
    `select collection, id, w from (
       select collection, id, w from audit union all select collection, id, w from parked
     ) places group by 1, 2, 3 having count(*) > 1`,
  );
  await none(
    'a write is not known under the position of its entry',
    `select a.seq, x.seq as applied from audit a full join applied x on x.seq = a.seq
     where a.seq is null or x.seq is null or (a.collection, a.id, a.w) <> (x.collection, x.id, x.w)`,
  );
  for (const collection of collections) {
    await none(
      `a document of ${collection} is not its last audited state`,
      `select t.id from "${collection}" t left join audit a on a.seq = t.seq
       where a.collection is distinct from '${collection}' or a.id <> t.id or a.w <> t.w or a.after::jsonb <> t.doc
         or t.seq <> (select max(seq) from applied where collection = '${collection}' and id = t.id)`,
    );
    await none(
      `an audited document of ${collection} is not stored`,
      `select distinct a.id from audit a where a.collection = '${collection}' and not exists (select from "${collection}" t where t.id = a.id)`,
    );
  }
  return found;
}
