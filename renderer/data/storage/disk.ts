/**
 * Every call to IndexedDB. Frames go in and out as bytes; what they mean is decided elsewhere.
 *
 * Commits use the connection below Dexie: one transaction, two requests, its own durability. Chromium answers a relaxed
 * transaction when the operating system has the data and a strict one when the disk has it; both go to one log of LevelDB in
 * order, so a strict commit also makes every relaxed one before it safe, and a crash takes a suffix, never a middle. Only values
 * that lie in files of their own are not in that log: those of a relaxed commit may be gone after a power loss, and are damage then.
 */
import { Dexie, type Table } from 'dexie';
import { filesOpen } from './browser-files.ts';
import { StorageFault, isDiskFull, writeFault } from './fault.ts';
import { makeLateClaim } from './late-claim.ts';
import { makeValueReader } from './value-reader.ts';

type Bytes = Uint8Array<ArrayBuffer>;
export interface PageRows {
  readonly no: number;
  readonly head: Bytes;
  /** Its rows take the numbers from `no` on. */
  readonly body: readonly Bytes[];
}
export interface CommitRows {
  readonly sequence: number;
  readonly log: Bytes;
  readonly pages: readonly PageRows[];
  /** Wait for the disk, not only for the operating system. */
  readonly strict: boolean;
}
export interface SwitchRows {
  readonly manifest: readonly [Bytes, Bytes];
  readonly orders: readonly { readonly no: number; readonly bytes: Bytes }[];
  /** Rows of the log with a lower number are in the pages now. */
  readonly logFrom: number;
}

export type PageTable = 'bodies' | 'heads' | 'orders';

export interface Disk {
  /** Both copies of the manifest; undefined for a copy that is not there. */
  readManifest(): Promise<readonly [unknown, unknown]>;
  /** From now on this engine writes, and one that claimed before does not. On a full disk: from its first write on (late-claim.ts). */
  claim(): Promise<void>;
  readLog(from: number): Promise<{ readonly sequence: number; readonly bytes: unknown }[]>;
  readBodies(rows: readonly number[]): Promise<unknown[]>;
  readHeads(pages: readonly number[]): Promise<unknown[]>;
  readOrder(page: number): Promise<unknown>;
  /** All numbers that are used in bodies, heads and orders. */
  pageNumbers(): Promise<number[]>;
  numbersIn(table: PageTable): Promise<number[]>;
  readPages(table: PageTable, pages: readonly number[]): Promise<unknown[]>;
  /** Puts other bytes in the place of pages that are still there. */
  replacePages(table: PageTable, rows: readonly { readonly no: number; readonly bytes: Bytes }[]): Promise<void>;
  commit(rows: CommitRows): Promise<void>;
  /** Pages that nothing names yet. */
  writePages(pages: readonly PageRows[]): Promise<void>;
  switchTo(rows: SwitchRows): Promise<void>;
  dropPages(pages: readonly number[]): Promise<void>;
  /** Puts these where nothing is ever read, in the place of those before; a piece that is undefined takes that one away. */
  fill(pieces: readonly (Bytes | undefined)[]): Promise<void>;
  close(): void;
}

export interface DiskSettings {
  readonly indexedDB?: IDBFactory;
  readonly IDBKeyRange?: typeof IDBKeyRange;
}

class PackedDexie extends Dexie {
  readonly log!: Table<unknown, number>;
  readonly bodies!: Table<unknown, number>;
  readonly heads!: Table<unknown, number>;
  readonly orders!: Table<unknown, number>;
  /** 1 and 2: the copies of the manifest; 0: who writes; from 16 on: nothing. */
  readonly root!: Table<unknown, number>;

  constructor(name: string, settings: DiskSettings) {
    super(name, { ...settings, chromeTransactionDurability: 'strict' });
    this.version(1).stores({ log: '', bodies: '', heads: '', orders: '', root: '' });
  }
}

const OWNER = 0;
/** From here on (fresh-log.ts). */
const FILLING = 16;
const wholeStores = ['root', 'log', 'bodies', 'heads'];

/** From this size on a frame may lie in a file of its own, which only a strict write of its own brings to the disk. */
const IN_A_FILE = 48 * 1024;

const takenOver = (): StorageFault =>
  new StorageFault('taken_over', 'Another window has opened this database for writing; open it again to go on.');

/** Runs a write on the bare connection, after asking who owns the store; settles when the transaction has. */
function ownTransaction(database: IDBDatabase, owner: string, strict: boolean, work: (transaction: IDBTransaction) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(wholeStores, 'readwrite', { durability: strict ? 'strict' : 'relaxed' });
    let fault: unknown;
    const asked = transaction.objectStore('root').get(OWNER);
    asked.onsuccess = () => {
      if (asked.result === owner) return;
      fault = takenOver();
      transaction.abort();
    };
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(writeFault(fault ?? transaction.error));
    try {
      work(transaction);
    } catch (error) {
      fault = error;
      try {
        transaction.abort();
      } catch {
        // It had ended by itself: nothing was written, which is what the rejection says.
        reject(writeFault(error));
      }
    }
  });
}

const putPages = (transaction: IDBTransaction, pages: readonly PageRows[]): void => {
  for (const { no, head, body } of pages) {
    const bodies = transaction.objectStore('bodies');
    for (const [i, row] of body.entries()) bodies.put(row, no + i);
    transaction.objectStore('heads').put(head, no);
  }
};

/** Opens (and makes) the database of this name. Throws StorageFault. */
export async function openDisk(name: string, settings: DiskSettings): Promise<Disk> {
  const dexie = new PackedDexie(name, settings);
  const owner = Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join('-');
  try {
    await filesOpen(settings.indexedDB ?? indexedDB, name);
    await dexie.open();
  } catch (error) {
    dexie.close();
    throw new StorageFault('read_failed', 'The database of the browser cannot be opened.', error);
  }
  const bare = (): IDBDatabase => {
    const { idbdb } = dexie as unknown as { readonly idbdb: IDBDatabase | null };
    if (!dexie.isOpen() || idbdb === null) throw new StorageFault('closed', 'The database of the browser was closed.');
    return idbdb;
  };
  const reading = async <T>(work: () => PromiseLike<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw new StorageFault('read_failed', 'The database of the browser cannot be read.', error);
    }
  };
  const state = async () => ({
    owner: await dexie.root.get(OWNER),
    lastRow: (await dexie.log.toCollection().reverse().limit(1).primaryKeys())[0],
    manifest: await dexie.root.get(1),
  });
  const late = makeLateClaim(async (isAsBefore) =>
    dexie.transaction('rw', dexie.root, dexie.log, async () => {
      if (!isAsBefore(await state())) throw takenOver();
      await dexie.root.put(owner, OWNER);
    }),
  );
  const writing = async (strict: boolean, work: (transaction: IDBTransaction) => void): Promise<void> => {
    try {
      await late.due();
      await ownTransaction(bare(), owner, strict, work);
    } catch (error) {
      throw writeFault(error);
    }
  };
  /** In a transaction over `root`. */
  const askOwner = async (): Promise<void> => {
    if ((await dexie.root.get(OWNER)) !== owner) throw takenOver();
  };
  const values = makeValueReader(() => dexie.root.get(OWNER));
  const readRows = (table: Table<unknown, number>, keys: readonly number[]): Promise<unknown[]> =>
    reading(() => values.some(table, keys, table.bulkGet([...keys])));
  return {
    readManifest: () => reading(async () => [await values.one(dexie.root, 1), await values.one(dexie.root, 2)]),
    async claim() {
      try {
        await dexie.root.put(owner, OWNER);
      } catch (error) {
        if (!isDiskFull(error)) throw writeFault(error);
        await late.put(() => reading(state));
      }
    },
    readLog: (from) =>
      reading(async () => {
        const range = dexie.log.where(':id').aboveOrEqual(from);
        const sequences = await range.primaryKeys();
        const rows = await values.some(dexie.log, sequences, range.toArray());
        return sequences.map((sequence, i) => ({ sequence, bytes: rows[i] }));
      }),
    readBodies: (rows) => readRows(dexie.bodies, rows),
    readHeads: (pages) => readRows(dexie.heads, pages),
    readOrder: (page) => reading(() => values.one(dexie.orders, page)),
    pageNumbers: () =>
      reading(async () => {
        const tables = [dexie.bodies, dexie.heads, dexie.orders];
        const all = await Promise.all(tables.map((table) => table.toCollection().primaryKeys()));
        return [...new Set(all.flat())];
      }),
    numbersIn: (table) => reading(() => dexie[table].toCollection().primaryKeys()),
    readPages: (table, pages) => readRows(dexie[table], pages),
    async replacePages(table, rows) {
      try {
        await late.due();
        await dexie.transaction('rw', dexie.root, dexie[table], async () => {
          await askOwner();
          const there = new Set(
            await dexie[table]
              .where(':id')
              .anyOf(rows.map(({ no }) => no))
              .primaryKeys(),
          );
          const kept = rows.filter(({ no }) => there.has(no));
          await dexie[table].bulkPut(
            kept.map(({ bytes }) => bytes),
            kept.map(({ no }) => no),
          );
        });
      } catch (error) {
        throw writeFault(error);
      }
    },
    commit: ({ sequence, log, pages, strict }) =>
      writing(strict, (transaction) => {
        putPages(transaction, pages);
        transaction.objectStore('log').put(log, sequence);
      }),
    writePages: (pages) =>
      writing(
        pages.some(({ body }) => body.some(({ length }) => length >= IN_A_FILE)),
        (transaction) => putPages(transaction, pages),
      ),
    async switchTo({ manifest, orders, logFrom }) {
      try {
        await late.due();
        await dexie.transaction('rw', dexie.root, dexie.log, dexie.orders, async () => {
          await askOwner();
          await dexie.root.bulkPut([...manifest], [1, 2]);
          await dexie.orders.bulkPut(
            orders.map(({ bytes }) => bytes),
            orders.map(({ no }) => no),
          );
          await dexie.log.where(':id').below(logFrom).delete();
        });
      } catch (error) {
        throw writeFault(error);
      }
    },
    async dropPages(pages) {
      try {
        await late.due();
        await dexie.transaction('rw', dexie.root, dexie.bodies, dexie.heads, dexie.orders, async () => {
          // The numbers of a process that was taken over may be in use again.
          await askOwner();
          await Promise.all([dexie.bodies, dexie.heads, dexie.orders].map((table) => table.bulkDelete([...pages])));
        });
      } catch (error) {
        throw writeFault(error);
      }
    },
    fill: (pieces) =>
      writing(false, (transaction) => {
        const root = transaction.objectStore('root');
        for (const [i, piece] of pieces.entries()) {
          if (piece) root.put(piece, FILLING + i);
          else root.delete(FILLING + i);
        }
      }),
    close: () => dexie.close(),
  };
}
