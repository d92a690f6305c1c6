/** Why a row that waited for other records is given up. */
import { allFields } from '../../domain/entity/entity.ts';
import { type Problem, hard } from '../../domain/entity/problem.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { partsOf } from './references.ts';
import type { Row } from './row.ts';

/** One problem for each missing record (`collection:id`), at the field that names it where it is a field of the record itself. */
export function missingParents(
  row: Row,
  wants: readonly string[],
  days: number,
  nounOf: (collection: string) => Noun | undefined,
): Problem[] {
  const fields = Object.entries(allFields(row.noun.entity)).filter(([, { kind }]) => kind === 'ref' || kind === 'refs');
  return wants.map((want) => {
    const { collection, id } = partsOf(want);
    const at = fields.find(([key, { to }]) => to === collection && [row.doc[key]].flat().includes(id));
    const label = nounOf(collection)?.entity.label ?? 'record';
    const where = at ? ` as ${at[1].label}` : '';
    const message = `It refers to another record (${label})${where} that did not arrive within ${days} days; choose another, or leave it out.`;
    return hard(at?.[0] ?? '', 'parent_missing', message, 'SYN-8');
  });
}
