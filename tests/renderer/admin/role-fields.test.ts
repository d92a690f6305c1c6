import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { locksOf } from '../../../domain/access/locks.ts';
import { ALL } from '../../../domain/access/condition.ts';
import { type Grant, rightsOf } from '../../../domain/access/rights.ts';
import { seedRoles } from '../../../domain/access/seeds.ts';
import type { AnyDocument, Entity } from '../../../domain/entity/entity.ts';
import { nouns } from '../../../domain/registry.ts';
import { fieldChanges, fieldLines, fieldsInShort, settable, statesIn, withState } from '../../../renderer/admin/role-fields.ts';

const entityOf = (collection: string): Entity => {
  const noun = nouns.find(({ entity }) => entity.collection === collection);
  if (!noun) throw new Error(`no ${collection}`);
  return noun.entity;
};
const seed = (name: string): readonly Grant[] => seedRoles.find((role) => role.name === name)?.grants ?? [];
const [lots, orders, parties] = [entityOf('lots'), entityOf('orders'), entityOf('parties')];
const lineAt = (grants: readonly Grant[], entity: Entity, path: string) => fieldLines(grants, entity).find((line) => line.path === path);

describe('what a role may do with fields', () => {
  test('is read off its grants', () => {
    const field = seed('field');
    expect(statesIn(field, lots).of('cost')).toBe('hidden');
    expect(statesIn(field, lots).of('notes')).toBe('change');
    expect(statesIn(field, parties).of('name')).toBe('see');
    expect(statesIn(seed('broker'), orders).of('lines.amount')).toBe('see');
    expect(fieldsInShort(field, lots)).toBe('5 hidden');
    expect(fieldsInShort(seed('broker'), orders)).toBe('All');
    expect(fieldsInShort(seed('field'), entityOf('commissions'))).toBe('');
    // What one update names, another leaves open for other records.
    expect(statesIn(seed('broker'), entityOf('activities')).of('done')).toBe('change');
    expect(statesIn(seed('broker'), entityOf('activities')).of('subject')).toBe('mixed');
  });

  test('what gives an amount its meaning goes with it, there and back', () => {
    const hidden = withState(seed('broker'), orders, 'lines.price', 'hidden');
    expect(statesIn(hidden, orders).of('lines.priceUnit')).toBe('hidden');
    expect(statesIn(hidden, orders).of('lines.note')).toBe('change');
    expect(fieldChanges(seed('broker'), withState(hidden, orders, 'lines.priceUnit', 'change'), orders)).toEqual([]);
  });

  test('only what can hold is offered', () => {
    const broker = seed('broker');
    // No record is without it.
    expect(lineAt(broker, parties, 'name')?.offered).toEqual(['change', 'see']);
    // Computed: nobody changes it.
    expect(lineAt(broker, orders, 'totalAmount')?.offered).toEqual(['see', 'hidden']);
    // A role that changes nothing of the kind.
    expect(lineAt(seed('field'), parties, 'notes')?.offered).toEqual(['see', 'hidden']);
    // A role that sees every kind.
    expect(lineAt(seed('admin'), lots, 'notes')?.offered).toEqual(['change', 'see', 'hidden']);
    const limited = withState(seed('admin'), lots, 'cost', 'hidden');
    expect(limited.find(({ permission }) => permission === '*:read')?.without).toEqual(['lots:cost', 'lots:costUnit']);
    expect([fieldsInShort(limited, lots), fieldsInShort(limited, orders)]).toEqual(['2 hidden', 'All']);
    expect(withState(limited, lots, 'cost', 'see')).toEqual(seed('admin'));
    // A part of a list that is hidden as a whole.
    expect(lineAt(withState(broker, orders, 'charges', 'hidden'), orders, 'charges.amount')?.offered).toEqual(['hidden']);
    // A list that an update does not name is not opened by one of its parts.
    const named: readonly Grant[] = [
      { permission: 'orders:read', when: ALL },
      { permission: 'orders:update', when: ALL, fields: ['notes'] },
    ];
    expect(lineAt(named, orders, 'lines.note')?.offered).toEqual(['see', 'hidden']);
    expect(withState(named, orders, 'stage', 'change')[1]?.fields).toEqual(['notes', 'stage']);
  });

  test('a name that may not be changed is locked in the form, and still seen', () => {
    const grants = withState(seed('broker'), parties, 'name', 'see');
    const rights = rightsOf(grants, { accountId: 'me', desks: ['d'] });
    const record = { id: 'p', w: 'w', status: 'active', name: 'High Plains', deskId: 'd', ownerId: 'me' } as unknown as AnyDocument;
    const locks = locksOf(rights, parties, record);
    expect([locks.isHidden('name'), locks.reason('name')]).toEqual([false, 'Your role does not allow you to change "Name".']);
    expect(locks.reason('notes')).toBeUndefined();
    expect(locksOf(rights, parties, undefined).reason('name')).toBeUndefined();
  });

  test('whatever is chosen holds, and nothing else of the role is touched', () => {
    const choice = fc.record({ at: fc.nat(), state: fc.constantFrom(...settable) });
    fc.assert(
      fc.property(
        fc.constantFrom(...seedRoles),
        fc.constantFrom(...nouns),
        fc.array(choice, { maxLength: 6 }),
        (role, { entity }, choices) => {
          let grants = role.grants;
          for (const { at, state } of choices) {
            const lines = fieldLines(grants, entity);
            const line = lines[at % lines.length];
            if (!line?.offered.includes(state)) continue;
            grants = withState(grants, entity, line.path, state);
            expect(statesIn(grants, entity).of(line.path)).toBe(state);
          }
          const bare = (all: readonly Grant[]) => all.map(({ permission, when }) => ({ permission, when }));
          expect(bare(grants)).toEqual(bare(role.grants));
          const others = (all: readonly Grant[]) =>
            nouns.filter((noun) => noun.entity !== entity).map((noun) => fieldLines(all, noun.entity).map(({ state }) => state));
          expect(others(grants)).toEqual(others(role.grants));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a change of fields in words', () => {
  test('names what is hidden, only seen, and open', () => {
    const broker = seed('broker');
    expect(fieldChanges(broker, withState(broker, lots, 'notes', 'see'), lots)).toEqual(['They may see Notes of lots, and not change it.']);
    const hidden = withState(broker, orders, 'charges', 'hidden');
    expect(fieldChanges(broker, hidden, orders)).toEqual([
      'They may no longer see Charges of orders, which leaves their devices.',
      // Whoever changed it would change amounts that are not seen.
      'They may see Currency, Exchange rate of orders, and not change it.',
    ]);
    expect(fieldChanges(hidden, broker, orders)).toEqual(['They may see and change Currency, Exchange rate, Charges of orders.']);
    expect(fieldChanges(broker, hidden, lots)).toEqual([]);
  });

  test('says nothing of a kind that is not seen any more, or only not changed any more', () => {
    const broker = seed('broker');
    const without = (...actions: readonly string[]) => broker.filter(({ permission }) => !actions.includes(permission));
    expect(fieldChanges(broker, without('orders:read'), orders)).toEqual([]);
    expect(fieldChanges(broker, without('orders:update', 'orders:create'), orders)).toEqual([]);
  });
});
