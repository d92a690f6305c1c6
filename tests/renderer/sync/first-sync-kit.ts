/** Thousands of farms on the small server, and whether a device has them all. */
import { expect, onTestFinished } from 'vitest';
import type { WireDocument } from '../../../domain/protocol/protocol.ts';
import type { Desk } from '../../../renderer/data/desk.ts';
import { type Device, content, idle, phase } from './device-kit.ts';
import { type WireServer, startWireServer } from './wire-server.ts';

const at = '2026-01-05T08:00:00.000Z';
const stamps = { createdAt: at, createdBy: 'u', modifiedAt: at, modifiedBy: 'u', ownerId: 'u', deskId: 'd', status: 'active' };
export const idOf = (i: number): string => `00000000-0000-7000-8000-${String(i).padStart(12, '0')}`;
export const farmOf = (i: number, more: Readonly<Record<string, unknown>> = {}): WireDocument => ({
  id: idOf(i),
  w: `remote-${i}`,
  _deleted: false,
  name: `farm ${String(i).padStart(5, '0')}`,
  state: 'KS',
  ...stamps,
  ...more,
});

/** A server with so many farms, until the test is over; each hundredth is deleted. */
export async function farmServer(count: number): Promise<WireServer> {
  const server = await startWireServer();
  onTestFinished(() => server.down());
  for (let i = 0; i < count; i += 1) server.put('farms', farmOf(i, i % 100 === 99 ? { _deleted: true } : {}));
  return server;
}
/** Everything is here, as the server holds it, and nothing else. */
export async function expectWhole(device: Device, server: WireServer): Promise<void> {
  await phase(device, 'live', 60_000);
  await idle(device);
  const all = await content(device, 'farms');
  for (const record of all) expect(record).toMatchObject({ w: server.state('farms', record.id)?.['w'] });
  const live = Array.from({ length: server.count('farms') }, (_, i) => server.state('farms', idOf(i))).filter(
    (one) => one && !one._deleted,
  );
  const ids = new Set(all.map(({ id }) => id));
  expect(live.filter((one) => one && !ids.has(one.id))).toEqual([]);
}

/** Stands around a write to a storage; `first`: the document of its first row. */
export type AroundWrite = <Answer>(write: () => Promise<Answer>, context: string, first: unknown) => Promise<Answer>;
/** Has every write to the storages that this desk opens from now on go through it, as are those that hold the notes of its replication. */
export function aroundWrites(desk: Desk, around: AroundWrite): void {
  const below = desk.collection('farms').database.storage;
  const make = below.createStorageInstance.bind(below);
  below.createStorageInstance = async (params) => {
    const instance = await make(params);
    const write = instance.bulkWrite.bind(instance);
    instance.bulkWrite = (rows, context) => around(() => write(rows, context), context, rows[0]?.document);
    return instance;
  };
}
