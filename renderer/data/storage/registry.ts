/** Which engines are open in this process. Storages that share a registry share the engine of a database. */
import { Engine, type EngineSettings } from './engine.ts';
import { type Damage, type OnDamage, StorageFault } from './fault.ts';

interface Entry {
  readonly engine: Promise<Engine>;
  readonly key: CryptoKey | undefined;
  readonly damages: Damage[];
  readonly listeners: Set<OnDamage>;
  users: number;
}

export interface EngineRegistry {
  /** Opens the engine, or joins the one that is open. What was found damaged before is told to who joins. Throws StorageFault. */
  join(name: string, settings: EngineSettings): Promise<Engine>;
  /** The last one to leave closes it. */
  leave(name: string): Promise<void>;
}

export function makeEngineRegistry(): EngineRegistry {
  const entries = new Map<string, Entry>();
  const closing = new Map<string, Promise<void>>();
  const enter = (name: string, settings: EngineSettings): Entry => {
    const found = entries.get(name);
    if (found) {
      if (found.key !== settings.key) throw new StorageFault('wrong_key', `${name} is open with another key.`);
      return found;
    }
    const damages: Damage[] = [];
    const listeners = new Set<OnDamage>();
    const onDamage: OnDamage = (damage) => {
      damages.push(damage);
      for (const listener of listeners) listener(damage);
    };
    const engine = (closing.get(name) ?? Promise.resolve()).then(() => Engine.open(name, { ...settings, onDamage }));
    const entry: Entry = { engine, key: settings.key, damages, listeners, users: 0 };
    entries.set(name, entry);
    engine.catch(() => {
      if (entries.get(name) === entry) entries.delete(name);
    });
    return entry;
  };
  return {
    async join(name, settings) {
      const entry = enter(name, settings);
      entry.users += 1;
      if (!entry.listeners.has(settings.onDamage)) {
        entry.listeners.add(settings.onDamage);
        for (const damage of entry.damages) settings.onDamage(damage);
      }
      return entry.engine;
    },
    async leave(name) {
      const entry = entries.get(name);
      if (!entry) return;
      entry.users -= 1;
      if (entry.users > 0) return;
      entries.delete(name);
      const closed = entry.engine.then((engine) => engine.close());
      closing.set(name, closed);
      await closed;
      if (closing.get(name) === closed) closing.delete(name);
    },
  };
}
