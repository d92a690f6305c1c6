/** Accounts of several roles and desks on one server, and records of the real nouns for them to meet over. */
import { nounOf } from '../../../domain/registry.ts';
import type { Checkpoint, PullAnswer, WireDocument } from '../../../domain/protocol/protocol.ts';
import { seedRoles } from '../../../domain/access/seeds.ts';
import { changeAccount, putSeedRoles } from '../../../sync-server/db/access.ts';
import type { Server } from '../../../sync-server/server.ts';
import { minimalDocument } from '../../domain/sample.ts';
import { type Client, change, document } from '../test-server.ts';

/** The roles as they come with Drover; the template of the tests opens its own nouns to everybody. */
export async function plainRoles({ db }: Server): Promise<void> {
  await db.rows({ text: 'update roles set edited = false' });
  await putSeedRoles(db, seedRoles);
}
export const put = (server: Server, who: string, change: Parameters<typeof changeAccount>[2]): Promise<boolean> =>
  changeAccount(server.db, `${who}@drover.example`, change);

/** A record of a noun with everything that it must have. */
export function record(collection: string, id: string, fields: Record<string, unknown>): WireDocument & ReturnType<typeof document> {
  const noun = nounOf(collection);
  if (!noun) throw new Error(`there is no collection ${collection}`);
  const { w: _, ...minimal } = minimalDocument(noun, id);
  const full = { ...minimal, ...fields };
  return document(id, noun.derive ? { ...noun.derive(full as Parameters<typeof noun.derive>[0]) } : full);
}
export const order = (id: string, deskId: string, fields: Record<string, unknown> = {}) =>
  record('orders', id, { number: id, deskId, ownerId: 'someone', ...fields });

/** A device that keeps what it was served, as RxDB does: by id, and with the checkpoint of the last page. */
export interface Mirror {
  readonly held: Map<string, WireDocument>;
  checkpoint: Checkpoint;
  /** Pulls until a short page; answers the documents that came. */
  pull(limit?: number): Promise<WireDocument[]>;
  page(limit: number): Promise<PullAnswer>;
  /** Ids that it holds live. */
  live(): string[];
}
export function mirrorOf(client: Client, collection: string): Mirror {
  const mirror: Mirror = {
    held: new Map(),
    checkpoint: { lwt: 0, id: '' },
    async page(limit) {
      const { lwt, id } = mirror.checkpoint;
      const response = await client.get(
        `/sync/${collection}/${nounOf(collection)?.entity.version ?? 0}/pull?lwt=${lwt}&id=${id}&limit=${limit}`,
      );
      if (response.status !== 200) throw new Error(`pull answered ${response.status}: ${await response.text()}`);
      const answer = (await response.json()) as PullAnswer;
      for (const one of answer.documents) mirror.held.set(one.id, one);
      // RxDB keeps no checkpoint that comes without documents.
      if (answer.documents.length > 0) mirror.checkpoint = answer.checkpoint;
      return answer;
    },
    async pull(limit = 500) {
      const came: WireDocument[] = [];
      for (;;) {
        const { documents } = await mirror.page(limit);
        came.push(...documents);
        if (documents.length < limit) return came;
      }
    },
    live: () =>
      [...mirror.held.values()]
        .filter(({ _deleted }) => !_deleted)
        .map(({ id }) => id)
        .sort(),
  };
  return mirror;
}

/** While the policy of the second fence lets nobody through: what is still shown is read without it. */
export async function withClosedFence({ db }: Server, collection: string, work: () => Promise<void>): Promise<void> {
  const [policy] = await db.rows<{ name: string; using: string }>({
    text: 'select policyname as name, qual as using from pg_policies where schemaname = current_schema() and tablename = $1',
    values: [collection],
  });
  if (!policy) throw new Error(`there is no fence around ${collection}`);
  const setTo = (using: string): Promise<unknown> => db.rows({ text: `alter policy ${policy.name} on "${collection}" using (${using})` });
  await setTo('false');
  try {
    await work();
  } finally {
    await setTo(policy.using);
  }
}

/** What administrators see of orders, and how they hand them on. */
export function orderDesk(admin: () => Client) {
  const stored = async (id: string): Promise<WireDocument> => {
    const found = (await admin().pullAll('orders')).find((one) => one.id === id);
    if (!found) throw new Error(`${id} is not stored`);
    return found;
  };
  return {
    stored,
    /** To another desk, with other changes. */
    async move(id: string, deskId: string, fields: Record<string, unknown> = {}): Promise<void> {
      const refused = await admin().push('orders', [change(await stored(id), { deskId, ...fields })]);
      if (refused.length > 0) throw new Error(`${id} could not be moved to ${deskId}`);
    },
  };
}
