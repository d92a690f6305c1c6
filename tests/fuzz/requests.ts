/** Makes requests to the sync server that are almost right: real documents and addresses, damaged in one or a few places. */
import fc from 'fast-check';
import { type AnyDocument } from '../../domain/entity/entity.ts';
import type { PushRow, SignedInUser, WireDocument } from '../../domain/protocol/protocol.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { documentsOf } from '../domain/arbitrary-document.ts';
import { minimalDocument } from '../domain/sample.ts';
import { document } from '../sync-server/test-server.ts';
import { damaged, damagedText, damagedWord } from './damage.ts';
import type { Random } from './random.ts';

export interface FuzzRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload?: string;
  /** A row of the push that nobody has touched: it lands when the push is answered 200, and only then. */
  readonly good?: { readonly id: string; readonly w: string };
}
export interface World {
  readonly nouns: readonly Noun[];
  /** The first one is of whoever writes what must land. */
  readonly tokens: readonly string[];
  readonly author: Pick<SignedInUser, 'id' | 'deskId'>;
  /** By collection: documents of all kinds, with the id `record-1`. */
  readonly samples: ReadonlyMap<string, readonly AnyDocument[]>;
  /** By collection: states that are stored, or once were. */
  readonly stored: ReadonlyMap<string, readonly WireDocument[]>;
}

export const GOOD = 'parties';
/** A record of each collection that its callers may not see. */
export const hiddenId = (collection: string): string => `hidden-${collection}`;
const pieces = (noun: Noun, seed: number): AnyDocument[] => fc.sample(documentsOf(noun.entity), { seed, numRuns: 20 });

export function worldOf(
  nouns: readonly Noun[],
  tokens: readonly string[],
  author: SignedInUser,
  stored: ReadonlyMap<string, readonly WireDocument[]>,
  seed: number,
): World {
  return { nouns, tokens, author, stored, samples: new Map(nouns.map((noun) => [noun.entity.collection, pieces(noun, seed)])) };
}

const goodRow = ({ nouns, author }: World, n: number): WireDocument => {
  const noun = nouns.find(({ entity }) => entity.collection === GOOD);
  if (!noun) throw new Error(`${GOOD} is not served`);
  const { w: _, ...fields } = minimalDocument(noun, `good-${n}`);
  return document(`good-${n}`, { ...fields, name: `Good ${n}`, ownerId: author.id, deskId: author.deskId });
};

function row({ samples, stored }: World, collection: string, n: number, random: Random): PushRow {
  const known = stored.get(collection) ?? [];
  const sample = random.pick(samples.get(collection) ?? []);
  if (known.length > 0 && random.chance(60)) {
    const base = random.pick(known);
    const edited = random.chance(50) ? { ...base, ...sample, id: base.id } : base;
    const newDocumentState = { ...edited, id: base.id, w: `f-${n}-${random.below(1e9)}`, _deleted: random.chance(10) };
    return random.chance(85) ? { newDocumentState, assumedMasterState: base } : { newDocumentState };
  }
  return { newDocumentState: { ...sample, id: `f-${n}-${random.below(1000)}`, w: `f-${n}-${random.below(1e9)}`, _deleted: false } };
}

/** Up to three places of a row are damaged, often in what the device claims to have built on. */
function damagedRow(world: World, collection: string, n: number, random: Random): unknown {
  let sent: unknown = row(world, collection, n, random);
  for (let times = random.below(3) + 1; times > 0; times -= 1) {
    const { newDocumentState, assumedMasterState } = sent as Partial<PushRow>;
    const part = random.below(10);
    if (part < 5 && newDocumentState) sent = { ...(sent as PushRow), newDocumentState: damaged(newDocumentState, random) };
    else if (part < 8 && assumedMasterState) sent = { ...(sent as PushRow), assumedMasterState: damaged(assumedMasterState, random) };
    else return damaged(sent, random);
    if (typeof (sent as PushRow).newDocumentState !== 'object') return sent;
  }
  return sent;
}

function push(world: World, n: number, random: Random): FuzzRequest {
  const withGood = random.chance(20);
  const collection = withGood ? GOOD : random.pick(world.nouns).entity.collection;
  const rows: unknown[] = Array.from({ length: random.below(2) + 1 }, () => damagedRow(world, collection, n, random));
  const good = withGood ? goodRow(world, n) : undefined;
  if (good) rows.splice(random.below(rows.length + 1), 0, { newDocumentState: good });
  let payload = JSON.stringify(random.chance(6) ? damaged(rows, random) : rows);
  const isTorn = random.chance(60);
  if (isTorn) payload = damagedText(payload, random);
  const version = world.nouns.find(({ entity }) => entity.collection === collection)?.entity.version ?? 0;
  const request: FuzzRequest = {
    method: 'POST',
    url: `/sync/${collection}/${version > 0 && random.chance(50) ? version - 1 : version}/push`,
    headers: {},
    payload,
  };
  // A torn text may by chance still hold the good row, or hold it twice, or another one of its name.
  return good && !isTorn && payload.includes(JSON.stringify(good)) ? { ...request, good: { id: good.id, w: String(good['w']) } } : request;
}

const query = (parts: Readonly<Record<string, string>>, random: Random): string => {
  const names = Object.keys(parts);
  const broken = random.pick(names);
  return names
    .map((name) => `${name}=${name === broken || random.chance(10) ? damagedWord(parts[name] ?? '', random) : parts[name]}`)
    .join(random.chance(5) ? ';' : '&');
};

function pull(world: World, random: Random): FuzzRequest {
  const { entity } = random.pick(world.nouns);
  const parts = {
    // Mostly from behind the head, so that pages stay small.
    lwt: String(random.chance(80) ? 9e9 + random.below(1000) : random.below(3000)),
    id: random.pick(['', 'x', 'f'.repeat(64)]),
    limit: String(1 + random.below(5)),
    ...(random.chance(40) ? { history: random.pick(['12.abc', '0.', '9007199254740993.a', `7.${'a,'.repeat(20)}a`, '1.a,b,c']) } : {}),
  };
  return { method: 'GET', url: `/sync/${entity.collection}/${entity.version}/pull?${query(parts, random)}`, headers: {} };
}

function other(world: World, random: Random): FuzzRequest {
  const { entity } = random.pick(world.nouns);
  const at = `/sync/${entity.collection}/${entity.version}`;
  const json = (url: string, value: unknown): FuzzRequest => {
    const payload = JSON.stringify(damaged(value, random));
    return { method: 'POST', url, headers: {}, payload: random.chance(25) ? damagedText(payload, random) : payload };
  };
  const get = (url: string): FuzzRequest => ({ method: 'GET', url, headers: {} });
  switch (random.below(7)) {
    case 0:
      return get(`/sync/digest?${query({ collections: entity.collection }, random)}`);
    case 1:
      return get(`/sync/digest/${entity.collection}/rows?${query({ buckets: '0,17,255' }, random)}`);
    case 2:
      return json(`${at}/read`, { ids: ['good-1', `stored-${entity.collection}-0`, hiddenId(entity.collection)] });
    case 3:
      return json(`${at}/known`, {
        until: random.below(100),
        states: [random.pick(['good-1', hiddenId(entity.collection)])].map((id) => ({ id, w: 'w' })),
      });
    case 4:
      return get(`/audit?${query({ collection: entity.collection, id: random.pick(['good-1', hiddenId(entity.collection)]) }, random)}`);
    case 5:
      return json('/auth/refresh', { refreshToken: 'x'.repeat(43) });
    default:
      return get(
        random.pick(['/livez', '/readyz', '/me', '/sync', '/sync/', '/..%2f..%2fpackage.json', '/%', '/%ff', '//', '/auth/login']),
      );
  }
}

const TYPES = [
  'text/plain',
  'application/xml',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-16',
  'application/json;',
  'json',
  '',
];

/** What every kind of request can have wrong beside its own: the address, the method, the token, the type of its body. */
function damagedAround(request: FuzzRequest, world: World, random: Random): FuzzRequest {
  const token = request.good ? (world.tokens[0] ?? '') : random.pick(world.tokens);
  const headers: Record<string, string> = { authorization: `Bearer ${token}`, 'x-drover-device': 'fuzz' };
  if (request.payload !== undefined) headers['content-type'] = 'application/json';
  if (random.chance(6)) {
    const word = random.below(6);
    if (word === 0) delete headers['authorization'];
    else if (word === 1) headers['authorization'] = token;
    else if (word === 2) headers['authorization'] = `Bearer ${token.slice(0, random.below(token.length))}`;
    else if (word === 3) headers['authorization'] = `Bearer ${damagedText(token, random).replaceAll(/[^\x20-\x7e]/g, '?')}`;
    else if (word === 4) headers['authorization'] = `Bearer ${token.split('.').toReversed().join('.')}`;
    else headers['x-drover-device'] = '"\\<>;'.repeat(random.below(200));
  }
  if (request.payload !== undefined && random.chance(3)) headers['content-type'] = random.pick(TYPES);
  if (random.chance(2)) return { ...request, headers, method: random.pick(['PUT', 'DELETE', 'GET', 'POST'] as const) };
  if (!random.chance(5)) return { ...request, headers };
  const parts = request.url.split('/');
  const at = 1 + random.below(parts.length - 1);
  return { ...request, headers, url: parts.map((part, i) => (i === at ? damagedWord(part, random) : part)).join('/') };
}

/** The request number `n` of a run; the same for the same random source. Streams come over sockets, see sockets.ts. */
export function makeRequest(world: World, n: number, random: Random): FuzzRequest {
  const kind = random.below(100);
  const made = kind < 45 ? push(world, n, random) : kind < 82 ? pull(world, random) : other(world, random);
  const sent = damagedAround(made, world, random);
  // What is no longer the push that it was made as promises nothing.
  const isSame = sent.url === made.url && sent.method === made.method;
  if (isSame) return sent;
  const { good: _, ...rest } = sent;
  return rest;
}
