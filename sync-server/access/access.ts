/**
 * Who may reach what, for all that serves and takes documents. Kept in memory by account; whatever reads documents also reads
 * the version of the rights in the same statement and hands it in here, so nothing is decided by rights that were changed
 * before. What a token says about role or desk counts for nothing.
 */
import { createHash } from 'node:crypto';
import { type Scope, isWithin } from '../../domain/access/condition.ts';
import type { View } from '../../domain/access/field-limits.ts';
import { narrowedTo } from '../../domain/access/narrowed.ts';
import { type Rights, readGrants, rightsOf } from '../../domain/access/rights.ts';
import type { Entity } from '../../domain/entity/entity.ts';
import { type ServedScope, accessVersion, noteScopes, readAccess } from '../db/access.ts';
import type { Database } from '../db/database.ts';
import { sharedLook } from '../db/shared-look.ts';
import type { History } from '../pull/history.ts';
import { partsOfReach } from './reach.ts';

/** What a device may be served of a collection. Equal scopes have equal keys, whosever they are. */
export interface ReadScope {
  readonly key: string;
  readonly scope: Scope;
  /** Where some fields do not travel; undefined where documents go as they are stored. */
  readonly views?: readonly View[];
}
export interface AccountAccess {
  /** What it was asked for by: an account, or an account and a key of it (reach.ts). */
  readonly reach: string;
  /** Of the rights as a whole; moves with every change of anybody's rights. */
  readonly version: number;
  readonly rights: Rights;
  read(collection: string): ReadScope;
  mayRead(collection: string, document: Readonly<Record<string, unknown>>): boolean;
}
export interface Access {
  /** The rights within this reach, not older than this version. */
  at(reach: string, version?: number): Promise<AccountAccess>;
  /** The rights within this reach as they are stored now. */
  now(reach: string): Promise<AccountAccess>;
  /** Whether no newer rights have been seen. */
  isCurrent(account: AccountAccess): boolean;
  /** Rights of this version were seen in the database: resolves when those who listen have been told. */
  seen(version: number): Promise<void>;
  /** Called with each new version; awaited before anything is served by it. */
  onChange(listener: () => Promise<void>): void;
}

const SCOPE_CHARS = 16;
const digestOf = (what: unknown, chars: number): string =>
  createHash('sha256').update(JSON.stringify(what)).digest('base64url').slice(0, chars);
export function keyOf(scope: Scope, views?: readonly View[]): string {
  if (views) return `${digestOf(scope, SCOPE_CHARS)}f${keyOfViews(views)}`;
  return scope.is === 'all' || scope.is === 'none' ? scope.is : digestOf(scope, SCOPE_CHARS);
}

/**
 * What is served depends on the hidden fields too. Where they are the same for every document only their names count, so that
 * another desk is no other view of what both desks reach.
 */
function keyOfViews(views: readonly View[]): string {
  const sets = new Set(views.map(({ without }) => JSON.stringify([...without].sort())));
  return digestOf(sets.size === 1 ? [...sets] : views, 8);
}
/** The part of a key that says which fields travel. Equal for two keys: what both scopes reach looks the same by both. */
export const viewsOfKey = (key: string): string => key.slice(SCOPE_CHARS);

/** Accounts that are remembered; an account more or less costs a query. */
const ACCOUNTS_MAX = 5_000;

export function openAccess(
  db: Database,
  entities: readonly Entity[],
  onError: (error: Error) => void,
  history?: Pick<History, 'onChange'>,
): Access {
  const known = new Map<string, Promise<AccountAccess>>();
  const listeners: (() => Promise<void>)[] = [];
  const versionNow = sharedLook(() => accessVersion(db));
  let newest = 0;
  let told = 0;
  let telling: Promise<void> = Promise.resolve();

  async function load(reach: string): Promise<AccountAccess> {
    const { accountId, keyId } = partsOfReach(reach);
    const { version, disabled, desks, grants, only } = await readAccess(db, accountId, keyId);
    const granted = disabled ? [] : readGrants(grants);
    const rights = rightsOf(only === null ? granted : narrowedTo(granted, only), { accountId, desks });
    const scopes = new Map(
      entities.map((entity): [string, ReadScope] => {
        const { collection } = entity;
        const scope = rights.scope(collection, 'read');
        const views = rights.views(entity);
        return [collection, { key: keyOf(scope, views), scope, ...(views ? { views } : {}) }];
      }),
    );
    await noteScopes(
      db,
      reach,
      [...scopes].map(([collection, { key, scope }]): ServedScope => ({ collection, key, scope })),
    );
    const read = (collection: string): ReadScope => {
      const own = scopes.get(collection);
      if (!own) throw new Error(`${collection} is no collection of this server`);
      return own;
    };
    return {
      reach,
      version,
      rights,
      read,
      mayRead: (collection, document) => isWithin(read(collection).scope, document),
    };
  }
  function remember(reach: string): Promise<AccountAccess> {
    const loading = load(reach);
    if (known.size >= ACCOUNTS_MAX) known.clear();
    known.set(reach, loading);
    // A failed look is not remembered; whoever asked is told.
    loading.catch(() => known.get(reach) === loading && known.delete(reach));
    return loading;
  }
  async function at(reach: string, version = newest): Promise<AccountAccess> {
    const kept = await (known.get(reach) ?? remember(reach));
    return kept.version >= version ? kept : remember(reach);
  }
  async function tell(version: number): Promise<void> {
    for (const listener of listeners) await listener();
    told = Math.max(told, version);
  }
  function seen(version: number): Promise<void> {
    newest = Math.max(newest, version);
    // Who could not be told is told again at the next sight of the version.
    if (version > told) telling = telling.catch(onError).then(() => tell(version));
    return telling;
  }
  // A database that was put back has put back the versions too: what was read before counts for nothing.
  history?.onChange(() => {
    known.clear();
    newest = 0;
    told = 0;
  });
  return {
    at,
    async now(reach) {
      const version = await versionNow();
      // Not awaited: whoever listens may be slow, and this answer does not depend on it.
      seen(version).catch(onError);
      return at(reach, version);
    },
    isCurrent: ({ version }) => version >= newest,
    seen,
    onChange: (listener) => void listeners.push(listener),
  };
}
