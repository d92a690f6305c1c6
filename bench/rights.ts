/**
 * What authorization costs (issue: at most a tenth of pull and push): the same routes, documents and Postgres in turns, once with
 * everything allowed and nothing asked, once by a role that reads and writes its own desk only, once with row level security too.
 * Served inside this process, so that what is compared is the work and not the line.
 */
import { type FastifyInstance, fastify } from 'fastify';
import { ALL } from '../domain/access/condition.ts';
import { recordActions } from '../domain/access/permissions.ts';
import { rightsOf } from '../domain/access/rights.ts';
import { nouns, nounOf } from '../domain/registry.ts';
import { type Access, openAccess } from '../sync-server/access/access.ts';
import type { Authenticate } from '../sync-server/auth/authenticate.ts';
import { putAccount } from '../sync-server/db/accounts.ts';
import { type Database, openDatabase } from '../sync-server/db/database.ts';
import { READER, type ReadAs, fencedBy } from '../sync-server/db/fence.ts';
import { prepareDatabase } from '../sync-server/db/prepare.ts';
import { putRole } from '../sync-server/db/roles.ts';
import { openHistory } from '../sync-server/pull/history.ts';
import { pullRoute } from '../sync-server/pull/pull-route.ts';
import { openApplyQueue } from '../sync-server/push/apply-queue.ts';
import { pushRoute } from '../sync-server/push/push-route.ts';
import { COLLECTION, SCHEMA_VERSION, benchDocument } from './documents.ts';
import type { Line, Subject } from './report.ts';

const DESK = benchDocument(0, 0).deskId;
const USER = { id: 'bench', email: 'bench@drover.example', name: 'Bench', role: 'bench', deskId: DESK };
const PAGE = 500;
const ROWS = 80;
const fail = (error: Error): void => {
  throw error;
};

const allowed: Access = (() => {
  const rights = rightsOf(
    recordActions.map((action) => ({ permission: `*:${action}` as const, when: ALL })),
    { accountId: USER.id, desks: [] },
  );
  const account = {
    reach: USER.id,
    version: Number.MAX_SAFE_INTEGER,
    rights,
    read: () => ({ key: 'all', scope: ALL }),
    mayRead: () => true,
  };
  const at = () => Promise.resolve(account);
  return { at, now: at, isCurrent: () => true, seen: () => Promise.resolve(), onChange: () => undefined };
})();

interface Side {
  readonly name: string;
  readonly app: FastifyInstance;
  close(): Promise<void>;
}
async function openSide(name: string, url: string, access: (db: Database) => Access, readAs: (db: Database) => ReadAs): Promise<Side> {
  const db = openDatabase({ url });
  const history = await openHistory(db, fail);
  const app = fastify({ bodyLimit: 32 * 1024 * 1024 });
  const authenticate: Authenticate = (request) =>
    Promise.resolve({
      user: USER,
      reach: USER.id,
      session: 's',
      device: 'bench',
      address: request.ip,
      expiresAt: new Date(Date.now() + 3_600_000),
      onEnd: () => () => undefined,
    });
  const own = { db, access: access(db), nounOf, now: () => new Date(), apply: openApplyQueue(db, {}), history, readAs: readAs(db) };
  pullRoute(app, own, authenticate);
  pushRoute(app, own, authenticate, () => undefined);
  await app.ready();
  const close = async (): Promise<void> => {
    await app.close();
    await history.close();
    await db.close();
  };
  return { name, app, close };
}

/** Documents a second. */
async function pushed({ app }: Side, run: number, count: number): Promise<number> {
  const began = performance.now();
  for (let from = 0; from < count; from += ROWS) {
    const payload = Array.from({ length: Math.min(ROWS, count - from) }, (_, i) => ({ newDocumentState: benchDocument(run, from + i) }));
    const answer = await app.inject({ method: 'POST', url: `/sync/${COLLECTION}/${SCHEMA_VERSION}/push`, payload });
    if (answer.statusCode !== 200 || answer.body !== '[]')
      throw new Error(`a push was answered by ${answer.statusCode} ${answer.body.slice(0, 200)}`);
  }
  return (count / (performance.now() - began)) * 1000;
}
async function pulled({ app }: Side, expected: number): Promise<number> {
  const began = performance.now();
  let count = 0;
  for (let [lwt, id] = [0, '']; ; ) {
    const answer = await app.inject({ url: `/sync/${COLLECTION}/${SCHEMA_VERSION}/pull?lwt=${lwt}&id=${id}&limit=${PAGE}` });
    const page = JSON.parse(answer.body) as { documents: unknown[]; checkpoint: { lwt: number; id: string } };
    count += page.documents.length;
    if (page.documents.length < PAGE) break;
    ({ lwt, id } = page.checkpoint);
  }
  if (count !== expected) throw new Error(`${count} documents were pulled instead of ${expected}`);
  return (count / (performance.now() - began)) * 1000;
}
/** The best of all rounds: what others do on the machine only ever makes a round slower. */
const best = (values: readonly number[]): number => Math.max(0, ...values);

export const rights: Subject = {
  notes: ['Cost of authorization: one process, one client, in turns, the best of all rounds; a ratio of 0.90 is a tenth.'],
  async measure({ postgres, quick, say }) {
    const url = postgres.urlOf('drover');
    const db = openDatabase({ url, connections: 1 });
    await prepareDatabase(
      db,
      nouns.map(({ entity }) => entity),
    );
    const when = {
      is: 'or',
      of: [
        { is: 'my_desks', field: 'deskId' },
        { is: 'mine', field: 'ownerId' },
      ],
    } as const;
    const grants = recordActions.map((action) => ({ permission: `${COLLECTION}:${action}`, when }));
    await putRole(db, { name: USER.role, label: 'Bench', edited: true, grants });
    await putAccount(db, { ...USER, passwordHash: '' });
    const readers = openDatabase({ url, role: READER });
    const judged = (on: Database): Access =>
      openAccess(
        on,
        nouns.map(({ entity }) => entity),
        fail,
      );
    const plain =
      (on: Database): ReadAs =>
      () =>
        on;
    const open = await openSide('nothing asked', url, () => allowed, plain);
    const scoped = await openSide('own desk', url, judged, plain);
    const fenced = await openSide('own desk, row level security', url, judged, () => fencedBy(readers));
    const sides = [open, scoped, fenced];
    const [rounds, each] = quick ? [2, 160] : [13, 800];
    const speeds = new Map(sides.map(({ name }) => [name, { push: [] as number[], pull: [] as number[] }]));
    let run = 1000;
    let total = 0;
    for (let round = 0; round < rounds; round += 1) {
      // Another order each round, so that no side always comes first.
      const turn = [...sides.slice(round % sides.length), ...sides.slice(0, round % sides.length)];
      for (const side of turn) {
        const speed = await pushed(side, (run += 1), each);
        total += each;
        if (round > 0) speeds.get(side.name)?.push.push(speed);
      }
      for (const side of turn) {
        const speed = await pulled(side, total);
        if (round > 0) speeds.get(side.name)?.pull.push(speed);
      }
      say(`rights: round ${round + 1} of ${rounds}`);
    }
    const of = (side: Side, what: 'push' | 'pull'): number => best(speeds.get(side.name)?.[what] ?? []);
    const line = (what: 'push' | 'pull', side: Side): Line => ({
      what: `${what} by ${side.name}`,
      unit: 'documents/s',
      ours: of(side, what),
      baselines: [{ name: open.name, value: of(open, what) }],
    });
    for (const side of sides) await side.close();
    await readers.close();
    await db.close();
    return [line('push', scoped), line('pull', scoped), line('pull', fenced)];
  },
};
