/** A small piece of this device's own state (columns, widths), kept in the local store. */
import { useCallback, useEffect, useState } from 'react';
import { useDesk } from '../data/live.ts';
import { loadSetting, saveSetting } from '../data/local-store.ts';

/**
 * Value and setter. The fallback until the store answered, and where what it holds has another shape (an older version
 * wrote it).
 */
export function useSetting<Value>(
  key: string,
  fallback: Value,
  isValue: (stored: unknown) => stored is Value,
): readonly [Value, (next: Value) => void] {
  const { local } = useDesk();
  const [state, setState] = useState<{ readonly key: string; readonly value: Value } | undefined>(undefined);
  useEffect(() => {
    let live = true;
    void loadSetting(local, key).then((stored) => {
      if (live && isValue(stored)) setState((now) => (now?.key === key ? now : { key, value: stored }));
    });
    return () => {
      live = false;
    };
  }, [local, key, isValue]);
  const set = useCallback(
    (value: Value) => {
      setState({ key, value });
      void saveSetting(local, key, value);
    },
    [local, key],
  );
  return [state?.key === key ? state.value : fallback, set];
}
