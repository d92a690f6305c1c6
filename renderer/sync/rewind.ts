/** From where a collection is pulled again: what could not be written, and what RxDB skipped because of an unsent edit. */
import type { Checkpoint } from '../../domain/protocol/protocol.ts';
import type { Desk } from '../data/desk.ts';
import { loadSetting, saveSetting } from '../data/local-store.ts';
import { markedIds } from './waiting-marks.ts';

/** The earlier of two places to start from; undefined is the very beginning. */
const earlier = (a: Checkpoint | undefined, b: Checkpoint | undefined): Checkpoint | undefined =>
  a && b ? (a.lwt <= b.lwt ? a : b) : undefined;

/** Where a pull must start again, before RxDB's own checkpoint. Kept over restarts. */
export function makeRewind(desk: Desk, collection: string, version: number) {
  const key = `sync.again.${collection}`;
  /** To be used by the next pull. */
  let due: { from: Checkpoint | undefined } | undefined;
  /** To be used once these records are no longer waiting to be sent. */
  let skipped: { from: Checkpoint | undefined; readonly ids: Set<string> } | undefined;
  const keep = (): Promise<void> => {
    const floor = due && skipped ? { from: earlier(due.from, skipped.from) } : (due ?? (skipped ? { from: skipped.from } : undefined));
    return saveSetting(desk.local, key, floor);
  };
  const restore = async (): Promise<void> => {
    const kept = await loadSetting(desk.local, key);
    if (typeof kept === 'object' && kept !== null) due ??= kept as { from: Checkpoint | undefined };
    // After an update of Drover the server sends what it had kept from the older version, so everything is pulled again.
    const before = await loadSetting(desk.local, `sync.version.${collection}`);
    if (before === version) return;
    if (typeof before === 'number') {
      due = { from: undefined };
      await keep();
    }
    await saveSetting(desk.local, `sync.version.${collection}`, version);
  };
  const restored = restore();
  return {
    /** Where to pull from: as RxDB asks, or earlier. */
    async start(asked: Checkpoint | undefined): Promise<Checkpoint | undefined> {
      await restored;
      return due ? earlier(due.from, asked) : asked;
    },
    /** The pull from there was answered. */
    started(from: Checkpoint | undefined): void {
      if (due && earlier(due.from, from) === from) due = undefined;
    },
    isDue: (): boolean => due !== undefined,
    async to(from: Checkpoint | undefined): Promise<void> {
      due = { from: due ? earlier(due.from, from) : from };
      await keep();
    },
    /** Remembers those of these documents that RxDB will skip, because they have an unsent edit here. */
    async note(documents: readonly { readonly id: string }[], from: Checkpoint | undefined): Promise<void> {
      const ids = await markedIds(
        desk,
        collection,
        documents.map((document) => document.id),
      );
      if (ids.length === 0) return;
      skipped = { from: skipped ? earlier(skipped.from, from) : from, ids: new Set([...(skipped?.ids ?? []), ...ids]) };
      await keep();
    },
    /** True when all that was skipped has been sent, so that a pull from before it brings the server's state. */
    async ripe(): Promise<boolean> {
      if (!skipped || (await markedIds(desk, collection, [...skipped.ids])).length > 0 || !skipped) return false;
      due = { from: due ? earlier(due.from, skipped.from) : skipped.from };
      skipped = undefined;
      return true;
    },
    settle: keep,
  };
}
