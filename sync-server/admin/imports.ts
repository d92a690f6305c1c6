/** What was imported, by whom, and what is there of it. */
import type { ImportLine } from '../../domain/protocol/admin.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { Runner } from '../db/database.ts';
import { countImported, importsSeen } from '../db/imports.ts';

const LINES = 100;

/** The newest hundred. */
export async function listImports(runner: Runner, nouns: readonly Noun[]): Promise<ImportLine[]> {
  const seen = await importsSeen(runner, LINES);
  if (seen.length === 0) return [];
  const ids = seen.map(({ id }) => id);
  const records = new Map<string, ImportLine['records'][number][]>(ids.map((id) => [id, []]));
  for (const { entity } of nouns)
    for (const { id, live, deleted } of await countImported(runner, entity.collection, ids))
      records.get(id)?.push({ collection: entity.collection, live, deleted });
  return seen.map((line) => ({ ...line, records: records.get(line.id) ?? [] }));
}
