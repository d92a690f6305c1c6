/**
 * By which rights this device was served, and how far (SYN-7). The server tells from the checkpoint which scope a device was
 * served by, and withdraws what another scope does not reach. Two things a checkpoint cannot say are kept here: scopes whose
 * documents may have been written although their checkpoint was not (a crash in between), and how far the feed was looked
 * through without finding anything, because RxDB forgets a checkpoint that comes without documents.
 */
import { readMark, writeMark } from '../../domain/protocol/mark.ts';
import type { Checkpoint } from '../../domain/protocol/protocol.ts';
import type { Desk } from '../data/desk.ts';
import { loadSetting, saveSetting } from '../data/local-store.ts';

interface Kept {
  /** Scopes of which something may be held. */
  readonly scopes: readonly string[];
  /** Asked from `after`, the server has been through everything up to `upTo`. */
  readonly looked?: { readonly after: Checkpoint | undefined; readonly upTo: Checkpoint };
}
const isKept = (value: unknown): value is Kept =>
  typeof value === 'object' && value !== null && 'scopes' in value && Array.isArray(value.scopes);
export const sameCheckpoint = (a: Checkpoint | undefined, b: Checkpoint | undefined): boolean => a?.lwt === b?.lwt && a?.id === b?.id;

/** Enough for any device; the server asks the database for each. */
const SCOPES_MAX = 16;

export function makeServed(desk: Desk, collection: string) {
  const key = `sync.served.${collection}`;
  let kept: Kept = { scopes: [] };
  /** Epoch and scope of the last answered pull. */
  let current: string | undefined;
  const restored = loadSetting(desk.local, key).then((value) => {
    if (isKept(value)) kept = value;
  });
  const keep = (next: Kept): Promise<void> => {
    kept = next;
    return saveSetting(desk.local, key, next);
  };
  /** What this scope reaches may be held. */
  const holds = async (scope: string): Promise<void> => {
    await restored;
    if (scope !== '' && !kept.scopes.includes(scope)) await keep({ ...kept, scopes: [...kept.scopes, scope].slice(-SCOPES_MAX) });
  };
  const servedBy = (id: string): string => {
    const { epoch, scope } = readMark(id);
    return writeMark({ epoch, scope });
  };
  return {
    /** Where a pull starts that RxDB wants from there. */
    async start(asked: Checkpoint | undefined): Promise<Checkpoint | undefined> {
      await restored;
      return kept.looked && sameCheckpoint(kept.looked.after, asked) ? kept.looked.upTo : asked;
    },
    /** Scopes that the checkpoint of this start does not tell of. */
    held: (start: Checkpoint | undefined): readonly string[] => kept.scopes.filter((scope) => scope !== readMark(start?.id ?? '').scope),
    /** Before what came with this checkpoint is written. */
    async note({ id }: Checkpoint): Promise<void> {
      await restored;
      current = servedBy(id);
      await holds(readMark(id).scope);
    },
    holds,
    /** A frame of another scope or epoch than the last pull's says that a pull is due before anything else. */
    fits: ({ id }: Checkpoint): boolean => current === undefined || current === servedBy(id),
    /** Everything up to `upTo` is written; RxDB will ask from `stored` next. */
    async settle(stored: Checkpoint | undefined, upTo: Checkpoint): Promise<void> {
      await restored;
      const { scope, change } = readMark(upTo.id);
      if (change) return;
      const looked = !sameCheckpoint(stored, upTo) && upTo.lwt >= (stored?.lwt ?? 0) ? { looked: { after: stored, upTo } } : {};
      const scopes = scope === '' ? [] : [scope];
      const next: Kept = { scopes, ...looked };
      if (JSON.stringify(next) !== JSON.stringify(kept)) await keep(next);
    },
    /** What was written last may be damaged: nothing counts as looked through. */
    async doubt(): Promise<void> {
      await restored;
      if (kept.looked) await keep({ scopes: kept.scopes });
    },
  };
}
