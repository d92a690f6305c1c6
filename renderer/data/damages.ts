/** What of the device's storage could not be read, for those who mend it and those who tell people. */
import type { Damage, OnDamage } from './storage/fault.ts';

export interface Damages {
  /** Only what is lost here; what the storage made whole again by itself is not in it. */
  list(): readonly Damage[];
  /** Calls back for each that is known and each that is found. Answers how to stop. */
  follow(listener: OnDamage): () => void;
}

export function makeDamages(): Damages & { readonly add: OnDamage } {
  const found: Damage[] = [];
  const listeners = new Set<OnDamage>();
  return {
    list: () => found,
    follow(listener) {
      const own: OnDamage = (damage) => listener(damage);
      for (const damage of found) own(damage);
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
    add(damage) {
      if (damage.healed) return;
      found.push(damage);
      for (const listener of listeners) listener(damage);
    },
  };
}
