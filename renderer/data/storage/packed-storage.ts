/**
 * An RxStorage for browsers that keeps the keys of all documents in memory and the documents in packed, checksummed pages
 * and a log in IndexedDB. What it guarantees and how it lies on the disk: docs/storage-format.md.
 */
import { RXDB_VERSION, type RxStorage, type RxStorageInstanceCreationParams, ensureRxStorageInstanceParamsAreCorrect } from 'rxdb';
import type { DiskSettings } from './disk.ts';
import { type OnDamage, StorageFault } from './fault.ts';
import { type PackedInternals, PackedStorageInstance } from './instance.ts';
import { type EngineRegistry, makeEngineRegistry } from './registry.ts';

export interface PackedStorageSettings extends DiskSettings {
  /** AES-GCM key: pages and log are encrypted. One database has one key for all its life. */
  readonly key?: CryptoKey;
  /** With a key: a database that was written without one is encrypted while it is in use. Default: it is refused. */
  readonly encryptExisting?: boolean;
  /** Told of everything on the disk that cannot be read, also of what healed by itself. */
  readonly onDamage?: OnDamage;
  /** Characters of documents a page. */
  readonly pageChars?: number;
  /** Characters from which on a row of a page's body is full: so many are read for one of its documents. */
  readonly rowChars?: number;
  /** Characters of page texts kept in memory; a character takes one byte, two in texts beyond Latin-1. */
  readonly heldChars?: number;
  /** Characters of the texts of documents that are kept decoded; decoded they take some three times as much. */
  readonly decodedChars?: number;
  /** Documents from which on fields without an index get a column in memory, when queries keep asking for them. */
  readonly learnFrom?: number;
  /** Characters that the log may hold before it is compacted. */
  readonly logChars?: number;
  /** How long after the opening the browser is made to leave its own log behind (fresh-log.ts), in milliseconds. Default: never. */
  readonly freshLogAfter?: number;
  /** Storages with the same registry share engines. Default: one for the process. */
  readonly registry?: EngineRegistry;
}

const MIB = 1024 * 1024;
/** Chromium compresses values from 64 KiB on before they leave the process, and everything behind that costs what is left of them. */
const COMPRESSED_BY_THE_BROWSER = MIB / 16;
/** What is encrypted it cannot compress, and would put into a file a row; a row of 30 records is read fast. */
const ENCRYPTED_ROW = MIB / 32;
/** A head of 250 records of an order's size opens fast. */
const DEFAULTS = {
  pageChars: MIB / 4,
  heldChars: 64 * MIB,
  decodedChars: 16 * MIB,
  logChars: 4 * MIB,
  learnFrom: 1000,
};

const ofProcess = makeEngineRegistry();

/** Name of the IndexedDB database of an RxDB database. */
const packedName = (databaseName: string): string => `packed-${databaseName}`;

export function getRxStoragePacked(settings: PackedStorageSettings = {}): RxStorage<PackedInternals, object> {
  const { registry = ofProcess, ...given } = settings;
  const rowChars = given.key ? ENCRYPTED_ROW : COMPRESSED_BY_THE_BROWSER;
  const engineSettings = { onDamage: () => undefined, encryptExisting: false, ...DEFAULTS, rowChars, ...given };
  return {
    name: 'packed',
    rxdbVersion: RXDB_VERSION,
    async createStorageInstance<T>(params: RxStorageInstanceCreationParams<T, object>) {
      ensureRxStorageInstanceParamsAreCorrect(params);
      if (params.schema.attachments) {
        throw new StorageFault(
          'attachments_unsupported',
          `${params.collectionName}: this storage keeps no attachments of RxDB; leave them out of the schema.`,
        );
      }
      const name = packedName(params.databaseName);
      const engine = await registry.join(name, engineSettings);
      return new PackedStorageInstance<T>(engine, params, () => registry.leave(name));
    },
  };
}
