/**
 * submit: the one function a form calls. Reads what the decision needs, lets the domain decide, commits. Done locally;
 * nothing here waits for the network.
 *
 * References to a deleted parent stay as they are (kinds with onDelete `unlink` too): the device shows "deleted record",
 * and restoring the parent restores every link. Emptying them would be one silent write per child, on every device that
 * deletes, and could not be undone.
 */
import { isWithdrawn } from '../../domain/access/withdrawn.ts';
import { type AnyDocument, type Entity, allFields } from '../../domain/entity/entity.ts';
import type { Field } from '../../domain/entity/field.ts';
import type { Problem } from '../../domain/entity/problem.ts';
import {
  type Actor,
  type Decision,
  type Dependents,
  type Draft,
  type Moment,
  type Rejection,
  changeRecord,
  createRecord,
  deleteRecord,
  restoreRecord,
} from '../../domain/record/record.commands.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { permitted } from '../../domain/record/permitted.ts';
import { awaitsNumber, notOwnNumber, numberOf, seriesFor } from '../../domain/record/series.ts';
import { CommitFault, commit, plain, storedStates } from './commit.ts';
import type { Desk } from './desk.ts';
import { newId, newWriteId } from './ids.ts';
import { lookOnDesk } from './looks.ts';
import { FREE_SPACE, isFull } from './room.ts';
import { takeNumber } from './series.ts';

export interface Command {
  readonly collection: string;
  readonly command: 'create' | 'change' | 'delete' | 'restore';
  /** Required but for create, which makes one. */
  readonly id?: string;
  /** create: the fields of the new record. change: only the keys that the user changed; undefined empties a field. */
  readonly draft?: Draft;
  /** The content was sent before and comes back to be sent again: the number in it is its own. */
  readonly again?: true;
}
export type SubmitResult =
  | { readonly ok: true; readonly document: AnyDocument; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly rejection: Rejection };

const rejected = (code: string, message: string): Decision => ({ ok: false, rejection: { code, message, problems: [] } });

interface ProtectedRef {
  readonly collection: string;
  readonly label: string;
  readonly labels: string;
  readonly field: string;
  readonly many: boolean;
}
const protects = (f: Field, collection: string): boolean =>
  (f.kind === 'ref' || f.kind === 'refs') && f.to === collection && f.onDelete === 'protect';

/** Fields of all nouns that keep a record of this collection from being deleted. References inside lines are not held. */
const protectedRefs = (entities: readonly Entity[], collection: string): ProtectedRef[] =>
  entities.flatMap((entity) =>
    Object.entries(allFields(entity))
      .filter(([, f]) => protects(f, collection))
      .map(([field, f]) => ({
        collection: entity.collection,
        label: entity.label.toLowerCase(),
        labels: entity.labels.toLowerCase(),
        field,
        many: f.kind === 'refs',
      })),
  );

/** How many live records of each noun hold this one. Counted by index where the entity has one. */
export async function dependentsOf(desk: Desk, collection: string, id: string): Promise<Dependents[]> {
  const refs = protectedRefs(
    desk.nouns.map((noun) => noun.entity),
    collection,
  );
  const counted = await Promise.all(
    refs.map(async ({ collection: child, label, labels, field, many }) => {
      const selector = many ? { [field]: { $elemMatch: { $eq: id } } } : { [field]: { $eq: id } };
      return { label, labels, count: await desk.collection(child).count({ selector }).exec() };
    }),
  );
  // A child may point at the record by two of its fields; the larger count never counts one child twice.
  const most = new Map<string, Dependents>();
  for (const one of counted) if (one.count >= (most.get(one.label)?.count ?? 0)) most.set(one.label, one);
  return [...most.values()];
}

type Stored = Parameters<typeof plain>[0];

async function decide(
  desk: Desk,
  command: Command,
  id: string,
  { asOf, ...moment }: Moment & { readonly asOf?: string },
): Promise<Decision> {
  const noun = desk.noun(command.collection);
  const kept = (await storedStates(desk, command.collection, [id])).get(id);
  const stored = kept && !isWithdrawn(kept) ? kept : undefined;
  const decision = await decideOn(desk, command, id, moment, stored);
  const { actor, company } = moment;
  const tombstone = command.command === 'restore' && stored ? plain(stored) : undefined;
  const around = await surroundings(desk, noun, decision, tombstone, asOf);
  return permitted(noun, decision, actor, {
    ...(company ? { company } : {}),
    ...(tombstone ? { tombstone } : {}),
    ...(around ? { around } : {}),
  });
}

/** What the approvals of this noun look at, as far as this device holds it. */
async function surroundings(desk: Desk, { looks }: Noun, decision: Decision, tombstone: AnyDocument | undefined, asOf: string | undefined) {
  if (!looks || !decision.ok || decision.change.deleted) return undefined;
  const { after, before = tombstone } = decision.change;
  return lookOnDesk(desk, (around) => looks(after, before, around), asOf);
}

async function decideOn(desk: Desk, command: Command, id: string, moment: Moment, stored: Stored | undefined): Promise<Decision> {
  const noun = desk.noun(command.collection);
  const live = stored && !stored._deleted ? plain(stored) : undefined;
  const label = noun.entity.label;
  switch (command.command) {
    case 'create':
      return live
        ? rejected('exists', `${label} was saved already; open it to change it.`)
        : createRecord(noun, id, command.draft ?? {}, moment);
    case 'restore':
      if (live) return rejected('not_deleted', `${label} is not deleted, so there is nothing to restore.`);
      return stored ? restoreRecord(noun, plain(stored), moment) : rejected('not_found', `${label} is not on this device.`);
    case 'change':
    case 'delete':
      if (!live)
        return rejected(
          'not_found',
          stored ? `${label} was deleted in the meantime; restore it from the trash first.` : `${label} is not on this device.`,
        );
      return command.command === 'change'
        ? changeRecord(noun, live, command.draft ?? {}, moment)
        : deleteRecord(noun, live, await dependentsOf(desk, command.collection, id), moment);
  }
}

/** Numbers of a series are given, not typed: a number that is typed could be the one that another device gives next. */
async function refuseTyped(desk: Desk, command: Command, decision: Decision): Promise<Decision> {
  if (!decision.ok || command.again || (command.command !== 'create' && command.command !== 'change')) return decision;
  const noun = desk.noun(command.collection);
  const { after } = decision.change;
  const { numbers } = desk.company.get();
  const own = numberOf(noun, after, numbers);
  if (!own || command.draft?.[own.series.field] === undefined) return decision;
  const stored = (await storedStates(desk, command.collection, [after.id])).get(after.id);
  const before = stored && numberOf(noun, stored, numbers);
  if (before?.series === own.series && before.n === own.n) return decision;
  const problem = notOwnNumber(own.series, String(command.draft[own.series.field]), 'not_leased');
  return { ok: false, rejection: { code: 'invalid', message: problem.message, problems: [problem] } };
}

/** A new record gets the next number of its series, where this device holds one; else its number follows from the server. */
async function numbered(desk: Desk, command: Command, decision: Decision): Promise<Command> {
  const noun = desk.noun(command.collection);
  const series = command.command === 'create' && decision.ok ? seriesFor(noun, decision.change.after) : undefined;
  if (!series || !decision.ok || !awaitsNumber(noun, decision.change.after)) return command;
  const isBorne = async (number: string): Promise<boolean> =>
    (await desk
      .collection(command.collection)
      .count({ selector: { [series.field]: { $eq: number } } })
      .exec()) > 0;
  let number = await takeNumber(desk, series);
  // After the profile of this device was put back to an earlier state, its blocks are behind its records.
  while (number !== undefined && (await isBorne(number))) number = await takeNumber(desk, series);
  return number === undefined ? command : { ...command, again: true, draft: { ...command.draft, [series.field]: number } };
}

/** Rounds of decide and commit when another window or the sync writes the same record in between. */
const ROUNDS = 3;

const undone: Record<Command['command'], string> = {
  create: 'was not saved',
  change: 'was not saved; the record is as it was before',
  delete: 'was not deleted',
  restore: 'was not restored',
};

/**
 * Runs a command. A rejection is an answer, not an exception; it carries the problems by field. A full device is one too. `asOf`:
 * until when this device knew everything, ISO; goes with a change that was judged by what others had written.
 */
export async function submit(desk: Desk, command: Command, actor: Actor, asOf?: string): Promise<SubmitResult> {
  try {
    return await decideAndCommit(desk, command, actor, asOf);
  } catch (error) {
    if (!isFull(error)) throw error;
    const { label } = desk.noun(command.collection).entity;
    const message = `${label} ${undone[command.command]}, because this device is full. What you typed stays here while this window is open. ${FREE_SPACE}`;
    return { ok: false, rejection: { code: 'no_room', message, problems: [] } };
  }
}

async function decideAndCommit(desk: Desk, command: Command, actor: Actor, asOf: string | undefined): Promise<SubmitResult> {
  const id = command.id ?? (command.command === 'create' ? newId() : undefined);
  if (id === undefined) throw new Error(`${command.command} needs an id`);
  let own = command;
  for (let round = 0; round < ROUNDS; round += 1) {
    const knowing = asOf === undefined ? {} : { asOf };
    const moment = { actor, now: new Date().toISOString(), w: newWriteId(desk.deviceId), company: desk.company.get(), ...knowing };
    let decision = await refuseTyped(desk, own, await decide(desk, own, id, moment));
    const more = await numbered(desk, own, decision);
    if (more !== own) {
      own = more;
      decision = await decide(desk, own, id, moment);
    }
    if (!decision.ok) return decision;
    try {
      return { ok: true, document: await commit(desk, decision.change), warnings: decision.warnings };
    } catch (error) {
      if (!(error instanceof CommitFault)) throw error;
    }
  }
  const { label } = desk.noun(command.collection).entity;
  return { ok: false, rejection: { code: 'busy', message: `${label} is being changed elsewhere right now; try again.`, problems: [] } };
}
