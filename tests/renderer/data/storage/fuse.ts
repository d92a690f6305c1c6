/**
 * Breaks IndexedDB at a chosen call: every call of the interface counts, whoever makes it. What a broken call leaves behind
 * is what a browser leaves: its transaction is aborted as a whole.
 */
import { IDBDatabase as FakeDatabase, IDBFactory as FakeFactory, IDBObjectStore as FakeStore } from 'fake-indexeddb';

/**
 * `die`: this call and all later ones fail, as when the process is gone. `full`: this call alone fails, the disk being full.
 * `no_room`: every call that puts something fails so, whatever its number.
 */
export type Break = 'die' | 'full' | 'no_room';

interface Fuse {
  calls: number;
  breakAt: number;
  how: Break;
  broken: boolean;
}
let fuse: Fuse | undefined;
/** Dexie looks at the tables of what it has just opened; when that transaction cannot be made, its `open` never settles. */
let dexieLooks = false;

function fails(method: string): boolean {
  const exempt = dexieLooks && method === 'transaction';
  dexieLooks = method === 'open';
  if (!fuse || exempt) return false;
  fuse.calls += 1;
  if (fuse.how === 'no_room') return method === 'put' || method === 'add';
  if (fuse.calls === fuse.breakAt) fuse.broken = true;
  return fuse.calls === fuse.breakAt || (fuse.broken && fuse.how === 'die');
}
const errorOf = (): DOMException =>
  fuse?.how !== 'die' ? new DOMException('no room', 'QuotaExceededError') : new DOMException('gone', 'AbortError');

interface Breakable {
  readonly transaction?: { abort(): void };
}
function guard(prototype: object, methods: readonly string[]): void {
  for (const method of methods) {
    const own: unknown = Reflect.get(prototype, method);
    if (typeof own !== 'function') throw new Error(`IndexedDB has no ${method}`);
    Reflect.set(prototype, method, function guarded(this: Breakable, ...args: unknown[]): unknown {
      if (fails(method)) {
        const error = errorOf();
        try {
          this.transaction?.abort();
        } catch {
          // It was over already.
        }
        throw error;
      }
      return Reflect.apply(own, this, args) as unknown;
    });
  }
}
guard(FakeFactory.prototype, ['open']);
guard(FakeDatabase.prototype, ['transaction']);
guard(FakeStore.prototype, ['get', 'getAll', 'getAllKeys', 'put', 'add', 'delete', 'clear', 'count', 'openCursor', 'openKeyCursor']);

export interface Armed {
  /** Did the chosen call happen? */
  readonly broken: boolean;
  readonly calls: number;
}
/** From now on the given call (1 is the next one) breaks; 0 only counts. */
export function arm(breakAt: number, how: Break): Armed {
  fuse = { calls: 0, breakAt, how, broken: false };
  return fuse;
}
export const disarm = (): void => {
  fuse = undefined;
};
