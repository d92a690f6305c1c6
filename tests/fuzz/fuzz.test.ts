/**
 * A hundred thousand requests that are almost right, against a real server on a real Postgres. The run follows from its seed;
 * FUZZ_SEED and FUZZ_REQUESTS choose another one. A request that finds something becomes a named test in found.test.ts.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Condition } from '../../domain/access/condition.ts';
import { recordActions } from '../../domain/access/permissions.ts';
import type { WireDocument } from '../../domain/protocol/protocol.ts';
import { validate } from '../../domain/entity/validate.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { nouns as registered } from '../../domain/registry.ts';
import { openLog } from '../../sync-server/log.ts';
import type { Server } from '../../sync-server/server.ts';
import { pen2 } from '../domain/pens.ts';
import { minimalDocument } from '../domain/sample.ts';
import { inconsistencies } from '../sync-server/consistency.ts';
import { type Client, change, document, insert, openStream, openTestServer, signIn, until } from '../sync-server/test-server.ts';
import { randomFrom } from './random.ts';
import { type FuzzRequest, GOOD, type World, hiddenId, makeRequest, worldOf } from './requests.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_120);
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 100_000);
/** Requests under way at once; enough for pushes to be joined, and for one record to be in several of them. */
const AT_ONCE = 32;
/** What the server may have grown by between a fifth of the run and its end. A leak of a kilobyte a request is twice as much. */
const HEAP_MB_MAX = 40;

const nouns: readonly Noun[] = [...registered, { entity: pen2 }];
/** Kinds of records of which one is hidden. */
const HIDING = ['parties', 'products', pen2.collection];
/** Stores a record that will be hidden. Answers what a device may make up under its id, without a word of it. */
async function hide(writer: Client, noun: Noun): Promise<WireDocument> {
  const { entity } = noun;
  const id = hiddenId(entity.collection);
  const { w: _w, ...fields } = minimalDocument(noun, id);
  const secret = document(id, { ...fields, [entity.title]: `${HIDDEN} ${entity.label}`, deskId: HIDDEN_DESK });
  expect(await writer.push(entity.collection, [insert(secret)], entity.version)).toEqual([]);
  return document(id, fields);
}
/** From now on every role reaches everything but the hidden records. */
async function seeAllButHidden(): Promise<void> {
  const when: Condition = { is: 'not', of: { is: 'in', field: 'deskId', values: [HIDDEN_DESK] } };
  const grants = recordActions.map((action) => ({ permission: `*:${action}`, when }));
  await server.db.rows({ text: 'update roles set edited = true, grants = $1::jsonb', values: [JSON.stringify(grants)] });
}
let server: Server;
let world: World;
let secrets: string[];
/** In a field of each record that no role of the server may see. */
const HIDDEN = 'canary-5d1f0c';
/** The desk of those records. */
const HIDDEN_DESK = 'nobody';
/** What the server recorded of errors that it did not expect, for the report. */
const logged: string[] = [];
beforeAll(async () => {
  // The clock stands still, so that no token ends on a slow machine.
  const start = new Date();
  server = await openTestServer({ nouns, now: () => start, log: openLog('error', { write: (line: string) => void logged.push(line) }) });
  const clients = [await signIn(server, 'broker', 'fuzz'), await signIn(server, 'field', 'fuzz-too')];
  const [writer] = clients;
  if (!writer) throw new Error('nobody is signed in');
  const stored = new Map<string, WireDocument[]>();
  for (const noun of nouns) {
    const { collection, version } = noun.entity;
    const firsts = Array.from({ length: 3 }, (_, i): WireDocument => {
      const { w: _w, ...fields } = minimalDocument(noun, `stored-${collection}-${i}`);
      return document(`stored-${collection}-${i}`, fields);
    });
    await writer.push(collection, firsts.map(insert), version);
    const seconds = firsts.map((first) => change(first, { status: 'inactive' }));
    if (noun.entity.appendOnly !== true) await writer.push(collection, seconds, version);
    stored.set(collection, [...firsts, ...seconds.map(({ newDocumentState }) => newDocumentState)]);
  }
  for (const noun of nouns) if (HIDING.includes(noun.entity.collection)) stored.get(noun.entity.collection)?.push(await hide(writer, noun));
  await seeAllButHidden();
  world = worldOf(
    nouns,
    clients.map(({ login }) => login.accessToken),
    writer.login.user,
    stored,
    SEED,
  );
  secrets = (
    await server.db.rows<{ secret: string }>({
      text: `select password_hash as secret from accounts union select secret from signing_keys union select token_hash from refresh_tokens`,
    })
  ).map(({ secret }) => secret);
}, 60_000);
afterAll(() => server.close());

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
function heapMegabytes(): number {
  collect();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

/** Words of our insides that no caller may be told. */
const INSIDE =
  /\bat (?:async )?[\w.<>]+ \(|node_modules|\.ts:\d|\bselect\b.*\bfrom\b|\binsert into\b|\bsync_apply\b|relation "|violates|SQLSTATE|postgres:|syntax error at/;

interface Answer {
  readonly statusCode: number;
  readonly body: string;
}
/** What is wrong with an answer; undefined for nothing. */
function flaw({ statusCode, body }: Answer, request: FuzzRequest): string | undefined {
  if (statusCode >= 500) return `answered ${statusCode}: ${body.slice(0, 300)}`;
  if (secrets.some((secret) => body.includes(secret))) return 'tells a secret';
  if (body.includes(HIDDEN)) return `tells of a record that nobody may see: ${body.slice(0, 300)}`;
  if (request.url === '/livez' || body === '') return undefined;
  let said: unknown;
  try {
    said = JSON.parse(body);
  } catch {
    // Only the desk's own pages are no JSON, and none is served here.
    return `answered ${statusCode} with what is no JSON: ${body.slice(0, 200)}`;
  }
  if (statusCode < 400) return undefined;
  const { code, detail } = said as { code?: unknown; detail?: unknown };
  if (typeof code !== 'string' || typeof detail !== 'string') return `gave no code and sentence: ${body.slice(0, 200)}`;
  return INSIDE.test(body) ? `tells of its insides: ${body.slice(0, 300)}` : undefined;
}
/** A device puts what a push answers into its storage, which takes only what has the fields that are always there. */
function answeredWrongly(body: string, request: FuzzRequest): string | undefined {
  const entity = nouns.find((noun) => request.url.startsWith(`/sync/${noun.entity.collection}/`))?.entity;
  const isOwnVersion = entity && request.url.startsWith(`/sync/${entity.collection}/${entity.version}/push`);
  if (!isOwnVersion) return undefined;
  for (const { _deleted, ...answered } of JSON.parse(body) as WireDocument[]) {
    if (typeof _deleted !== 'boolean') return `an answer does not say whether it is deleted: ${body.slice(0, 300)}`;
    const odd = validate(entity, answered).filter(({ code }) => !['required', 'bad_id'].includes(code));
    if (odd.length > 0) return `an answer is malformed (${odd[0]?.field} ${odd[0]?.code}): ${body.slice(0, 300)}`;
  }
  return undefined;
}

const rows = <Row>(text: string): Promise<Row[]> => server.db.rows<Row>({ text });
const promised: { id: string; w: string; isOwed: boolean }[] = [];

async function send(n: number): Promise<{ status: number; flaw?: string }> {
  const request = makeRequest(world, n, randomFrom(SEED + n));
  const { method, url, headers, payload, good } = request;
  const answer = await server.fastify.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  const wrong =
    flaw(answer, request) ?? (answer.statusCode === 200 && url.endsWith('/push') ? answeredWrongly(answer.body, request) : undefined);
  if (good) promised.push({ ...good, isOwed: answer.statusCode === 200 });
  return {
    status: answer.statusCode,
    ...(wrong === undefined ? {} : { flaw: `request ${n}: ${wrong}\n${JSON.stringify(request).slice(0, 3000)}` }),
  };
}

describe(`fuzz, seed ${SEED}`, () => {
  test(`[SYN-4] ${REQUESTS} requests: no 5xx, no word of the insides, no secret, and memory that does not grow`, async () => {
    console.info(`fuzz: FUZZ_SEED=${SEED} FUZZ_REQUESTS=${REQUESTS}`);
    const statuses = new Map<number, number>();
    const flaws: string[] = [];
    let next = 0;
    let heapBefore = 0;
    const worker = async (until_: number): Promise<void> => {
      while (next < until_ && flaws.length < 20) {
        const n = next;
        next += 1;
        const { status, flaw: found } = await send(n);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (found !== undefined) flaws.push(found);
      }
    };
    const run = (until_: number): Promise<unknown> => Promise.all(Array.from({ length: AT_ONCE }, () => worker(until_)));
    await run(REQUESTS / 5);
    heapBefore = heapMegabytes();
    await run(REQUESTS);
    const grown = heapMegabytes() - heapBefore;
    console.info(`fuzz: heap ${heapBefore.toFixed(0)} MB, grown by ${grown.toFixed(1)} MB;`, Object.fromEntries(statuses));
    expect([...flaws, ...logged.slice(0, 10)]).toEqual([]);
    expect(grown).toBeLessThan(HEAP_MB_MAX);
    // Neither is all of it turned away at the door, nor does all of it pass.
    for (const status of [200, 400, 401, 404]) expect(statuses.get(status) ?? 0).toBeGreaterThan(REQUESTS / 1000);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect('polluted' in {}).toBe(false);
  }, 3_600_000);

  test('[SYN-4] the good row of each push landed once when the push was answered, and not at all when it was turned away', async () => {
    const landed = new Map(
      (
        await rows<{ id: string; w: string; times: number }>(
          `select id, w, count(*) as times from audit where collection = '${GOOD}' and id like 'good-%' group by id, w`,
        )
      ).map(({ id, w, times }) => [`${id} ${w}`, times]),
    );
    const wrong = promised.filter(({ id, w, isOwed }) => (landed.get(`${id} ${w}`) ?? 0) !== (isOwed ? 1 : 0));
    expect(wrong.slice(0, 10)).toEqual([]);
    expect(promised.filter(({ isOwed }) => isOwed).length).toBeGreaterThan(REQUESTS / 100);
  });

  test('[SYN-7] the records that nobody may see are as they were, and were aimed at', async () => {
    const ids = nouns.map(({ entity }) => hiddenId(entity.collection));
    const touched = await server.db.rows<{ collection: string; times: number }>({
      text: 'select collection, count(*) as times from audit where id = any($1) group by collection',
      values: [ids],
    });
    expect(touched.map(({ collection }) => collection).toSorted()).toEqual(HIDING.toSorted());
    expect(touched.filter(({ times }) => times !== 1)).toEqual([]);
    const refused = await server.db.rows<{ count: number }>({
      text: `select count(*) as count from refused where id = any($1) and code = 'not_permitted'`,
      values: [ids],
    });
    expect(refused[0]?.count).toBeGreaterThan(REQUESTS / 1000);
  });

  test('[SYN-1, SYN-3, SYN-9] documents, audit and feed agree: no hole, no double, and each state follows from the one before', async () => {
    expect(
      await inconsistencies(
        server.db,
        nouns.map(({ entity }) => entity.collection),
      ),
    ).toEqual([]);
  });

  test('nothing is stored that its entity does not allow', async () => {
    for (const { entity } of nouns) {
      const stored = await rows<{ doc: Record<string, unknown>; deleted: boolean }>(`select doc, deleted from "${entity.collection}"`);
      const bad = stored.flatMap(({ doc }) => validate(entity, doc).map(({ field, code }) => `${String(doc['id'])} ${field} ${code}`));
      expect([entity.collection, bad.slice(0, 5)]).toEqual([entity.collection, []]);
    }
  });

  test('[SYN-2] every refusal and every clash has its entry', async () => {
    // Entries of the server have an id of version 8, made of the row.
    const [told] = await rows<{ refused: number; clashes: number; entries: number }>(
      `select (select count(*) from refused) as refused, (select count(*) from settled where outcome = 'clash') as clashes,
         (select count(*) from audit where collection = 'activities' and kind = 'insert' and after::jsonb->>'kind' in ('refusal', 'clash')
           and id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-8') as entries`,
    );
    expect(told?.entries).toBe((told?.refused ?? 0) + (told?.clashes ?? 0));
    expect(told?.refused).toBeGreaterThan(0);
  });

  test('[SYN-1] the server works as before: a push, a pull from the beginning, and a live change', async () => {
    const client = await signIn(server, 'broker', 'after');
    const stream = await openStream(client, '/sync/stream?collections=parties:0');
    const { w: _, ...fields } = minimalDocument(nouns.find((noun) => noun.entity.collection === 'parties') as Noun, 'afterwards');
    expect(await client.push('parties', [insert(document('afterwards', fields))])).toEqual([]);
    await until(() => stream.frames.some(({ documents }) => documents.some(({ id }) => id === 'afterwards')), 'it came live');
    stream.close();
    const pulled = await client.pullAll('parties');
    const [counted] = await rows<{ count: number }>(`select count(*) as count from parties where doc->>'deskId' <> '${HIDDEN_DESK}'`);
    expect(new Set(pulled.map(({ id }) => id)).size).toBe(counted?.count);
  });
});
