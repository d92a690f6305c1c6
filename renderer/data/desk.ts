/**
 * Opens the desk: one RxDB collection a noun, on the storage of the device (renderer/data/desk-storage.ts), and the device's
 * own store beside it.
 *
 * No validator wraps the storage: commit writes only what the domain validated, the server is the gate for what comes
 * from outside, and a pulled document that an old window cannot validate must still be kept (docs/decisions).
 *
 * Windows: Electron has one, a browser may have several tabs on the same database. They share one storage, which tells each
 * of what the others wrote, and one of them syncs for all (renderer/sync/leadership.ts).
 */
import { type RxCollection, type RxConflictHandler, type RxDatabase, type RxStorage, addRxPlugin, createRxDatabase } from 'rxdb';
import { RxDBMigrationSchemaPlugin } from 'rxdb/plugins/migration-schema';
import type { Company } from '../../domain/access/company.ts';
import { sameValue } from '../../domain/record/overlay.ts';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { rxMigrations, rxSchema } from '../../domain/entity/rx-schema.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { nouns as everyNoun } from '../../domain/registry.ts';
import { openCompany } from './company.ts';
import { type Damages, makeDamages } from './damages.ts';
import { DeskFault } from './desk-fault.ts';
import { type AtRest, type KeyChain, deskKey, inWordsOfTheDesk } from './desk-key.ts';
import { type StorageKind, storageOf } from './desk-storage.ts';
import { type HeldMark, type MarkPlace, isEmptyDesk, openHeldMark } from './held-mark.ts';
import { newId } from './ids.ts';
import { type LocalStore, deviceIdOf, loadSetting, openLocalStore, saveSetting } from './local-store.ts';
import type { Live } from './live-value.ts';
import { askToStay } from './room.ts';
import type { Moving } from './storage/host/move-from-dexie.ts';

export interface DeskOptions {
  /** Name of the databases on this device; the product's is `drover`. */
  readonly name: string;
  /** `packed` by default; or any RxStorage. */
  readonly storage?: StorageKind | RxStorage<unknown, unknown>;
  readonly nouns?: readonly Noun[];
  /** Where the key is kept that the records are encrypted with; without it they lie on the disk as they are. */
  readonly keychain?: KeyChain;
  /** Several windows share this database. Default: yes in a browser tab, no in Electron and in Node. */
  readonly severalWindows?: boolean;
  /** Where it is noted what this device holds, apart from IndexedDB. Default: localStorage where there is one. */
  readonly marks?: MarkPlace;
  /** Hears how far the records are on their way from the Dexie storage, where a device has them there. */
  readonly onMoving?: (moving: Moving) => void;
}

export type DeskCollection = RxCollection<AnyDocument>;

export interface Desk {
  readonly name: string;
  readonly db: RxDatabase<Record<string, DeskCollection>>;
  readonly local: LocalStore;
  readonly damages: Damages;
  readonly heldMark: HeldMark;
  readonly atRest: AtRest;
  readonly nouns: readonly Noun[];
  /** UUID of this device. */
  readonly deviceId: string;
  readonly severalWindows: boolean;
  /** What the company has set, as this device was last told. */
  readonly company: Live<Company>;
  /** Throws for a name that is no collection of this desk: a bug of the caller. */
  collection(name: string): DeskCollection;
  noun(collection: string): Noun;
  close(): Promise<void>;
}

/** Open-source RxDB refuses more open collections in one process (COL23). */
export const MOST_COLLECTIONS = 13;

type State = Readonly<Record<string, unknown>>;
/** Two states of a document are one when nothing wrote between them. The server restamps modifiedAt without a new `w`. */
export const sameState = (a: State, b: State): boolean =>
  a['w'] === b['w'] && a['_deleted'] === b['_deleted'] && a['modifiedAt'] === b['modifiedAt'];

/** The server merges; the device takes what it answers. A client that merged against a refusing server would loop. */
const serverWins: RxConflictHandler<AnyDocument> = {
  // What comes down is also compared by content: after an update of Drover the server sends fields that were kept from the older one.
  isEqual: (a, b, context) => sameState(a, b) && (context !== 'downstream-check-if-equal-1' || sameValue(a, b)),
  resolve: (input) => Promise.resolve(input.realMasterState),
};

const inBrowserTab = (): boolean => typeof window !== 'undefined' && typeof BroadcastChannel !== 'undefined' && !('drover' in window);

const marksHere = (): MarkPlace | undefined => (typeof localStorage === 'undefined' ? undefined : localStorage);

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const codeOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '');

async function refuseNewerData(local: LocalStore, nouns: readonly Noun[]): Promise<void> {
  for (const { entity } of nouns) {
    const stored = await loadSetting(local, `schema.${entity.collection}`);
    if (typeof stored === 'number' && stored > entity.version) {
      throw new DeskFault(
        'newer_data',
        `The ${entity.labels.toLowerCase()} on this device were written by a newer Drover (version ${stored}; this window knows ${entity.version}). Update Drover and open it again; nothing was changed.`,
      );
    }
  }
}

function openFault(noun: Noun, error: unknown): DeskFault {
  const { labels, collection, version } = noun.entity;
  if (codeOf(error) === 'DB6') {
    return new DeskFault(
      'schema_changed',
      `The shape of ${labels.toLowerCase()} changed without a new version, so the records on this device cannot be opened. Install the version of Drover that was used before, or its next update.`,
      error,
    );
  }
  if (version > 0) {
    return new DeskFault(
      'migration_failed',
      `The ${labels.toLowerCase()} on this device could not be brought to version ${version} (${collection}: ${wordsOf(error)}). The old records are kept. Update Drover, or ask support before you do anything else.`,
      error,
    );
  }
  return new DeskFault(
    'open_failed',
    `The ${labels.toLowerCase()} on this device could not be opened (${wordsOf(error)}). Close other Drover windows, check that the disk is not full, and try again.`,
    error,
  );
}

async function addCollections(db: Desk['db'], local: LocalStore, nouns: readonly Noun[]): Promise<void> {
  const first = nouns[0];
  if (!first) throw new Error('a desk needs at least one noun');
  const open = ({ entity }: Noun) =>
    db.addCollections({
      [entity.collection]: {
        schema: rxSchema(entity),
        migrationStrategies: rxMigrations(entity),
        conflictHandler: serverWins,
      },
    });
  // Together, because each waits for IndexedDB; all are awaited before the first fault is thrown, so that a close finds them settled.
  const opened = await Promise.allSettled(
    nouns.map(async (noun) => {
      await open(noun);
      const key = `schema.${noun.entity.collection}`;
      // Written only when it changes: a device that is full opens all the same.
      if ((await loadSetting(local, key)) !== noun.entity.version) await saveSetting(local, key, noun.entity.version);
    }),
  );
  opened.forEach((result, i) => {
    const noun = nouns[i];
    if (result.status === 'rejected' && noun) throw openFault(noun, result.reason);
  });
}

/** Opens the desk of this name, bringing older records to today's versions. Throws DeskFault in plain words. */
export async function openDesk(options: DeskOptions): Promise<Desk> {
  const { name, storage = 'packed', nouns = everyNoun, severalWindows = inBrowserTab(), onMoving = () => undefined } = options;
  if (nouns.length > MOST_COLLECTIONS) throw new Error(`${nouns.length} collections; RxDB opens at most ${MOST_COLLECTIONS}`);
  if (typeof indexedDB === 'undefined') {
    throw new DeskFault(
      'no_storage',
      'This browser does not let Drover keep data (IndexedDB is missing or switched off). Leave private browsing or use another browser.',
    );
  }
  addRxPlugin(RxDBMigrationSchemaPlugin);
  // Not awaited: the desk opens whatever the browser answers, and a browser that fails here says so in its console.
  void askToStay();
  const local = await openLocalStore(name);
  const damages = makeDamages();
  const opened: { db?: Desk['db'] } = {};
  const known = await openCompany(local);
  try {
    await refuseNewerData(local, nouns);
    const { atRest, key } = storage === 'packed' ? await deskKey(local, options.keychain) : { atRest: 'plain' as const };
    const db = await createRxDatabase<Record<string, DeskCollection>>({
      name,
      storage: typeof storage === 'string' ? await storageOf(local, name, storage, { onDamage: damages.add, onMoving }, key) : storage,
      multiInstance: severalWindows,
      eventReduce: true,
      allowSlowCount: true,
    });
    opened.db = db;
    await addCollections(db, local, nouns);
    const deviceId = await deviceIdOf(local, () => newId());
    const isEmpty = (): Promise<boolean> => isEmptyDesk(Object.values(db.collections));
    const heldMark = await openHeldMark({ name, token: await db.storageToken, isEmpty }, options.marks ?? marksHere());
    return deskOf(db, { name, local, damages, heldMark, atRest, nouns, deviceId, severalWindows, company: known.company }, known.close);
  } catch (error) {
    known.close();
    await opened.db?.close();
    local.close();
    throw inWordsOfTheDesk(error);
  }
}

function deskOf(
  db: Desk['db'],
  facts: Pick<Desk, 'name' | 'local' | 'damages' | 'heldMark' | 'atRest' | 'nouns' | 'deviceId' | 'severalWindows' | 'company'>,
  closeCompany: () => void,
): Desk {
  const byCollection = new Map(facts.nouns.map((noun) => [noun.entity.collection, noun]));
  return {
    ...facts,
    db,
    collection(name) {
      const found = db.collections[name];
      if (!found) throw new Error(`${name} is no collection of this desk`);
      return found;
    },
    noun(collection) {
      const found = byCollection.get(collection);
      if (!found) throw new Error(`${collection} is no collection of this desk`);
      return found;
    },
    async close() {
      closeCompany();
      facts.heldMark.close();
      await db.close();
      facts.local.close();
    },
  };
}
