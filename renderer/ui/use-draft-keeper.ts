/** Keeps what is typed on this device until it is saved, so that a crash or a closed window loses nothing. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { useDesk } from '../data/live.ts';
import { dropDraft, loadDraft, saveDraft } from '../data/local-store.ts';
import { isFull } from '../data/room.ts';

const PAUSE_MS = 300;

export interface DraftKeeper {
  /** The stored draft, once it has been looked for; undefined when there is none. */
  readonly found: { readonly values: Readonly<Record<string, unknown>>; readonly savedAt: string } | undefined;
  readonly looked: boolean;
  /** The device is full: what is typed is in this window only. */
  readonly full: boolean;
  readonly keep: (values: Readonly<Record<string, unknown>>) => void;
  readonly drop: () => Promise<void>;
}

/** `key` names the form; undefined switches drafts off (quick windows). `id` is '' for a new record. */
export function useDraftKeeper(key: string | undefined, collection: string, id: string): DraftKeeper {
  const { local } = useDesk();
  const [state, setState] = useState<{ readonly key: string | undefined; readonly found: DraftKeeper['found'] }>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [full, setFull] = useState(false);
  const pending = useRef<Readonly<Record<string, unknown>>>(undefined);

  useEffect(() => {
    let live = true;
    const look = async (): Promise<void> => {
      const draft = key === undefined ? undefined : await loadDraft(local, key);
      if (live) setState({ key, found: draft && { values: draft.values, savedAt: draft.savedAt } });
    };
    void look();
    return () => {
      live = false;
    };
  }, [local, key]);

  const flush = useCallback(() => {
    clearTimeout(timer.current);
    const values = pending.current;
    pending.current = undefined;
    if (key === undefined || values === undefined) return;
    saveDraft(local, { key, collection, id, values }).then(
      () => setFull(false),
      (error: unknown) => {
        if (!isFull(error)) throw error;
        setFull(true);
      },
    );
  }, [local, key, collection, id]);

  // A closing window gets what was typed in the last moment; leaving the form does too.
  useEffect(() => {
    window.addEventListener('pagehide', flush);
    return () => {
      window.removeEventListener('pagehide', flush);
      flush();
    };
  }, [flush]);

  const keep = useCallback(
    (values: Readonly<Record<string, unknown>>) => {
      pending.current = values;
      clearTimeout(timer.current);
      timer.current = setTimeout(flush, PAUSE_MS);
    },
    [flush],
  );
  const drop = useCallback(async () => {
    clearTimeout(timer.current);
    pending.current = undefined;
    setFull(false);
    if (key !== undefined) await dropDraft(local, key);
  }, [local, key]);
  const looked = state !== undefined && state.key === key;
  return { found: looked ? state.found : undefined, looked, full, keep, drop };
}
