/** Which contents are kept, which records have shown them, and which uploads are under way. The bytes are the file store's. */
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { Database, Runner } from './database.ts';

/** Where records name files: the collection, and the field that holds the hash. Both come from our own entities. */
export interface FileNames {
  readonly collection: string;
  readonly hashField: string;
}
export interface RecordState {
  readonly id: string;
  readonly doc: AnyDocument;
  readonly deleted: boolean;
}

/** A record as it is stored, a tombstone too; undefined when there is none. */
export async function recordById(runner: Runner, collection: string, id: string): Promise<RecordState | undefined> {
  const rows = await runner.rows<RecordState>({
    name: `file-record-${collection}`,
    text: `select id, doc, deleted from "${collection}" where id = $1`,
    values: [id],
  });
  return rows[0];
}
export async function recordsById(runner: Runner, collection: string, ids: readonly string[]): Promise<RecordState[]> {
  return runner.rows<RecordState>({
    name: `file-records-${collection}`,
    text: `select id, doc, deleted from "${collection}" where id = any($1)`,
    values: [ids],
  });
}

/** The size of a content that this record has shown; undefined when it has not. */
export async function linkedSize(runner: Runner, recordId: string, sha256: string): Promise<number | undefined> {
  const rows = await runner.rows<{ size: number }>({
    name: 'file-linked',
    text: 'select c.size from file_links l join file_contents c using (sha256) where l.record_id = $1 and l.sha256 = $2',
    values: [recordId, sha256],
  });
  return rows[0]?.size;
}
/** Which of these pairs of record and hash are linked, as `record hash`. */
export async function linkedPairs(runner: Runner, ids: readonly string[], hashes: readonly string[]): Promise<Set<string>> {
  const rows = await runner.rows<{ pair: string }>({
    name: 'file-linked-pairs',
    text: `select l.record_id || ' ' || l.sha256 as pair from unnest($1::text[], $2::text[]) p(record_id, sha256)
      join file_links l using (record_id, sha256)`,
    values: [ids, hashes],
  });
  return new Set(rows.map(({ pair }) => pair));
}
/** Live records that have shown this content and still name it, at most 200. A caller who reads one of them need not send it. */
export async function recordsShowing(runner: Runner, { collection, hashField }: FileNames, sha256: string): Promise<RecordState[]> {
  return runner.rows<RecordState>({
    name: `file-showing-${collection}`,
    text: `select t.id, t.doc, t.deleted from file_links l join "${collection}" t on t.id = l.record_id
      where l.sha256 = $1 and not t.deleted and t.doc->>$2 = $1 limit 200`,
    values: [sha256, hashField],
  });
}
export async function isKept(runner: Runner, sha256: string): Promise<boolean> {
  const rows = await runner.rows({ name: 'file-kept', text: 'select 1 as one from file_contents where sha256 = $1', values: [sha256] });
  return rows.length > 0;
}
export async function addContent(runner: Runner, sha256: string, size: number): Promise<void> {
  await runner.rows({
    text: 'insert into file_contents (sha256, size) values ($1, $2) on conflict (sha256) do update set unnamed_since = null',
    values: [sha256, size],
  });
}
/** Answers false when the content is not kept any more. */
export async function linkContent(runner: Runner, recordId: string, sha256: string): Promise<boolean> {
  const rows = await runner.rows({
    text: `with linked as (
        insert into file_links (record_id, sha256) select $1, sha256 from file_contents where sha256 = $2 on conflict do nothing
      )
      update file_contents set unnamed_since = null where sha256 = $2 returning 1 as one`,
    values: [recordId, sha256],
  });
  return rows.length > 0;
}
/** Forgets a content and every link to it. */
export async function forgetContent(runner: Runner, sha256: string): Promise<void> {
  await runner.rows({ text: 'delete from file_contents where sha256 = $1', values: [sha256] });
}

export interface Upload {
  readonly id: string;
  readonly recordId: string;
  readonly sha256: string;
  readonly size: number;
  readonly received: number;
  readonly parts: readonly string[];
}
const uploadColumns = 'id, record_id as "recordId", sha256, size, received, parts';

export async function findUpload(runner: Runner, recordId: string, sha256: string, account: string): Promise<Upload | undefined> {
  const rows = await runner.rows<Upload>({
    name: 'file-upload',
    text: `select ${uploadColumns} from file_uploads where record_id = $1 and sha256 = $2 and account_id = $3`,
    values: [recordId, sha256, account],
  });
  return rows[0];
}
/** Bytes that this account may still send for its uploads under way. */
export async function openBytes(runner: Runner, account: string): Promise<number> {
  const rows = await runner.rows<{ bytes: number }>({
    text: 'select coalesce(sum(size), 0)::bigint as bytes from file_uploads where account_id = $1',
    values: [account],
  });
  return rows[0]?.bytes ?? 0;
}
/** Begins an upload, or answers the one that another request of the same account began. */
export async function beginUpload(
  runner: Runner,
  upload: Pick<Upload, 'id' | 'recordId' | 'sha256' | 'size'> & { readonly account: string; readonly at: string },
): Promise<Upload> {
  const { id, recordId, sha256, size, account, at } = upload;
  const rows = await runner.rows<Upload>({
    text: `insert into file_uploads (id, record_id, sha256, account_id, size, touched_at) values ($1, $2, $3, $4, $5, $6)
      on conflict (record_id, sha256, account_id) do update set touched_at = excluded.touched_at returning ${uploadColumns}`,
    values: [id, recordId, sha256, account, size, at],
  });
  const begun = rows[0];
  if (!begun) throw new Error('the upload was not written down');
  return begun;
}
/** Notes a part that lies in the file store. Undefined when another request was faster, or the upload is gone. */
export async function addPart(
  runner: Runner,
  id: string,
  part: { readonly name: string; readonly from: number; readonly bytes: number; readonly at: string },
): Promise<Upload | undefined> {
  const rows = await runner.rows<Upload>({
    name: 'file-part',
    text: `update file_uploads set received = received + $3, parts = parts || $4::text, touched_at = $5
      where id = $1 and received = $2 and received + $3 <= size returning ${uploadColumns}`,
    values: [id, part.from, part.bytes, part.name, part.at],
  });
  return rows[0];
}
export async function endUpload(runner: Runner, id: string): Promise<void> {
  await runner.rows({ text: 'delete from file_uploads where id = $1', values: [id] });
}
/** Takes uploads that nobody has gone on with since this instant off the list; their parts are the caller's to drop. */
export async function takeStaleUploads(runner: Runner, before: string): Promise<string[]> {
  const rows = await runner.rows<{ id: string }>({ text: 'delete from file_uploads where touched_at < $1 returning id', values: [before] });
  return rows.map(({ id }) => id);
}

/** What is named by no record that has shown it. Tombstones count as records: what lies in the trash can be restored. */
const unnamed = (collection: string): string =>
  `not exists (select from file_links l join "${collection}" t on t.id = l.record_id where l.sha256 = c.sha256 and t.doc->>$1 = c.sha256)`;

/** Notes since when contents are unnamed, and answers some that have been so since before this instant. */
export async function unnamedContents(
  runner: Runner,
  { collection, hashField }: FileNames,
  { now, before, limit }: { readonly now: string; readonly before: string; readonly limit: number },
): Promise<string[]> {
  await runner.rows({
    text: `update file_contents c set unnamed_since = case when unnamed_since is null then $2::timestamptz end
      where (unnamed_since is null) = (${unnamed(collection)})`,
    values: [hashField, now],
  });
  const rows = await runner.rows<{ sha256: string }>({
    text: 'select sha256 from file_contents where unnamed_since < $1 order by unnamed_since limit $2',
    values: [before, limit],
  });
  return rows.map(({ sha256 }) => sha256);
}
/** Whether a content has been unnamed since before this instant, and still is. */
export async function isUnnamed(runner: Runner, { collection, hashField }: FileNames, sha256: string, before: string): Promise<boolean> {
  const rows = await runner.rows({
    text: `select 1 as one from file_contents c where sha256 = $2 and unnamed_since < $3 and ${unnamed(collection)}`,
    values: [hashField, sha256, before],
  });
  return rows.length > 0;
}

export interface FileEvent {
  readonly what: 'stored' | 'linked' | 'refused' | 'collected' | 'lost';
  readonly sha256: string;
  readonly recordId?: string;
  readonly size?: number;
  readonly code?: string;
  readonly actor?: string;
  readonly device?: string;
}
export async function logFile(runner: Runner, event: FileEvent): Promise<void> {
  await runner.rows({
    text: 'insert into file_log (what, record_id, sha256, size, code, actor, device) values ($1, $2, $3, $4, $5, $6, $7)',
    values: [event.what, event.recordId, event.sha256, event.size, event.code, event.actor, event.device].map((value) => value ?? null),
  });
}

/** Two contents may share a lock; they then wait for each other, which is all. 48 bits are whole numbers in JavaScript. */
const LOCK_DIGITS = 12;
/** One at a time for this content, over all server processes: storing, linking and collecting must not cross. */
export const withContentLock = <Result>(db: Database, sha256: string, work: (runner: Runner) => Promise<Result>): Promise<Result> =>
  db.exclusively(Number.parseInt(sha256.slice(0, LOCK_DIGITS), 16), work);
