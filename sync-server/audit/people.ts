/** What a person may ask for: everything about them, and to be forgotten. The seal of the audit holds through both. */
import type { Entity } from '../../domain/entity/entity.ts';
import { personalFields } from '../../domain/record/personal.ts';
import type { By } from '../auth/devices.ts';
import { type EntryCount, type Person, countEntries, forgetEntries, unsealedOf } from '../db/audit-forget.ts';
import { type Database, LockTimeout, type Runner } from '../db/database.ts';
import { holdsOnPerson, lockHolds } from '../db/holds.ts';
import { allAbout, isDisabled, stripAccount, stripAside } from '../db/people.ts';
import { securityEvent } from '../db/security-events.ts';

interface Asking {
  readonly by: By;
  readonly at: Date;
  readonly reason: string;
}

const whoOf = (person: Person): { readonly account?: string; readonly collection?: string; readonly id?: string } =>
  'account' in person ? { account: person.account } : { collection: person.collection, id: person.id };

/** JSON in lines, made while it is read; undefined when there is no such account. That somebody asked is written down before the first line. */
export async function exportPerson(db: Database, person: Person, { by, at, reason }: Asking): Promise<AsyncIterable<string> | undefined> {
  if ('account' in person && (await isDisabled(db, person.account)) === undefined) return undefined;
  const details = whoOf(person);
  await securityEvent(db, { kind: 'person_exported', who: by, device: by.device, address: by.address, at, reason, details });
  return linesOf(db, person, at);
}

async function* linesOf(runner: Runner, person: Person, at: Date): AsyncGenerator<string> {
  yield `{"person":${JSON.stringify(whoOf(person))},\n"at":${JSON.stringify(at.toISOString())}`;
  for await (const [table, rows] of allAbout(runner, person)) {
    yield `,\n"${table}":[`;
    let between = '\n';
    for await (const row of rows) {
      yield between + JSON.stringify(row);
      between = ',\n';
    }
    yield ']';
  }
  yield '}\n';
}

type Obstacle =
  | { readonly kind: 'unknown' }
  /** The account still lets somebody in. */
  | { readonly kind: 'not_disabled' }
  /** This many entries are not sealed yet; the sealer comes to them within seconds. */
  | { readonly kind: 'not_sealed'; readonly entries: number }
  /** Legal holds stand in the way; their numbers. */
  | { readonly kind: 'held'; readonly holds: readonly number[] }
  /** Records of this collection tell of nobody. */
  | { readonly kind: 'not_personal' };
export type Forgotten =
  | ({ readonly kind: 'forgotten' } & EntryCount)
  /** Somebody else is being forgotten, or holds are being changed, for longer than anybody should wait. */
  | { readonly kind: 'busy' }
  | Obstacle;
export type Forgettable = ({ readonly kind: 'forgettable' } & EntryCount) | Obstacle;

const keysOf = (entities: readonly Entity[], person: Person): readonly string[] =>
  'account' in person ? [] : (personalFields(entities)[person.collection] ?? []);

/** What stands in the way, undefined for nothing. Within a transaction that has locked the holds it stays so. */
async function obstacleTo(runner: Runner, entities: readonly Entity[], person: Person): Promise<Obstacle | undefined> {
  if ('account' in person) {
    const disabled = await isDisabled(runner, person.account);
    if (disabled === undefined) return { kind: 'unknown' };
    if (!disabled) return { kind: 'not_disabled' };
  } else if (keysOf(entities, person).length === 0) return { kind: 'not_personal' };
  const holds = await holdsOnPerson(runner, person);
  if (holds.length > 0) return { kind: 'held', holds };
  const open = await unsealedOf(runner, person);
  return open > 0 ? { kind: 'not_sealed', entries: open } : undefined;
}

/** What forgetting somebody would change now, or what stands in the way. Changes nothing. */
export const tryForgetting = async (db: Database, entities: readonly Entity[], person: Person): Promise<Forgettable> =>
  (await obstacleTo(db, entities, person)) ?? { kind: 'forgettable', ...(await countEntries(db, person)) };

/**
 * Of an account: its name, addresses and devices in the account and in every entry. Of a record: the personal fields in every
 * entry; the record itself is changed by whoever keeps it, first.
 */
export async function forgetPerson(
  db: Database,
  entities: readonly Entity[],
  person: Person,
  { by, at, reason }: Asking,
): Promise<Forgotten> {
  const work = async (runner: Runner): Promise<Forgotten> => {
    await lockHolds(runner);
    const obstacle = await obstacleTo(runner, entities, person);
    if (obstacle) return obstacle;
    const { entries, events } = await forgetEntries(runner, person);
    if ('account' in person) await stripAccount(runner, person.account);
    else await stripAside(runner, person.collection, person.id, keysOf(entities, person));
    const details = { ...whoOf(person), entries, events };
    await securityEvent(runner, { kind: 'person_forgotten', who: by, device: by.device, address: by.address, at, reason, details });
    return { kind: 'forgotten', entries, events };
  };
  return db.transaction(work).catch((cause: unknown) => {
    if (cause instanceof LockTimeout) return { kind: 'busy' } as const;
    throw cause;
  });
}
