/** What reaches whom, over the bare protocol, with a client that keeps what it was served as RxDB does. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isWithdrawn, withdrawnStub } from '../../../domain/access/withdrawn.ts';
import { validate } from '../../../domain/entity/validate.ts';
import { orderNoun } from '../../../domain/order/order.rules.ts';
import { nounOf } from '../../../domain/registry.ts';
import type { WireDocument } from '../../../domain/protocol/protocol.ts';
import { openAccess } from '../../../sync-server/access/access.ts';
import type { Server } from '../../../sync-server/server.ts';
import { type Client, beginHistory, change, insert, openTestServer, signIn } from '../test-server.ts';
import { mirrorOf, order, orderDesk, plainRoles, put, record } from './rights-kit.ts';

let server: Server;
let admin: Client;
let broker: Client;
let field: Client;
beforeAll(async () => {
  server = await openTestServer();
  await plainRoles(server);
  admin = await signIn(server, 'admin');
  broker = await signIn(server, 'broker');
  field = await signIn(server, 'field');
});
afterAll(() => server.close());
beforeEach(async () => {
  await put(server, 'broker', { role: 'broker', desks: ['east'] });
  await put(server, 'field', { role: 'broker', desks: ['west'] });
});

let number = 0;
const fresh = (name: string): string => `${name}-${(number += 1)}`;
const { stored, move } = orderDesk(() => admin);
/** An answer must not hold a word of what is hidden. */
const SECRET = 'nobody-may-read-this';

describe('[SYN-4] what stands on a device for a record is never taken for an edit of it', () => {
  const entities = async (id: string): Promise<readonly unknown[]> => [
    ...(await server.db.rows({ text: `select id from activities where doc->>'recordId' = $1`, values: [id] })),
    ...(await server.db.rows({
      text: 'select id from settled where id = $1 union all select id from refused where id = $1',
      values: [id],
    })),
  ];

  test('a stub of a withdrawn record that is in reach again, or not', async () => {
    const id = fresh('o');
    const { entity } = nounOf('orders') ?? {};
    if (!entity) throw new Error('no orders');
    await admin.push('orders', [insert(order(id, 'west'))]);
    const stub = { ...withdrawnStub(entity, id, 0) } as WireDocument;
    // A device that died before it noted that the stub came from the server sends it.
    expect(await broker.push('orders', [{ newDocumentState: stub }])).toEqual([]);
    await move(id, 'east');
    const now = await stored(id);
    expect(await broker.push('orders', [{ newDocumentState: stub, assumedMasterState: now }])).toEqual([now]);
    expect(await broker.push('orders', [insert(stub)])).toEqual([now]);
    expect(await broker.push('orders', [insert({ ...stub, id: `${id}-gone` })])).toEqual([]);
    expect(await stored(id)).toEqual(now);
    expect(await entities(id)).toEqual([]);
  });

  test('a stand-in of a refused record, which somebody else has made meanwhile', async () => {
    const id = fresh('o');
    const [stub] = await broker.push('orders', [insert(order(id, 'east', { orderedOn: 'no day' }))]);
    expect(stub).toMatchObject({ id, _deleted: true });
    if (!stub) throw new Error('no answer');
    const before = await entities(id);
    // A device that died before it noted where the stand-in came from sends it.
    expect(await broker.push('orders', [insert(stub)])).toEqual([]);
    await admin.push('orders', [insert(order(id, 'east'))]);
    const now = await stored(id);
    expect(await broker.push('orders', [{ newDocumentState: stub, assumedMasterState: now }])).toEqual([now]);
    expect(await stored(id)).toEqual(now);
    expect(await entities(id)).toEqual(before);
  });
});

describe('[SYN-7] a document changes hands', () => {
  test('whoever could see it and cannot any more is told to let go of it, and sees it again when it comes back', async () => {
    const id = fresh('o');
    await admin.push('orders', [insert(order(id, 'east', { notes: SECRET }))]);
    const [east, west] = [mirrorOf(broker, 'orders'), mirrorOf(field, 'orders')];
    await east.pull();
    await west.pull();
    expect(east.live()).toContain(id);
    expect(west.held.has(id)).toBe(false);

    await move(id, 'west');
    await east.pull();
    await west.pull();
    expect(east.live()).not.toContain(id);
    expect(west.held.get(id)).toMatchObject({ notes: SECRET, _deleted: false });
    const stub = east.held.get(id);
    expect(stub).toMatchObject({ _deleted: true, number: '' });
    expect(JSON.stringify(stub)).not.toContain(SECRET);
    expect(isWithdrawn(stub ?? {})).toBe(true);
    // Only texts that must not be empty are: everything that the schema asks for is there, of its kind.
    const orders = nounOf('orders');
    const { _deleted: _, ...bare } = stub ?? {};
    expect(orders && validate(orders.entity, bare).filter(({ code }) => code !== 'required')).toEqual([]);

    await move(id, 'east');
    await east.pull();
    expect(east.held.get(id)).toMatchObject({ notes: SECRET, _deleted: false });
  });

  test('a device that was away for many moves hears of the last one that concerns it', async () => {
    const [a, b, c] = [fresh('o'), fresh('o'), fresh('o')];
    await admin.push(
      'orders',
      [a, b, c].map((id) => insert(order(id, 'east'))),
    );
    const east = mirrorOf(broker, 'orders');
    await east.pull();
    for (const desk of ['west', 'north', 'south']) await move(a, desk);
    for (const desk of ['west', 'east', 'north']) await move(b, desk, { notes: desk });
    for (const desk of ['north', 'east']) await move(c, desk);
    const came = await east.pull();
    expect(came).toHaveLength(3);
    expect(Object.fromEntries(came.map(({ id, _deleted }) => [id, _deleted]))).toEqual({ [a]: true, [b]: true, [c]: false });
  });

  test('whoever never saw it hears nothing of it, not even its id', async () => {
    const id = fresh('o');
    const west = mirrorOf(field, 'orders');
    await west.pull();
    await admin.push('orders', [insert(order(id, 'east'))]);
    await move(id, 'north');
    expect(await west.pull()).toEqual([]);
  });

  test('the owner sees a record at whatever desk it is, until it gets another owner', async () => {
    const id = fresh('o');
    await admin.push('orders', [insert(order(id, 'north', { ownerId: broker.login.user.id }))]);
    const own = mirrorOf(broker, 'orders');
    await own.pull();
    expect(own.live()).toContain(id);
    await move(id, 'north', { ownerId: 'someone' });
    await own.pull();
    expect(own.live()).not.toContain(id);
  });
});

describe('[SYN-7] a page is short only at the end (S3, I14)', () => {
  test('a thousand hidden rows before each visible one cost no page', async () => {
    const hidden = Array.from({ length: 1000 }, (_, i) => insert(order(`${fresh('h')}-${i}`, 'north')));
    const own = [fresh('v'), fresh('v'), fresh('v')];
    const from = mirrorOf(broker, 'orders');
    await from.pull();
    for (const id of own) {
      for (let start = 0; start < hidden.length; start += 500)
        await admin.push(
          'orders',
          hidden
            .slice(start, start + 500)
            .map(({ newDocumentState }) => insert({ ...newDocumentState, id: `${id}-${newDocumentState.id}`.slice(0, 36) })),
        );
      await admin.push('orders', [insert(order(id, 'east'))]);
    }
    const first = await from.page(2);
    expect(first.documents.map(({ id }) => id)).toEqual(own.slice(0, 2));
    const second = await from.page(2);
    expect(second.documents.map(({ id }) => id)).toEqual(own.slice(2));
    const head = (await server.db.rows<{ seq: number }>({ text: 'select seq from feed_head' }))[0]?.seq;
    expect(second.checkpoint.lwt).toBe(head);
  });

  test('when nothing is visible the checkpoint still moves to the head', async () => {
    await put(server, 'field', { role: 'broker', desks: ['nowhere'] });
    const response = await field.get('/sync/orders/0/pull?lwt=0&id=&limit=10');
    const answer = (await response.json()) as { documents: unknown[]; checkpoint: { lwt: number } };
    expect(answer.documents).toEqual([]);
    expect(answer.checkpoint.lwt).toBe((await server.db.rows<{ seq: number }>({ text: 'select seq from feed_head' }))[0]?.seq);
  });
});

describe('[SYN-7] the rights of a user change', () => {
  const desks = async (): Promise<Record<string, string[]>> => {
    const made: Record<string, string[]> = {};
    for (const desk of ['east', 'west', 'north']) {
      made[desk] = Array.from({ length: 25 }, () => fresh(desk));
      await admin.push(
        'orders',
        made[desk].map((id) => insert(order(id, desk, { notes: SECRET }))),
      );
    }
    return made;
  };

  test('what only the old desk reached leaves, what the new one reaches comes, and the rest is not sent again', async () => {
    const { east = [], west = [], north = [] } = await desks();
    await put(server, 'broker', { desks: ['east', 'north'] });
    const mirror = mirrorOf(broker, 'orders');
    await mirror.pull();
    await put(server, 'broker', { desks: ['west', 'north'] });
    // The device was away meanwhile, and something happened.
    await move(north[0] ?? '', 'north', { notes: 'changed' });
    await move(east[0] ?? '', 'west');
    await move(west[0] ?? '', 'east');
    const came = await mirror.pull(7);
    const live = new Set(mirror.live());
    expect([...east.slice(1), west[0]].filter((id) => live.has(id ?? ''))).toEqual([]);
    expect([...west.slice(1), east[0], ...north].filter((id) => !live.has(id ?? ''))).toEqual([]);
    expect(came.filter(({ id }) => north.slice(1).includes(id))).toEqual([]);
    expect(mirror.held.get(north[0] ?? '')).toMatchObject({ notes: 'changed' });
    for (const id of east.slice(1)) expect(JSON.stringify(mirror.held.get(id))).not.toContain(SECRET);
    expect(await mirror.pull(7)).toEqual([]);

    await put(server, 'broker', { desks: ['east'] });
    await mirror.pull(7);
    const back = new Set(mirror.live());
    expect([...east.slice(1), west[0]].filter((id) => !back.has(id ?? ''))).toEqual([]);
    expect([...north, ...west.slice(1)].filter((id) => back.has(id))).toEqual([]);
  });

  test('a change of rights while the difference is being served starts over from what the device has', async () => {
    const { east = [], west = [], north = [] } = await desks();
    const mirror = mirrorOf(broker, 'orders');
    await mirror.pull();
    await put(server, 'broker', { desks: ['west'] });
    await mirror.page(7);
    await mirror.page(7);
    await put(server, 'broker', { desks: ['north'] });
    await mirror.page(7);
    await mirror.page(7);
    // Moved between two pages of the difference.
    await move(north[1] ?? '', 'west');
    await move(west[1] ?? '', 'north');
    await mirror.pull(7);
    const live = new Set(mirror.live());
    expect([...east, ...west.filter((id) => id !== west[1]), north[1]].filter((id) => live.has(id ?? ''))).toEqual([]);
    expect([...north.filter((id) => id !== north[1]), west[1]].filter((id) => !live.has(id ?? ''))).toEqual([]);
  });

  test('there and back again while the device was away sends nothing', async () => {
    await desks();
    const mirror = mirrorOf(broker, 'orders');
    await mirror.pull();
    await put(server, 'broker', { desks: ['west'] });
    await put(server, 'broker', { desks: ['east'] });
    expect(await mirror.pull()).toEqual([]);
  });

  test('a device that may hold something of a scope that its checkpoint does not know says so, and is told', async () => {
    const { east = [], west = [] } = await desks();
    const mirror = mirrorOf(broker, 'orders');
    await mirror.pull();
    const before = mirror.checkpoint;
    await put(server, 'broker', { desks: ['west'] });
    // The pages were written, their checkpoint was not: the device died in between.
    await mirror.pull();
    const scope = mirror.checkpoint.id.split('.')[1] ?? '';
    mirror.checkpoint = before;
    await put(server, 'broker', { desks: ['east'] });
    const ask = async (held: string): Promise<WireDocument[]> => {
      const response = await broker.get(`/sync/orders/0/pull?lwt=${before.lwt}&id=${before.id}&limit=1000&held=${held}`);
      return ((await response.json()) as { documents: WireDocument[] }).documents;
    };
    const told = await ask(scope);
    expect(west.filter((id) => !told.some((one) => one.id === id && isWithdrawn(one)))).toEqual([]);
    // What it may have been told to let go of meanwhile comes once more.
    expect(east.filter((id) => !told.some((one) => one.id === id && !one._deleted))).toEqual([]);
    // A scope that was never this account's says nothing.
    const foreign = mirrorOf(field, 'orders');
    await foreign.pull();
    await put(server, 'field', { desks: ['north'] });
    await foreign.pull();
    const other = await ask(foreign.checkpoint.id.split('.')[1] ?? '');
    expect(other.filter(({ id }) => west.includes(id))).toEqual([]);
  });

  test('losing the role takes everything of the collection, and only that', async () => {
    const { east = [] } = await desks();
    await admin.push('parties', [insert(record('parties', fresh('p'), { name: 'Prairie Packing', deskId: 'north' }))]);
    const [orders, parties] = [mirrorOf(broker, 'orders'), mirrorOf(broker, 'parties')];
    await orders.pull();
    await parties.pull();
    const known = parties.live();
    expect(known.length).toBeGreaterThan(0);
    await server.db.rows({
      text: `insert into roles (name, label, grants) values ('clerk', 'Clerk', '[{"permission": "parties:read", "when": {"is": "all"}}]') on conflict do nothing`,
    });
    await put(server, 'broker', { role: 'clerk' });
    await orders.pull();
    expect(orders.live()).toEqual([]);
    expect(east.every((id) => isWithdrawn(orders.held.get(id) ?? {}))).toBe(true);
    expect(await parties.pull()).toEqual([]);
    expect(parties.live()).toEqual(known);
    // An edited role counts at once, for everybody who has it.
    await server.db.rows({ text: `update roles set grants = '[]' where name = 'clerk'` });
    await parties.pull();
    expect(parties.live()).toEqual([]);
  });

  test('an account that is disabled, or does not exist, reaches nothing', async () => {
    const access = openAccess(server.db, [orderNoun.entity], (error) => expect.fail(error.message));
    const { id } = (await signIn(server, 'accounting')).login.user;
    expect((await access.now(id)).read('orders').key).toBe('all');
    await server.db.rows({ text: 'update accounts set disabled_at = now() where id = $1', values: [id] });
    expect((await access.now(id)).read('orders').key).toBe('none');
    expect((await access.now('nobody')).read('orders').key).toBe('none');
  });

  test('[SYN-11] rights that the database had before it was put back count for nothing once that is noticed', async () => {
    let changed = (): void => undefined;
    const history = { onChange: (listener: () => void) => void (changed = listener) };
    const access = openAccess(server.db, [orderNoun.entity], (error) => expect.fail(error.message), history);
    const { id } = (await signIn(server, 'field')).login.user;
    const [{ version } = { version: 0 }] = await server.db.rows<{ version: number }>({ text: 'select version from access_version' });
    const before = (await access.now(id)).read('orders').key;
    await server.db.rows({ text: 'update accounts set disabled_at = now() where id = $1', values: [id] });
    expect((await access.now(id)).read('orders').key).toBe('none');
    await server.db.rows({ text: 'update accounts set disabled_at = null where id = $1', values: [id] });
    await server.db.rows({ text: 'update access_version set version = $1', values: [version] });
    changed();
    expect((await access.now(id)).read('orders').key).toBe(before);
    await server.db.rows({ text: 'update access_version set version = $1', values: [version + 10] });
  });

  test('a restored server and changed rights at once: the device ends with what it may see', async () => {
    const { east = [], west = [] } = await desks();
    const mirror = mirrorOf(broker, 'orders');
    await mirror.pull();
    mirror.checkpoint = { ...mirror.checkpoint, lwt: mirror.checkpoint.lwt + 1_000_000 };
    await beginHistory(server, broker);
    await put(server, 'broker', { desks: ['west'] });
    await mirror.pull(50);
    const live = new Set(mirror.live());
    expect(west.filter((id) => !live.has(id))).toEqual([]);
    expect(east.filter((id) => live.has(id))).toEqual([]);
  });
});

describe('[SYN-7] what one may not write is refused, and the rest of the batch lands', () => {
  const codes = async (id: string): Promise<unknown> => {
    const rows = await server.db.rows<{ code: string }>({ text: 'select code from refused where id = $1', values: [id] });
    return rows.map(({ code }) => code);
  };

  test('a forged desk, a forged owner, a good row', async () => {
    const [desk, owner, good] = [fresh('o'), fresh('o'), fresh('o')];
    const rows = [
      order(desk, 'west'),
      order(owner, 'west', { ownerId: field.login.user.id, createdBy: field.login.user.id }),
      order(good, 'east', { createdBy: 'forged', ownerId: field.login.user.id }),
    ];
    await broker.push('orders', rows.map(insert));
    expect(await codes(desk)).toEqual(['not_permitted']);
    expect(await codes(owner)).toEqual(['not_permitted']);
    expect(await stored(good)).toMatchObject({ createdBy: broker.login.user.id, modifiedBy: broker.login.user.id });
  });

  test('a record moves to another desk where both are within reach, and its author lets go of nothing', async () => {
    const id = fresh('o');
    await broker.push('orders', [insert(order(id, 'east'))]);
    const mirror = mirrorOf(broker, 'orders');
    await mirror.pull();
    await broker.push('orders', [change(await stored(id), { deskId: 'west' })]);
    expect(await codes(id)).toEqual(['not_permitted']);
    await put(server, 'broker', { desks: ['east', 'west'] });
    expect(await broker.push('orders', [change(await stored(id), { deskId: 'west' })])).toEqual([]);
    await mirror.pull();
    expect(mirror.live()).toContain(id);
  });

  test('a role that may not, a field that may not, a deletion that may not', async () => {
    const id = fresh('o');
    await admin.push('orders', [insert(order(id, 'east'))]);
    await put(server, 'broker', { role: 'logistics' });
    await broker.push('orders', [change(await stored(id), { _deleted: true })]);
    expect(await codes(id)).toEqual(['not_permitted']);
    expect(await broker.push('orders', [change(await stored(id), { notes: 'loaded' })])).toEqual([]);
    await put(server, 'broker', { role: 'read_only' });
    expect(await broker.push('orders', [change(await stored(id), { notes: 'x' })])).toMatchObject([{ notes: 'loaded' }]);
    const grants = [
      { permission: 'orders:read', when: { is: 'all' } },
      { permission: 'orders:update', when: { is: 'all' }, fields: ['notes'] },
    ];
    await server.db.rows({
      text: `insert into roles (name, label, grants) values ('noter', 'Noter', $1)`,
      values: [JSON.stringify(grants)],
    });
    await put(server, 'broker', { role: 'noter' });
    await broker.push('orders', [change(await stored(id), { number: 'other' })]);
    expect(await codes(id)).toEqual(['not_permitted', 'not_permitted', 'field_not_permitted']);
    expect(await broker.push('orders', [change(await stored(id), { notes: 'noted' })])).toEqual([]);
  });

  test('a row that waited for its parent is judged by the rights of its author when it lands', async () => {
    const [parent, child] = [fresh('p'), fresh('o')];
    expect(await broker.push('orders', [insert(order(child, 'east', { supplierId: parent }))])).toEqual([]);
    await put(server, 'broker', { desks: ['west'] });
    await admin.push('parties', [insert(record('parties', parent, { name: 'Late' }))]);
    expect(await codes(child)).toEqual(['not_permitted']);
    expect(await server.db.rows({ text: 'select id from parked where id = $1', values: [child] })).toEqual([]);
  });

  test('a record may point at one that its author may not see; nothing of that one travels', async () => {
    const [hidden, child] = [fresh('o'), fresh('o')];
    await admin.push('orders', [insert(order(hidden, 'west', { notes: SECRET }))]);
    const answers = await broker.push('orders', [insert(order(child, 'east', { buyOrderIds: [hidden] }))]);
    expect(answers).toEqual([]);
    expect(await stored(child)).toMatchObject({ buyOrderIds: [hidden] });
  });
});
