/** What a person may ask for: everything about them, and to be forgotten. The seal of the audit holds through both. */
import type { Entity } from '../../domain/entity/entity.ts';
import { type Person, forgetEntries, unsealedOf } from '../db/audit-forget.ts';
import type { Database } from '../db/database.ts';
import { holdsOnPerson, lockHolds } from '../db/holds.ts';
import { allAbout, isDisabled, stripAccount, stripAside } from '../db/people.ts';
import { securityEvent } from '../db/security-events.ts';
import { personalFields } from './personal.ts';

export interface Asker {
  readonly id: string;
  readonly name: string;
  readonly device: string;
  readonly address: string;
}
interface Asking {
  readonly by: Asker;
  readonly at: Date;
  readonly reason: string;
}

const whoOf = (person: Person): { readonly account?: string; readonly collection?: string; readonly id?: string } =>
  'account' in person ? { account: person.account } : { collection: person.collection, id: person.id };

export async function exportPerson(db: Database, person: Person, { by, at, reason }: Asking): Promise<Readonly<Record<string, unknown>>> {
  return db.transaction(async (runner) => {
    await securityEvent(runner, {
      kind: 'person_exported',
      who: by,
      device: by.device,
      address: by.address,
      at,
      reason,
      details: whoOf(person),
    });
    return { person: whoOf(person), at: at.toISOString(), ...(await allAbout(runner, person)) };
  });
}

export type Forgotten =
  | { readonly kind: 'forgotten'; readonly entries: number; readonly events: number }
  | { readonly kind: 'unknown' }
  /** The account still lets somebody in. */
  | { readonly kind: 'not_disabled' }
  /** This many entries are not sealed yet; the sealer comes to them within seconds. */
  | { readonly kind: 'not_sealed'; readonly entries: number }
  /** Legal holds stand in the way; their numbers. */
  | { readonly kind: 'held'; readonly holds: readonly number[] }
  /** Records of this collection tell of nobody. */
  | { readonly kind: 'not_personal' };

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
  const keys = 'account' in person ? [] : (personalFields(entities)[person.collection] ?? []);
  if (!('account' in person) && keys.length === 0) return { kind: 'not_personal' };
  return db.transaction(async (runner) => {
    if ('account' in person) {
      const disabled = await isDisabled(runner, person.account);
      if (disabled === undefined) return { kind: 'unknown' };
      if (!disabled) return { kind: 'not_disabled' };
    }
    await lockHolds(runner);
    const holds = await holdsOnPerson(runner, person);
    if (holds.length > 0) return { kind: 'held', holds };
    const open = await unsealedOf(runner, person);
    if (open > 0) return { kind: 'not_sealed', entries: open };
    const { entries, events } = await forgetEntries(runner, person);
    if ('account' in person) await stripAccount(runner, person.account);
    else await stripAside(runner, person.collection, person.id, keys);
    const details = { ...whoOf(person), entries, events };
    await securityEvent(runner, { kind: 'person_forgotten', who: by, device: by.device, address: by.address, at, reason, details });
    return { kind: 'forgotten', entries, events };
  });
}
