/**
 * Every role, every collection, every action, every condition (own desk or another, own record or not, kind, addressee, what it
 * is about), through pull, stream, push and API of a real server on real Postgres. What is expected follows from the grants as
 * they are stored, by an oracle of its own (oracle.ts).
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isAdminPermission } from '../../../domain/access/permissions.ts';
import { type Role, readGrants } from '../../../domain/access/rights.ts';
import { nouns, nounOf } from '../../../domain/registry.ts';
import { isWithdrawn } from '../../../domain/access/withdrawn.ts';
import type { Entity } from '../../../domain/entity/entity.ts';
import type { DigestAnswer, WireDocument } from '../../../domain/protocol/protocol.ts';
import { accountByEmail, putAccount } from '../../../sync-server/db/accounts.ts';
import { listRoles, putRole } from '../../../sync-server/db/roles.ts';
import type { Server } from '../../../sync-server/server.ts';
import { type Client, type OpenStream, change, insert, openStream, openTestServer, signIn, until } from '../test-server.ts';
import { type Person, granted, mayCreate, mayDelete, mayImport, mayRestore, mayUpdate, mustLack } from './oracle.ts';
import { plainRoles, put, record } from './rights-kit.ts';

/** Roles beside those that come with Drover: conditions in conditions, nothing among nothing, several grants with other fields. */
const ours = { is: 'my_desks', field: 'deskId' } as const;
const mine = { is: 'mine', field: 'ownerId' } as const;
const strange: Role[] = [
  {
    name: 'strange_nots',
    label: 'Nots',
    grants: readGrants([
      {
        permission: '*:read',
        without: ['orders:notes', 'orders:lines.price', 'lots:cost'],
        when: {
          is: 'not',
          of: {
            is: 'and',
            of: [
              { is: 'not', of: ours },
              { is: 'not', of: mine },
            ],
          },
        },
      },
      { permission: 'parties:read', when: { is: 'not', of: { is: 'in', field: 'deskId', values: ['elsewhere'] } } },
      {
        permission: '*:update',
        without: ['lots:externalIds'],
        when: { is: 'and', of: [ours, { is: 'not', of: { is: 'or', of: [] } }] },
      },
      { permission: '*:create', when: { is: 'or', of: [mine, { is: 'in', field: 'deskId', values: [] }] } },
      { permission: '*:delete', when: { is: 'not', of: { is: 'not', of: mine } } },
      { permission: '*:restore', when: { is: 'not', of: { is: 'all' } } },
    ]),
  },
  {
    name: 'strange_fields',
    label: 'Fields',
    grants: readGrants([
      { permission: 'orders:read', when: { is: 'all' }, without: ['notes', 'charges', 'lines.price'] },
      { permission: 'orders:read', when: ours, without: ['charges', 'lines.price'] },
      { permission: 'orders:read', when: mine },
      { permission: 'orders:update', when: ours, without: ['externalIds', 'notes'] },
      { permission: 'orders:update', when: mine, fields: ['externalIds'] },
      { permission: 'lots:read', when: { is: 'all' }, without: ['cost', 'totalCost', 'stage'] },
      { permission: 'lots:update', when: { is: 'all' }, fields: ['status'] },
      { permission: 'lots:import', when: { is: 'all' } },
      { permission: 'activities:read', when: { is: 'in', field: 'kind', values: ['refusal'] } },
      { permission: 'commissions:restore', when: { is: 'all' } },
      { permission: 'commissions:read', when: { is: 'all' } },
    ]),
  },
  { name: 'strange_nothing', label: 'Nothing', grants: [] },
];

let server: Server;
let admin: Client;
const people: (Person & { readonly client: Client; readonly index: number })[] = [];
const streams = new Map<string, OpenStream>();
/** Everything that was written at the beginning, by collection and id, as it is stored. */
const stored = new Map<string, Map<string, WireDocument>>();
/** Cells that were looked at, by what was expected of them. */
const counted = new Map<string, { yes: number; no: number }>();
function cell(action: string, expected: boolean): void {
  const count = counted.get(action) ?? { yes: 0, no: 0 };
  count[expected ? 'yes' : 'no'] += 1;
  counted.set(action, count);
}

/** What a condition can look at, beside desk and owner. */
function variants(collection: string, who: Person): Record<string, unknown>[] {
  const both = (field: string, values: readonly unknown[]) => values.map((value) => ({ [field]: value }));
  if (collection === 'receivables') return both('kind', ['claim', 'invoice']);
  if (collection === 'attachments') return both('recordCollection', ['parties', 'orders']);
  if (collection === 'activities')
    return both('kind', ['note', 'refusal']).flatMap((kind) =>
      both('assignedTo', [who.id, 'someone']).flatMap((to) =>
        both('recordCollection', ['parties', 'orders']).map((about) => ({ ...kind, ...to, ...about })),
      ),
    );
  return [{}];
}
const values: Readonly<Record<string, Record<string, unknown>>> = {
  receivables: { name: 'bill 7', amount: 100, claimedAmount: 100, issuedOn: '2026-09-04' },
  lots: { cost: 12_345, costUnit: 'lb', boxingCost: 12_345, storageCost: 12_345, totalCost: 12_345, notes: 'seen' },
  orders: {
    notes: 'seen',
    lines: [
      {
        lineId: 'l1',
        description: 'Trim',
        price: 20_000,
        priceUnit: 'lb',
        netWeight: 100,
        referencePrice: 20_000,
        referencePriceUnit: 'lb',
      },
    ],
    charges: [{ lineId: 'c1', kind: 'fuel', amount: 500 }],
  },
};
/** A record of each condition for somebody: `prefix` makes the ids. */
function cases(prefix: string, { collection }: Entity, who: Person, index: number): WireDocument[] {
  const made = [who.desks[0], 'elsewhere'].flatMap((deskId) =>
    [who.id, 'someone'].flatMap((ownerId) => variants(collection, who).map((variant) => ({ deskId, ownerId, ...variant }))),
  );
  return made.map((fields, n) => {
    const id = `${prefix}-${index}-${n}`;
    // One profile for each account; every second person has the own one from the beginning, the others make it.
    const isOwn = n === 0 && (index % 2 === 0) === (prefix === 'm');
    const own = collection === 'profiles' ? { accountId: isOwn ? who.id : `nobody-${id}` } : {};
    return record(collection, id, { ...(collection === 'orders' ? { number: id } : {}), ...values[collection], ...fields, ...own });
  });
}
async function pushAll(client: Client, collection: string, rows: Parameters<Client['push']>[1]): Promise<WireDocument[]> {
  const answers: WireDocument[] = [];
  const version = nounOf(collection)?.entity.version ?? 0;
  for (let from = 0; from < rows.length; from += 400)
    answers.push(...(await client.push(collection, rows.slice(from, from + 400), version)));
  return answers;
}

beforeAll(async () => {
  server = await openTestServer();
  await plainRoles(server);
  for (const role of strange) await putRole(server.db, { ...role, edited: true });
  admin = await signIn(server, 'admin');
  const known = await accountByEmail(server.db, 'admin@drover.example');
  const roles = await listRoles(server.db);
  for (const [index, { name, label, grants }] of roles.entries()) {
    const id = `person-${name}`;
    const [local, deskId] = [`matrix-${name}`, `desk-${name}`];
    const account = { id, email: `${local}@drover.example`, name, role: name, deskId, passwordHash: known?.passwordHash ?? '' };
    await putAccount(server.db, account);
    await put(server, local, { desks: [deskId] });
    const client = await signIn(server, local);
    people.push({ id, desks: [deskId], role: { name, label, grants: readGrants(grants) }, client, index });
  }
  // What the others point at.
  await pushAll(
    admin,
    'parties',
    ['party-1', 'other-1'].map((id) => insert(record('parties', id, {}))),
  );
  await pushAll(
    admin,
    'products',
    ['product-1', 'other-1'].map((id) => insert(record('products', id, {}))),
  );
  const all = nouns.map(({ entity }) => `${entity.collection}:${entity.version}`).join(',');
  for (const { client, role } of people) streams.set(role.name, await openStream(client, `/sync/stream?collections=${all}`));
  for (const { entity } of nouns) {
    const rows = people.flatMap((who) => cases('m', entity, who, who.index));
    const answers = await pushAll(admin, entity.collection, rows.map(insert));
    const kept = (await admin.pullAll(entity.collection)).filter(({ id }) => id.startsWith('m-'));
    if (answers.length > 0 || kept.length !== rows.length)
      throw new Error(
        `of ${rows.length} ${entity.collection} ${kept.length} are stored; refused: ${answers.map(({ id }) => id).join(', ')}`,
      );
    stored.set(entity.collection, new Map(kept.map((one) => [one.id, one])));
  }
}, 120_000);
afterAll(async () => {
  for (const stream of streams.values()) stream.close();
  await server.close();
});

const keysOf = (document: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(document).flatMap(([key, value]) => [
    key,
    ...(Array.isArray(value)
      ? value.flatMap((row: unknown) => (typeof row === 'object' && row !== null ? Object.keys(row).map((inner) => `${key}.${inner}`) : []))
      : []),
  ]);
const isOurs = ({ id }: WireDocument): boolean => id.startsWith('m-');
/** What the person must be sent of a record, or undefined for nothing at all. */
const keysExpected = (who: Person, collection: string, whole: WireDocument): string[] | undefined => {
  if (!granted(who, collection, 'read', whole)) return undefined;
  const hidden = mustLack(who, collection, whole);
  const entity = nounOf(collection)?.entity;
  // Where the schema of the device wants a value there is an empty one.
  const gone = hidden.filter((path) => entity?.fields[path]?.present !== true);
  return keysOf(whole).filter((key) => !gone.includes(key) && !gone.includes(key.split('.')[0] ?? ''));
};
function expectSame(way: string, who: Person, collection: string, came: readonly WireDocument[]): void {
  const expected = new Map<string, string[]>();
  for (const [id, whole] of stored.get(collection) ?? []) {
    const keys = keysExpected(who, collection, whole);
    cell(way, keys !== undefined);
    if (keys) expected.set(id, [...new Set(keys)].sort());
  }
  const sent = new Map(came.filter((one) => isOurs(one) && !isWithdrawn(one)).map((one) => [one.id, [...new Set(keysOf(one))].sort()]));
  const said = (map: ReadonlyMap<string, string[]>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  expect([way, who.role.name, collection, said(sent)]).toEqual([way, who.role.name, collection, said(expected)]);
}

describe('[SYN-7] what each role is shown', () => {
  test('by pull, page by page', async () => {
    for (const who of people)
      for (const { entity } of nouns) expectSame('pull', who, entity.collection, await who.client.pullAll(entity.collection, 300));
  });

  test('by the live stream', async () => {
    for (const who of people) {
      const heard = (): WireDocument[] => (streams.get(who.role.name)?.frames ?? []).flatMap(({ documents }) => documents);
      const due = nouns.flatMap(({ entity }) =>
        [...(stored.get(entity.collection)?.values() ?? [])].filter((one) => granted(who, entity.collection, 'read', one)),
      );
      await until(() => new Set(heard().filter(isOurs)).size >= due.length, `${who.role.name} has heard of ${due.length} records`);
      for (const { entity } of nouns) {
        const frames = (streams.get(who.role.name)?.frames ?? []).filter(({ collection }) => collection === entity.collection);
        expectSame(
          'stream',
          who,
          entity.collection,
          frames.flatMap(({ documents }) => documents),
        );
      }
    }
    for (const stream of streams.values()) stream.close();
  });

  test('by the API: reading by id, digests, history', async () => {
    for (const who of people) {
      const names = nouns.map(({ entity }) => entity.collection);
      const { digests } = (await (await who.client.get(`/sync/digest?collections=${names.join(',')}`)).json()) as DigestAnswer;
      for (const { entity } of nouns) {
        const { collection, version } = entity;
        const every = [...(stored.get(collection)?.values() ?? [])];
        const read: WireDocument[] = [];
        for (let from = 0; from < every.length; from += 500) {
          const body = JSON.stringify({ ids: every.slice(from, from + 500).map(({ id }) => id) });
          const response = await fetch(`${server.url}/sync/${collection}/${version}/read`, {
            method: 'POST',
            headers: who.client.headers,
            body,
          });
          read.push(...((await response.json()) as { documents: WireDocument[] }).documents);
        }
        expectSame('read', who, collection, read);
        const count = (digests[collection] ?? []).reduce((sum, bucket) => sum + bucket.count, 0);
        // Those that others point at are counted too.
        const beside = (await who.client.pullAll(collection)).filter((one) => !isOurs(one) && !one._deleted).length;
        expect([who.role.name, collection, count]).toEqual([who.role.name, collection, read.length + beside]);
        // One record of each answer: the whole table would ask for thousands of histories.
        for (const shown of [true, false]) {
          const one = every.find((candidate) => granted(who, collection, 'read', candidate) === shown);
          if (!one) continue;
          cell('history', shown);
          const entries = await who.client.audit(collection, one.id);
          expect([who.role.name, collection, entries.length]).toEqual([who.role.name, collection, shown ? 1 : 0]);
          const told = entries.flatMap(({ after }) => keysOf(after));
          for (const path of mustLack(who, collection, one))
            if (nounOf(collection)?.entity.fields[path]?.present !== true) expect(told).not.toContain(path);
        }
      }
    }
  });

  test('of the company: each administrative address to each role', async () => {
    const guarded = server.routes.filter(({ access, method }) => isAdminPermission(access) && method !== 'HEAD');
    for (const who of people)
      for (const { method, url, access } of guarded) {
        const allowed = who.role.grants.some(({ permission, when }) => permission === access && when.is === 'all');
        // With a body that means nothing: what is looked at is whether the right is asked for first.
        const body = method === 'GET' ? {} : { body: '{"not":"a request"}' };
        const { status } = await fetch(server.url + url.replaceAll(/:\w+/g, 'none'), { method, headers: who.client.headers, ...body });
        cell('administration', allowed);
        expect([who.role.name, method, url, status === 403]).toEqual([who.role.name, method, url, !allowed]);
      }
  });
});

/** Pushes one row for each case and says which of them were stored. */
async function tried(client: Client, collection: string, rows: readonly { newDocumentState: WireDocument }[]): Promise<Set<string>> {
  await pushAll(client, collection, rows);
  const found = await server.db.rows<{ id: string; w: string }>({
    text: `select id, w from "${collection}" where id = any($1)`,
    values: [rows.map(({ newDocumentState }) => newDocumentState.id)],
  });
  const now = new Map(found.map(({ id, w }) => [id, w]));
  return new Set(rows.filter(({ newDocumentState: { id, w } }) => now.get(id) === w).map(({ newDocumentState: { id } }) => id));
}
const freshOf = async (collection: string): Promise<Map<string, WireDocument>> =>
  new Map((await admin.pullAll(collection)).map((one) => [one.id, one]));

/** Each person tries it with the own cases; the others' are none of these. */
async function expectOfEverybody(
  action: string,
  rowOf: (one: WireDocument, entity: Entity) => { newDocumentState: WireDocument },
  expected: (who: Person, entity: Entity, one: WireDocument) => boolean,
): Promise<void> {
  for (const { entity } of nouns) {
    const now = await freshOf(entity.collection);
    for (const who of people) {
      const own = [...now.values()].filter(({ id }) => id.startsWith(`m-${who.index}-`));
      const landed = await tried(
        who.client,
        entity.collection,
        own.map((one) => rowOf(one, entity)),
      );
      const due = own.filter((one) => expected(who, entity, one)).map(({ id }) => id);
      for (const one of own) cell(action, due.includes(one.id));
      expect([action, who.role.name, entity.collection, [...landed].sort()]).toEqual([
        action,
        who.role.name,
        entity.collection,
        due.sort(),
      ]);
    }
  }
}

describe('[SYN-7] what each role may do, row by row in one push', () => {
  test('create', async () => {
    for (const { entity } of nouns)
      for (const who of people) {
        const own = cases('c', entity, who, who.index).map((one) => {
          // Costs and charges are not for everybody to set; that is tried in field-limits.test.ts.
          const { cost: _, boxingCost: _b, storageCost: _s, totalCost: _t, costUnit: _u, charges: _c, totalAmount: _a, ...plain } = one;
          const lines = Array.isArray(one['lines']) ? { lines: [{ lineId: 'l1', description: 'Trim' }] } : {};
          return { ...plain, ...lines };
        });
        const landed = await tried(who.client, entity.collection, own.map(insert));
        const due = own.filter((one) => mayCreate(who, entity, one)).map(({ id }) => id);
        for (const { id } of own) cell('create', due.includes(id));
        expect(['create', who.role.name, entity.collection, [...landed].sort()]).toEqual([
          'create',
          who.role.name,
          entity.collection,
          due.sort(),
        ]);
      }
  }, 120_000);

  test('change one field, and another one', async () => {
    await expectOfEverybody(
      'update',
      (one) => change(one, { externalIds: ['matrix:1'] }),
      (who, entity, one) => mayUpdate(who, entity, one, 'externalIds'),
    );
    await expectOfEverybody(
      'update',
      (one) => change(one, { status: 'inactive' }),
      (who, entity, one) => mayUpdate(who, entity, one, 'status'),
    );
  }, 120_000);

  test('import', async () => {
    await expectOfEverybody('import', (one) => change(one, { importId: 'matrix-import' }), mayImport);
  }, 120_000);

  test('delete, and restore', async () => {
    await expectOfEverybody('delete', (one) => change(one, { _deleted: true }), mayDelete);
    for (const { entity } of nouns) {
      if (entity.appendOnly) continue;
      const left = [...(await freshOf(entity.collection)).values()].filter((one) => isOurs(one) && !one._deleted);
      expect(
        await pushAll(
          admin,
          entity.collection,
          left.map((one) => change(one, { _deleted: true })),
        ),
      ).toEqual([]);
    }
    await expectOfEverybody('restore', (one) => change(one, { _deleted: false }), mayRestore);
  }, 120_000);
});

test('[SYN-7] the matrix has looked at every way and action, and seen both answers of each', () => {
  expect([...counted.keys()].sort()).toEqual(
    ['administration', 'create', 'delete', 'history', 'import', 'pull', 'read', 'restore', 'stream', 'update'].sort(),
  );
  for (const [action, { yes, no }] of counted) expect([action, yes > 4, no > 4]).toEqual([action, true, true]);
});
