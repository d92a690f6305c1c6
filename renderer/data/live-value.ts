/**
 * A value that can be read at once and that tells when it changed, without React. Work starts with the first subscriber and ends
 * with the last one.
 */

export interface Live<T> {
  get(): T;
  /** Answers the function that ends the subscription. */
  subscribe(listener: () => void): () => void;
}

/** A Live value fed by `start`, which gets a setter and answers how to stop. Equal values (Object.is) are not announced. */
export function makeLive<T>(initial: T, start: (set: (value: T) => void) => () => void): Live<T> {
  let value = initial;
  let stop: (() => void) | undefined;
  const listeners = new Set<() => void>();
  const set = (next: T): void => {
    if (Object.is(next, value)) return;
    value = next;
    for (const listener of listeners) listener();
  };
  return {
    get: () => value,
    subscribe(listener) {
      const own = (): void => listener();
      listeners.add(own);
      stop ??= start(set);
      return () => {
        if (!listeners.delete(own) || listeners.size > 0) return;
        stop?.();
        stop = undefined;
      };
    },
  };
}

/** A Live value that its owner sets. */
export function makeCell<T>(initial: T): Live<T> & { set(value: T): void } {
  let setter: ((value: T) => void) | undefined;
  let current = initial;
  const live = makeLive(initial, (set) => {
    setter = set;
    return () => {
      setter = undefined;
    };
  });
  return {
    get: () => current,
    subscribe(listener) {
      const stop = live.subscribe(listener);
      setter?.(current);
      return stop;
    },
    set(value) {
      current = value;
      setter?.(value);
    },
  };
}
