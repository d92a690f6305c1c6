/** Devices for the tests of sync: a desk with a session and a running sync, and what one does with them. */
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { AnyDocument } from '../../../domain/entity/entity.ts';
import type { Desk } from '../../../renderer/data/desk.ts';
import { submit } from '../../../renderer/data/submit.ts';
import { type Sync, startSync } from '../../../renderer/sync/connection.ts';
import { type Session, openSession, webSecretStore } from '../../../renderer/sync/session.ts';
import { actor, until } from '../data/desk-kit.ts';

export interface Device {
  readonly desk: Desk;
  readonly session: Session;
  readonly sync: Sync;
}
export const closeDevice = async ({ sync, session, desk }: Device): Promise<void> => {
  await sync.stop();
  session.close();
  await desk.close();
};
/** Opens a session and starts syncing; signs in with this password unless it is ''. `around` wraps its requests. */
export async function deviceOn(
  desk: Desk,
  baseUrl: string,
  password: string,
  who = 'broker',
  around: (fetch: Session['authorizedFetch']) => Session['authorizedFetch'] = (fetch) => fetch,
): Promise<Device> {
  const own = await openSession({ baseUrl, local: desk.local, secrets: webSecretStore(desk.local), deviceId: desk.deviceId });
  if (password !== '') expect(await own.signIn(`${who}@drover.example`, password)).toMatchObject({ ok: true });
  const session = { ...own, authorizedFetch: around(own.authorizedFetch) };
  return { desk, session, sync: await startSync(desk, session) };
}
export async function phase({ sync }: Device, wanted: string, milliseconds = 10_000): Promise<void> {
  await until(`phase ${wanted}`, () => sync.state.get().phase === wanted, milliseconds);
}
export async function idle(device: Device): Promise<void> {
  await phase(device, 'live');
  await until('nothing waits', async () => (await device.desk.local.waiting.count()) === 0);
  await device.sync.settled();
}
export async function create({ desk }: Pick<Device, 'desk'>, collection: string, draft: Record<string, unknown>): Promise<AnyDocument> {
  const answer = await submit(desk, { collection, command: 'create', draft }, actor);
  if (!answer.ok) throw new Error(answer.rejection.message);
  return answer.document;
}
export async function run(
  { desk }: Pick<Device, 'desk'>,
  collection: string,
  command: 'change' | 'delete' | 'restore',
  id: string,
  draft?: Record<string, unknown>,
): Promise<void> {
  const answer = await submit(desk, { collection, command, id, ...(draft ? { draft } : {}) }, actor);
  if (!answer.ok) throw new Error(answer.rejection.message);
}
export const content = async ({ desk }: Device, collection: string): Promise<AnyDocument[]> =>
  (
    await desk
      .collection(collection)
      .find({ sort: [{ id: 'asc' }] })
      .exec()
  ).map((document) => document.toJSON() as AnyDocument);
/** Waits until both hold the same, field by field, and says what differs when they do not come to it. */
export async function converge(a: Device, b: Device, collections: readonly string[]): Promise<void> {
  const all = (one: Device): Promise<AnyDocument[][]> => Promise.all(collections.map((collection) => content(one, collection)));
  const equal = async (): Promise<boolean> => isDeepStrictEqual(await all(a), await all(b));
  for (let tries = 0; tries < 100 && !(await equal()); tries += 1) await new Promise((done) => setTimeout(done, 100));
  expect(await all(a)).toEqual(await all(b));
}
/** Names of the live records, sorted, apart by blanks. */
export const names = async (device: Device, collection: string): Promise<string> =>
  (await content(device, collection))
    .map((record) => String(record['name']))
    .sort()
    .join(' ');
