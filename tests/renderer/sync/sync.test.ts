import { afterEach, describe, expect, it } from 'vitest';
import type { AnyDocument } from '../../../domain/entity/entity.ts';
import type { WireDocument } from '../../../domain/protocol/protocol.ts';
import { type Desk, openDesk } from '../../../renderer/data/desk.ts';
import { newId } from '../../../renderer/data/ids.ts';
import { listTrash } from '../../../renderer/data/trash.ts';
import { barn, farm, freshDesk, until } from '../data/desk-kit.ts';
import {
  type Device,
  closeDevice as close,
  converge,
  create as createIn,
  deviceOn as openDevice,
  idle,
  names as namesOf,
  phase,
  run as runIn,
} from './device-kit.ts';
import { type WireServer, startWireServer } from './wire-server.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const serve = async (): Promise<WireServer> => {
  const server = await startWireServer();
  ends.push(() => server.down());
  return server;
};
const deviceOn = async (desk: Desk, server: WireServer, signIn = true): Promise<Device> => {
  const device = await openDevice(desk, server.url, signIn ? 'right' : '');
  ends.push(() => close(device));
  return device;
};
const device = async (server: WireServer): Promise<Device> => deviceOn(await freshDesk(), server);
const create = (one: Pick<Device, 'desk'>, name: string, collection = 'farms', draft: Record<string, unknown> = {}): Promise<AnyDocument> =>
  createIn(one, collection, { name, ...draft });
const run = (one: Device, command: 'change' | 'delete' | 'restore', id: string, draft?: Record<string, unknown>): Promise<void> =>
  runIn(one, 'farms', command, id, draft);
const names = (one: Device): Promise<string> => namesOf(one, 'farms');
const remote = (name: string, more: Partial<WireDocument> = {}): WireDocument => {
  const at = new Date().toISOString();
  const stamps = { createdAt: at, createdBy: 'u', modifiedAt: at, modifiedBy: 'u', ownerId: 'u', deskId: 'd', status: 'active' };
  return { id: newId(), w: `remote-${newId()}`, _deleted: false, name, state: '', ...stamps, ...more };
};

describe('sync of two devices', () => {
  it('[SYN-5] converges both ways, live, with the stamps of the server', async () => {
    const server = await serve();
    const [a, b] = [await device(server), await device(server)];
    const made = await create(a, 'from-a');
    await create(b, 'from-b', 'farms', { state: 'KS' });
    await create(a, 'barn', 'barns', { farmId: made.id });
    await until('both see both', async () => (await names(a)) === 'from-a from-b' && (await names(b)) === 'from-a from-b');
    await idle(a);
    await idle(b);
    await converge(a, b, ['farms']);
    expect((await a.desk.collection('farms').findOne(made.id).exec())?.get('modifiedAt')).toBe(
      server.state('farms', made.id)?.['modifiedAt'],
    );
    expect(server.count('barns')).toBe(1);
    expect(server.requests['stream']).toBe(2);
  });

  it('works offline from the start to a restart, and arrives later', async () => {
    const server = await serve();
    const name = `offline-${newId()}`;
    const first = await deviceOn(await openDesk({ name, nouns: [farm, barn] }), server);
    await phase(first, 'live');
    await server.down();
    await phase(first, 'offline');
    const made = await create(first, 'offline-1');
    await run(first, 'change', made.id, { memo: 'written without a cable' });
    expect(first.sync.state.get().problem).toContain('Drover');
    await until('the mark is seen', () => first.sync.state.get().waitingTotal === 1);
    expect(first.sync.waiting('farms', made.id).get()).toBe(true);
    ends.pop();
    await close(first);

    const desk = await openDesk({ name, nouns: [farm, barn] });
    const again = await deviceOn(desk, server, false);
    expect(again.session.state.get()).toMatchObject({ phase: 'signed_in', user: { name: 'Bea Broker' } });
    await until('still waiting', () => again.sync.state.get().waiting['farms'] === 1);
    await create(again, 'offline-2');
    await server.start();
    again.sync.syncNow();
    await idle(again);
    expect(server.count('farms')).toBe(2);
    expect(server.state('farms', made.id)).toMatchObject({ memo: 'written without a cable' });
    // The marks are read at a pace, so the count follows a moment later.
    await until('nothing waits', () => again.sync.state.get().waitingTotal === 0);
    expect(again.sync.state.get().waiting).toEqual({});
    expect(again.sync.state.get().problem).toBeUndefined();
  });

  it('carries a deletion with its content, and the restoring of it', async () => {
    const server = await serve();
    const [a, b] = [await device(server), await device(server)];
    const { id } = await create(a, 'kept', 'farms', { memo: 'content' });
    await until('b has it', async () => (await names(b)) === 'kept');
    await run(b, 'delete', id);
    await until('a lost it', async () => (await names(a)) === '');
    expect(await listTrash(a.desk, 'farms')).toMatchObject([{ id, memo: 'content' }]);
    await idle(a);
    await run(a, 'restore', id);
    await until('b has it again', async () => (await names(b)) === 'kept');
    await idle(b);
    expect(await listTrash(b.desk, 'farms')).toEqual([]);
    await converge(a, b, ['farms']);
  });

  it('[SYN-3] sends again after a lost answer without doubling anything', async () => {
    const server = await serve();
    const a = await device(server);
    await phase(a, 'live');
    server.faults.loseAnswers = 2;
    const made = await create(a, 'once');
    await until('applied', () => server.applied.get(made.id) === 1);
    await until('both answers lost', () => {
      a.sync.syncNow();
      return server.faults.loseAnswers === 0;
    });
    await until('live again', () => {
      a.sync.syncNow();
      return a.sync.state.get().phase === 'live';
    });
    await idle(a);
    expect(server.applied.get(made.id)).toBe(1);
    expect(await names(a)).toBe('once');
  });

  it('[SYN-2] takes the state of the server in a conflict and sets aside what was typed here', async () => {
    const server = await serve();
    const [a, b] = [await device(server), await device(server)];
    const { id } = await create(a, 'base');
    await until('b has it', async () => (await names(b)) === 'base');
    await idle(a);
    await b.sync.setForcedOffline(true);
    await run(b, 'change', id, { name: 'late', memo: 'typed offline' });
    await run(a, 'change', id, { name: 'first' });
    await idle(a);
    await b.sync.setForcedOffline(false);
    await idle(b);
    await until('b took the state of the server', async () => (await names(b)) === 'first');
    await converge(a, b, ['farms']);
    expect(await b.desk.local.setAside.toArray()).toMatchObject([
      { collection: 'farms', id, mine: { name: 'late', memo: 'typed offline' }, theirs: { name: 'first' } },
    ]);
    await until('it is counted', () => b.sync.state.get().setAside === 1);
  });

  it('lets a record wait that is edited while its push is under way', async () => {
    const server = await serve();
    const a = await device(server);
    await phase(a, 'live');
    const { id } = await create(a, 'v0');
    for (let i = 1; i <= 20; i += 1) await run(a, 'change', id, { name: `v${i}` });
    await idle(a);
    expect(server.state('farms', id)).toMatchObject({ name: 'v20' });
    expect(await names(a)).toBe('v20');
    expect(await a.desk.local.setAside.count()).toBe(0);
  });
});

describe('sync under load and faults', () => {
  it('pulls thousands in pages, keeps the window small, and is live when all is there', async () => {
    const server = await serve();
    for (let i = 0; i < 2600; i += 1) server.put('farms', remote(`n${i}`));
    const a = await device(server);
    await phase(a, 'live');
    expect(await a.desk.collection('farms').count().exec()).toBe(2600);
    expect(a.sync.state.get().received).toBeGreaterThanOrEqual(2600);
    expect(a.sync.state.get().caughtUpAt).toBeDefined();
    for (let i = 0; i < 300; i += 1) server.put('farms', remote(`live${i}`));
    await until('the burst is there', async () => (await a.desk.collection('farms').count().exec()) === 2900);
  });

  it('pushes at most two requests at once', async () => {
    const server = await serve();
    const desk = await freshDesk();
    for (let i = 0; i < 450; i += 1) await create({ desk }, `n${i}`, i % 2 === 0 ? 'farms' : 'barns');
    const a = await deviceOn(desk, server);
    await idle(a);
    expect(server.count('farms') + server.count('barns')).toBe(450);
    expect(server.mostPushes()).toBe(2);
  });

  it('renews the token once for many requests, and without a person', async () => {
    const server = await serve();
    const a = await device(server);
    await phase(a, 'live');
    server.revoke(false);
    await create(a, 'after');
    await until('arrived', () => {
      a.sync.syncNow();
      return server.count('farms') === 1;
    });
    await phase(a, 'live');
    expect(server.requests['/auth/refresh']).toBe(1);
  });

  it('keeps the user and the work when the sign-in has ended, and goes on after a new one', async () => {
    const server = await serve();
    const a = await device(server);
    await phase(a, 'live');
    server.revoke(true);
    await until('signed out', () => {
      a.sync.syncNow();
      return a.sync.state.get().phase === 'signed_out';
    });
    expect(a.session.state.get()).toMatchObject({ phase: 'expired', user: { name: 'Bea Broker' } });
    await create(a, 'meanwhile');
    expect(await a.session.signIn('broker@drover.example', 'wrong')).toEqual({
      ok: false,
      code: 'bad_credentials',
      message: 'E-mail or password is wrong.',
    });
    expect(await a.session.signIn('broker@drover.example', 'right')).toMatchObject({ ok: true });
    await idle(a);
    expect(server.count('farms')).toBe(1);
  });

  it('stops asking when the window is too old, and keeps the work', async () => {
    const server = await serve();
    const a = await device(server);
    await phase(a, 'live');
    server.faults.status = 426;
    await create(a, 'kept here');
    await phase(a, 'outdated');
    const asked = { ...server.requests };
    await new Promise((done) => setTimeout(done, 300));
    expect(server.requests).toEqual(asked);
    expect(await a.desk.local.waiting.count()).toBe(1);
    expect(a.sync.state.get().problem).toContain('too old');
    server.faults.status = 0;
    a.sync.syncNow();
    await idle(a);
    expect(server.count('farms')).toBe(1);
  });

  it('says which kind is refused while the others go on, and heals', async () => {
    const server = await serve();
    const a = await device(server);
    await phase(a, 'live');
    server.faults.refuse = 'barns';
    await create(a, 'stuck', 'barns');
    await phase(a, 'error');
    expect(a.sync.state.get().problem).toContain('Nothing of this kind today.');
    await create(a, 'goes on');
    await until('the other kind arrived', () => server.count('farms') === 1);
    server.faults.refuse = '';
    await idle(a);
    expect(server.count('barns')).toBe(1);
  });

  it('obeys the offline switch over a restart', async () => {
    const server = await serve();
    const name = `switch-${newId()}`;
    const a = await deviceOn(await openDesk({ name, nouns: [farm] }), server);
    await phase(a, 'live');
    await a.sync.setForcedOffline(true);
    await create(a, 'not yet');
    ends.pop();
    await close(a);
    const again = await deviceOn(await openDesk({ name, nouns: [farm] }), server, false);
    again.sync.syncNow();
    await new Promise((done) => setTimeout(done, 200));
    expect(again.sync.state.get().phase).toBe('forced_offline');
    expect(server.count('farms')).toBe(0);
    await again.sync.setForcedOffline(false);
    await idle(again);
    expect(server.count('farms')).toBe(1);
  });

  it('[SYN-1] pulls a page again that could not be written, instead of passing over it', async () => {
    const server = await serve();
    for (let i = 0; i < 1800; i += 1) server.put('farms', remote(`n${i}`));
    const desk = await freshDesk();
    const storage = desk.collection('farms').storageInstance.originalStorageInstance;
    const write = storage.bulkWrite.bind(storage);
    let writes = 0;
    storage.bulkWrite = (rows, context) => {
      writes += 1;
      // The first page goes past RxDB; this is the rest.
      return writes === 1 ? Promise.reject(new Error('QuotaExceededError: the disk is full')) : write(rows, context);
    };
    const a = await deviceOn(desk, server);
    await phase(a, 'error');
    expect(a.sync.state.get().problem).toContain('Farms could not be written on this device');
    await phase(a, 'live', 20_000);
    expect(await desk.collection('farms').count().exec()).toBe(1800);
    expect(a.sync.state.get().problem).toBeUndefined();
  });

  it('goes on offline on a device that is too full to keep a renewed sign-in, says so, and comes back by itself', async () => {
    const server = await serve();
    let full = true;
    const a = await openDevice(await freshDesk(), server.url, 'right', 'broker', (fetch) => (path, init) => {
      return full ? Promise.reject(new DOMException('no room', 'QuotaExceededError')) : fetch(path, init);
    });
    ends.push(() => close(a));
    await phase(a, 'offline');
    expect(a.sync.state.get().problem).toContain('this device is full');
    full = false;
    a.sync.syncNow();
    await phase(a, 'live');
  });

  it('clears a waiting mark that a crash left behind after the server had answered', async () => {
    const server = await serve();
    const name = `mark-${newId()}`;
    const a = await deviceOn(await openDesk({ name, nouns: [farm] }), server);
    const made = await create(a, 'sent');
    await idle(a);
    ends.pop();
    await close(a);
    const desk = await openDesk({ name, nouns: [farm] });
    await desk.local.waiting.put({ key: `farms/${made.id}`, collection: 'farms', id: made.id, w: made.w, at: '2026-01-05T10:00:00.000Z' });
    const again = await deviceOn(desk, server, false);
    await idle(again);
    expect(server.applied.get(made.id)).toBe(1);
  });

  it('[SYN-12] sends again what RxDB passed over, when it is killed before the note is made up for that RxDB dropped', async () => {
    const server = await serve();
    const name = `passed-${newId()}`;
    const desk = await openDesk({ name, nouns: [farm] });
    const { storage } = desk.collection('farms').database;
    const make = storage.createStorageInstance.bind(storage);
    let [drops, isDropped, isPassed] = [false, false, false];
    storage.createStorageInstance = async (params) => {
      const instance = await make(params);
      const write = instance.bulkWrite.bind(instance);
      instance.bulkWrite = async (rows, context) => {
        // As when something else was noted of the record in between: RxDB looks at no conflict here.
        const isNote = drops && context === 'replication-up-write-meta';
        isDropped ||= isNote;
        const answer = isNote ? { error: [] } : await write(rows, context);
        isPassed ||= isDropped && context === 'replication-set-checkpoint';
        return answer;
      };
      return instance;
    };
    const a = await deviceOn(desk, server);
    const made = await create(a, 'first');
    await idle(a);
    drops = true;
    await run(a, 'change', made.id, { memo: 'second' });
    await until('RxDB has passed over it', () => isPassed);
    ends.pop();
    await close(a);
    const again = await deviceOn(await openDesk({ name, nouns: [farm] }), server, false);
    await idle(again);
    expect(server.applied.get(made.id)).toBe(2);
    const stamp = server.state('farms', made.id)?.['modifiedAt'];
    const held = async (): Promise<unknown> => (await again.desk.collection('farms').findOne(made.id).exec())?.get('modifiedAt');
    await until('the stamps of the server are here', async () => (await held()) === stamp);
  });

  it('clears a young mark of a write that never came to be as soon as it is old enough, though nothing else happens', async () => {
    const a = await deviceOn(await openDesk({ name: `young-${newId()}`, nouns: [farm] }), await serve());
    await idle(a);
    const at = new Date(Date.now() - 8_000).toISOString();
    await a.desk.local.waiting.put({ key: 'farms/nowhere', collection: 'farms', id: 'nowhere', w: 'w-never', at });
    a.sync.syncNow();
    await until('nothing waits', async () => (await a.desk.local.waiting.count()) === 0);
  });
});
