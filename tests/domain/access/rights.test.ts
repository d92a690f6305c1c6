import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fieldPaths, mayBeHidden } from '../../../domain/access/field-limits.ts';
import { isWithin } from '../../../domain/access/condition.ts';
import { type Grant, type Rights, deniedWrite, firstBeyond, mayRead, readGrants, rightsOf } from '../../../domain/access/rights.ts';
import { listPermissions } from '../../../domain/access/permissions.ts';
import { seedRoles } from '../../../domain/access/seeds.ts';
import { isWithdrawn, withdrawnStub } from '../../../domain/access/withdrawn.ts';
import { type AnyDocument, allFields } from '../../../domain/entity/entity.ts';
import { nouns, nounOf } from '../../../domain/registry.ts';

const viewer = { accountId: 'me', desks: ['east', 'west'] };
const rights = (role: string): Rights => rightsOf(seedRoles.find(({ name }) => name === role)?.grants ?? [], viewer);
const at = (deskId: string, more: Record<string, unknown> = {}): AnyDocument =>
  ({ deskId, ownerId: 'other', ...more }) as unknown as AnyDocument;
const live = (doc: AnyDocument) => ({ doc, deleted: false });
const orders = nounOf('orders')?.entity;
if (!orders) throw new Error('there are no orders');

/** What each role may do to a record of its own desk and to one of another desk: letters of read, create, update, delete. */
const may = (role: string, collection: string, document: AnyDocument): string =>
  (['read', 'create', 'update', 'delete'] as const)
    .map((action) => (isWithin(rights(role).scope(collection, action), document) ? action[0] : '-'))
    .join('');

test('[SYN-7] every grant of the seeds is understood, and names collections that exist', () => {
  const known: ReadonlySet<string> = new Set(listPermissions(nouns.map(({ entity }) => entity.collection)));
  for (const { grants } of seedRoles) {
    expect(readGrants(JSON.parse(JSON.stringify(grants)))).toEqual(JSON.parse(JSON.stringify(grants)));
    for (const { permission, fields = [] } of grants) {
      const collection = permission.split(':')[0] ?? '';
      expect(known).toContain(permission);
      const entity = nounOf(collection)?.entity;
      for (const field of fields) expect(Object.keys(entity ? allFields(entity) : {})).toContain(field);
    }
  }
});

describe('[SYN-7] what the roles may do (read, create, update, delete)', () => {
  test.each([
    ['admin', 'orders', 'rcud', 'rcud'],
    ['manager', 'commissions', 'rcud', 'rcud'],
    ['broker', 'parties', 'rcud', 'rcud'],
    ['broker', 'orders', 'rcud', '----'],
    ['broker', 'events', 'rc--', '----'],
    ['broker', 'commissions', 'rcud', '----'],
    ['logistics', 'orders', 'rcu-', '----'],
    ['logistics', 'commissions', 'r---', '----'],
    ['accounting', 'orders', 'r-u-', 'r-u-'],
    ['accounting', 'receivables', 'rcud', 'rcud'],
    ['accounting', 'products', 'r---', 'r---'],
    ['field', 'orders', 'r-u-', '----'],
    ['field', 'receivables', '----', '----'],
    ['field', 'commissions', '----', '----'],
    ['field', 'locations', 'rcu-', 'rcu-'],
    ['read_only', 'orders', 'r---', 'r---'],
    ['read_only', 'parties', 'r---', 'r---'],
    ['nobody', 'parties', '----', '----'],
  ])('%s of %s: own desk %s, another desk %s', (role, collection, own, other) => {
    expect(may(role, collection, at('west'))).toBe(own);
    expect(may(role, collection, at('north'))).toBe(other);
  });

  test('the field sees claims of its desk and no other receivable', () => {
    expect(may('field', 'receivables', at('east', { kind: 'claim' }))).toBe('rcu-');
    expect(may('field', 'receivables', at('east', { kind: 'invoice' }))).toBe('----');
  });

  test('a record that one owns is seen at whatever desk it is', () => {
    expect(may('broker', 'orders', at('north', { ownerId: 'me' }))).toBe('rcud');
  });

  test.each(['broker', 'accounting', 'read_only', 'field', 'logistics'])(
    '%s sees refusals and clashes addressed to others never',
    (role) => {
      for (const kind of ['refusal', 'clash']) {
        expect(mayRead(rights(role), 'activities', at('east', { kind, assignedTo: 'other', ownerId: 'me' }))).toBe(false);
        expect(mayRead(rights(role), 'activities', at('north', { kind, assignedTo: 'me' }))).toBe(true);
      }
      expect(mayRead(rights('manager'), 'activities', at('east', { kind: 'clash', assignedTo: 'other' }))).toBe(true);
    },
  );
});

describe('[SYN-7] what a change is judged by', () => {
  test('both states: a record moves where both desks are within reach', () => {
    const broker = rights('broker');
    expect(deniedWrite(broker, orders, live(at('east')), live(at('west')))).toBeUndefined();
    expect(deniedWrite(broker, orders, live(at('east')), live(at('north')))).toMatchObject({ code: 'not_permitted', field: 'deskId' });
    expect(deniedWrite(broker, orders, live(at('north')), live(at('east')))).toMatchObject({ code: 'not_permitted' });
  });

  test('a new record lies within reach of whoever makes it', () => {
    expect(deniedWrite(rights('broker'), orders, undefined, live(at('north')))).toMatchObject({ code: 'not_permitted', field: 'deskId' });
    expect(deniedWrite(rights('broker'), orders, undefined, live(at('east')))).toBeUndefined();
    const blind = rightsOf([{ permission: 'orders:create', when: { is: 'all' } }], viewer);
    expect(deniedWrite(blind, orders, undefined, live(at('east')))).toMatchObject({ code: 'not_visible_afterwards', field: 'deskId' });
  });

  test('deleting and restoring each need their own permission', () => {
    const deleted = { doc: at('east'), deleted: true };
    expect(deniedWrite(rights('logistics'), orders, live(at('east')), deleted)).toMatchObject({ code: 'not_permitted' });
    expect(deniedWrite(rights('logistics'), orders, deleted, live(at('east')))?.message).toMatch(/allow you to restore orders/);
    expect(deniedWrite(rights('broker'), orders, deleted, live(at('east')))).toBeUndefined();
    expect(deniedWrite(rights('broker'), orders, deleted, live(at('north')))).toMatchObject({ code: 'not_permitted', field: 'deskId' });
    const onlyRestore = rightsOf([{ permission: 'orders:restore', when: { is: 'all' } }], viewer);
    expect(deniedWrite(onlyRestore, orders, deleted, live(at('east')))).toBeUndefined();
    expect(deniedWrite(onlyRestore, orders, deleted, live(at('east', { notes: 'more' })))).toMatchObject({ code: 'not_permitted' });
    expect(deniedWrite(rights('broker'), orders, live(at('east')), deleted)).toBeUndefined();
  });

  test('fields: only those that a grant names, and what the server computes does not count', () => {
    const notes: Grant = { permission: 'orders:update', when: { is: 'all' }, fields: ['notes'] };
    const some = rightsOf([notes], viewer);
    const before = at('east', { notes: 'a', number: '1', totalCases: 1, w: '1' });
    expect(deniedWrite(some, orders, live(before), live({ ...before, notes: 'b', totalCases: 2, w: '2' }))).toBeUndefined();
    expect(deniedWrite(some, orders, live(before), live({ ...before, number: '2' }))).toMatchObject({
      code: 'field_not_permitted',
      field: 'number',
    });
    const more = rightsOf([notes, { ...notes, fields: ['number'] }], viewer);
    expect(deniedWrite(more, orders, live(before), live({ ...before, number: '2', notes: 'c' }))).toBeUndefined();
  });

  test('whoever may not import writes nothing that an import has made, and may edit what one made before', () => {
    const logistics = rights('logistics');
    expect(deniedWrite(logistics, orders, undefined, live(at('east', { importId: 'i1' })))?.message).toMatch(/allow you to import orders/);
    expect(deniedWrite(logistics, orders, live(at('east')), live(at('east', { importId: 'i1' })))).toMatchObject({ code: 'not_permitted' });
    const imported = at('east', { importId: 'i1' });
    expect(deniedWrite(logistics, orders, live(imported), live({ ...imported, notes: 'x' }))).toBeUndefined();
    expect(deniedWrite(rights('broker'), orders, undefined, live(at('east', { importId: 'i1' })))).toBeUndefined();
  });

  test('whoever has no right is told so, with a way out', () => {
    const problem = deniedWrite(rights('read_only'), orders, live(at('east')), live(at('east', { notes: 'x' })));
    expect(problem?.message).toMatch(/Your role does not allow you to change orders\. Discard the change, or ask an administrator/);
  });
});

test('[SYN-7] a stub holds nothing of a record but its id', () => {
  for (const { entity } of nouns) {
    const stub = withdrawnStub(entity, 'some-id', 7);
    expect(isWithdrawn(stub)).toBe(true);
    expect(stub).toMatchObject({ id: 'some-id', w: 'withdrawn:7', _deleted: true });
    for (const [key, f] of Object.entries(allFields(entity))) expect(Object.hasOwn(stub, key)).toBe(f.present);
  }
  expect(isWithdrawn({ w: 'refused-x' })).toBe(false);
});

describe('[SYN-7] nobody gives what is not the own', () => {
  const grant = (permission: Grant['permission'], more: Partial<Grant> = {}): Grant => ({ permission, when: { is: 'all' }, ...more });
  const desk = { when: { is: 'my_desks', field: 'deskId' } } as const;
  test.each<[string, Grant[], Grant, boolean]>([
    ['the same', [grant('orders:read')], grant('orders:read'), true],
    ['another collection', [grant('orders:read')], grant('lots:read'), false],
    ['another action', [grant('orders:read')], grant('orders:update'), false],
    ['one of all collections', [grant('*:read')], grant('orders:read'), true],
    ['all collections by one', [grant('orders:read')], grant('*:read'), false],
    ['narrower by a condition', [grant('orders:read')], grant('orders:read', desk), true],
    ['the same condition', [grant('orders:read', desk)], grant('orders:read', desk), true],
    ['wider than a condition', [grant('orders:read', desk)], grant('orders:read'), false],
    ['fewer fields', [grant('orders:update')], grant('orders:update', { fields: ['notes'] }), true],
    ['more fields', [grant('orders:update', { fields: ['notes'] })], grant('orders:update', { fields: ['notes', 'number'] }), false],
    ['all fields by some', [grant('orders:update', { fields: ['notes'] })], grant('orders:update'), false],
    ['of the company', [grant('*:read')], grant('roles:read'), false],
    ['of the company, had', [grant('roles:read')], grant('roles:read'), true],
    ['an approval by all records', [grant('*:update')], grant('orders:approve_credit'), false],
  ])('%s', (_, own, given, allowed) => {
    expect(firstBeyond(rightsOf(own, viewer), [given])).toEqual(allowed ? undefined : given);
  });
});

test('[SYN-7] company permissions take no condition, and no wildcard gives them', () => {
  const { may, scope } = rightsOf(
    [
      { permission: 'roles:update', when: { is: 'none' } },
      { permission: 'audit:read', when: { is: 'all' } },
      { permission: '*:update', when: { is: 'all' } },
    ],
    viewer,
  );
  expect([may('roles:update'), may('audit:read'), may('settings:update')]).toEqual([false, true, false]);
  expect([scope('orders', 'read'), scope('orders', 'update')]).toEqual([{ is: 'none' }, { is: 'all' }]);
});

describe('[SYN-7] a grant over every kind', () => {
  const paths = nouns.flatMap(({ entity }) =>
    fieldPaths(entity)
      .filter((path) => mayBeHidden(entity, path))
      .map((path) => `${entity.collection}:${path}`),
  );
  const actions = ['read', 'create', 'update'] as const;
  const when = fc.constantFrom<Grant['when']>({ is: 'all' }, { is: 'my_desks', field: 'deskId' }, { is: 'mine', field: 'ownerId' });
  const every = fc.record({ action: fc.constantFrom(...actions), when, without: fc.subarray(paths, { maxLength: 12 }) });

  test('is the same as one for each kind, each without what is left out of it', () => {
    fc.assert(
      fc.property(fc.array(every, { minLength: 1, maxLength: 4 }), fc.constantFrom(...nouns), (written, { entity }) => {
        const short = rightsOf(
          written.map(({ action, ...rest }) => ({ permission: `*:${action}`, ...rest })),
          viewer,
        );
        const long = rightsOf(
          written.flatMap(({ action, when: where, without }) =>
            nouns.map(({ entity: { collection } }): Grant => {
              const own = without.filter((path) => path.startsWith(`${collection}:`)).map((path) => path.slice(collection.length + 1));
              return { permission: `${collection}:${action}`, when: where, ...(own.length === 0 ? {} : { without: own }) };
            }),
          ),
          viewer,
        );
        expect(short.views(entity)).toEqual(long.views(entity));
        for (const action of ['create', 'update'] as const) expect(short.writes(entity, action)).toEqual(long.writes(entity, action));
        for (const action of actions) expect(short.scope(entity.collection, action)).toEqual(long.scope(entity.collection, action));
      }),
      { numRuns: 100 },
    );
  });

  test('gives what it shows, and not what it leaves out', () => {
    const own = rightsOf([{ permission: '*:read', when: { is: 'all' }, without: ['lots:cost'] }], viewer);
    const beyond = (permission: Grant['permission'], without?: readonly string[]): boolean =>
      firstBeyond(own, [{ permission, when: { is: 'all' }, ...(without ? { without } : {}) }]) !== undefined;
    expect([beyond('orders:read'), beyond('lots:read', ['cost']), beyond('*:read', ['lots:cost', 'orders:notes'])]).toEqual([
      false,
      false,
      false,
    ]);
    expect([beyond('lots:read'), beyond('lots:read', ['notes']), beyond('*:read'), beyond('*:read', ['orders:cost'])]).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });
});
