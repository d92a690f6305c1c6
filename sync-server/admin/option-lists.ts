/** Option lists of the company: what there is, and changing one as a whole, judged and written with its entry in one transaction. */
import {
  type ChangedLists,
  type Option,
  type OptionList,
  type StatedOption,
  asOption,
  listProblem,
  optionsOf,
  readLists,
} from '../../domain/access/option-lists.ts';
import type { Fields } from '../../domain/entity/field.ts';
import type { OptionListLine } from '../../domain/protocol/admin.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { same } from '../../domain/record/same.ts';
import type { By } from '../auth/devices.ts';
import type { CompanyWatch } from '../company/company-watch.ts';
import type { Database, Runner } from '../db/database.ts';
import { type StoredList, lockLists, putList, storedLists } from '../db/option-lists.ts';
import { securityEvent } from '../db/security-events.ts';

export interface ListDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly company: Pick<CompanyWatch, 'look'>;
  readonly nouns: readonly Noun[];
}

interface Used {
  readonly list: OptionList;
  /** Where people meet it: "Product: Package type". */
  readonly fields: string[];
}
/** Every list that a field chooses from, in the order of their names. */
function listsOf(nouns: readonly Noun[]): Used[] {
  const found = new Map<string, Used>();
  const visit = (fields: Fields, where: string): void => {
    for (const f of Object.values(fields)) {
      if (f.fields) visit(f.fields, where);
      if (!f.list) continue;
      const used = found.get(f.list.key) ?? { list: f.list, fields: [] };
      const name = `${where}: ${f.label}`;
      if (!used.fields.includes(name)) used.fields.push(name);
      found.set(f.list.key, used);
    }
  };
  for (const { entity, files } of nouns) {
    visit(entity.fields, entity.label);
    if (files) found.set(files.kinds.key, { list: files.kinds, fields: [`${entity.label}: the file itself`] });
  }
  return [...found.values()].sort((a, b) => a.list.label.localeCompare(b.list.label));
}

function lineOf({ list, fields }: Used, stored: StoredList | undefined): OptionListLine {
  const changed: ChangedLists = stored ? readLists({ [list.key]: stored.options }) : {};
  const { revision = 0, changedAt = null, changedBy = null } = stored ?? {};
  const options = optionsOf(list, changed).map(({ key, label, retired = false, due = null }) => ({ key, label, retired, due }));
  return {
    key: list.key,
    label: list.label,
    fields,
    dated: list.dues !== undefined,
    closed: list.closed === true,
    options,
    revision,
    changedAt,
    changedBy,
  };
}

export async function listOptionLists(runner: Runner, nouns: readonly Noun[]): Promise<OptionListLine[]> {
  const stored = new Map((await storedLists(runner)).map((one) => [one.list, one]));
  return listsOf(nouns).map((used) => lineOf(used, stored.get(used.list.key)));
}

export type ListOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'unknown_list' }
  /** Somebody else changed it since it was read. */
  | { readonly kind: 'list_changed' }
  | { readonly kind: 'out_of_bounds'; readonly problem: string };

/** An option as somebody wants it; without `due` the days stay as they are. */
export type WantedOption = Omit<StatedOption, 'due'> & { readonly due?: StatedOption['due'] | undefined };

/** Only what differs: an entry of the audit tells what was done, not the whole list. */
function differences(before: readonly Option[], after: readonly Option[]) {
  const earlier = new Map(before.map((option) => [option.key, option]));
  const changes = after.flatMap((option) => {
    const was = earlier.get(option.key);
    return same(was, option) ? [] : [{ before: was ?? null, after: option }];
  });
  const order = (options: readonly Option[]): string => options.map(({ key }) => key).join(' ');
  const moved = order(before) !== order(after.filter(({ key }) => earlier.has(key)));
  return { changes, ...(moved ? { order: after.map(({ key }) => key) } : {}) };
}

/** `revision`: that of the list as it was read. Holds from now on, in every server process. */
export async function changeOptionList(
  { db, now, company, nouns }: ListDependencies,
  change: { readonly list: string; readonly revision: number; readonly options: readonly WantedOption[]; readonly reason: string },
  by: By,
): Promise<ListOutcome> {
  const at = now();
  const outcome = await db.transaction(async (runner): Promise<ListOutcome> => {
    await lockLists(runner);
    const current = (await listOptionLists(runner, nouns)).find(({ key }) => key === change.list);
    if (!current) return { kind: 'unknown_list' };
    if (current.revision !== change.revision) return { kind: 'list_changed' };
    const days = new Map(current.options.map(({ key, due }) => [key, due]));
    const before = current.options.map(asOption);
    const after = change.options.map(({ due, ...rest }) =>
      asOption({ ...rest, due: due === undefined ? (days.get(rest.key) ?? null) : due }),
    );
    const problem = listProblem(current, before, after);
    if (problem !== '') return { kind: 'out_of_bounds', problem };
    if (same(before, after)) return { kind: 'done' };
    const stored = { list: current.key, options: after, revision: current.revision + 1 };
    await putList(runner, { ...stored, changedAt: at.toISOString(), changedBy: by.name });
    const details = { list: current.key, ...differences(before, after), reason: change.reason, by: { id: by.id, name: by.name } };
    await securityEvent(runner, { kind: 'options_changed', who: undefined, device: by.device, address: by.address, at, details });
    return { kind: 'done' };
  });
  if (outcome.kind === 'done') await company.look();
  return outcome;
}
