/** Reads the records that a rule looks at beside the one that is written; see domain/record/around.ts. */
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { snake } from '../../domain/entity/postgres.ts';
import { type Look, isFoundBy } from '../../domain/record/around.ts';
import type { Runner } from './database.ts';

/** Of one kind of look the newest; more papers of one partner are not added up while somebody waits for a push. */
const FOUND_MAX = 20_000;
const NAME = /^[a-z][a-z0-9_]{0,62}$/;

/** Looks come from our own rules; a name that is none is a mistake there. */
function named(name: string): string {
  if (!NAME.test(name)) throw new Error(`${name} is no plain SQL name`);
  return `"${name}"`;
}

interface Asked {
  readonly looks: Look[];
  readonly values: Set<string>;
}

/** Answers the live records of each look, in the order of the looks; one statement for all that differ in their value only. */
export async function readLooks(runner: Runner, looks: readonly Look[]): Promise<readonly (readonly AnyDocument[])[]> {
  const groups = new Map<string, Asked>();
  for (const look of looks) {
    const key = JSON.stringify([look.collection, look.by, look.where ?? {}]);
    const group = groups.get(key) ?? { looks: [], values: new Set() };
    group.looks.push(look);
    group.values.add(look.value);
    groups.set(key, group);
  }
  const found = new Map<Look, readonly AnyDocument[]>();
  await Promise.all(
    [...groups.values()].map(async (group) => {
      const documents = await readGroup(runner, group);
      for (const look of group.looks)
        found.set(
          look,
          documents.filter((one) => isFoundBy(look, one)),
        );
    }),
  );
  return looks.map((look) => found.get(look) ?? []);
}

async function readGroup(runner: Runner, { looks, values }: Asked): Promise<AnyDocument[]> {
  const [first] = looks;
  if (!first) return [];
  const { collection, by, where = {} } = first;
  const parameters: unknown[] = [[...values]];
  const conditions = Object.entries(where).map(
    ([key, among]) => ` and coalesce(doc->>'${named(snake(key)) && key}', '') = any($${parameters.push(among)}::text[])`,
  );
  const rows = await runner.rows<{ doc: AnyDocument }>({
    text: `select doc from ${named(collection)} where ${named(by === 'id' ? 'id' : snake(by))} = any($1::text[]) and not deleted${conditions.join('')}
      order by seq desc limit ${FOUND_MAX}`,
    values: parameters,
  });
  return rows.map(({ doc }) => doc);
}
