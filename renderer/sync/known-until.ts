/** Until when this device knew everything: since it had caught up, and while it is live with every sign of life of the stream. */
import { type LocalStore, loadSetting, saveSetting } from '../data/local-store.ts';
import { CAUGHT_UP } from './first-room.ts';

export interface KnownUntil {
  /** It has caught up now. */
  caughtUp(): void;
  /** Something came over the stream of a device that had caught up. */
  heard(): void;
  /** It is live no more. */
  left(): void;
}

/** Tells what is kept from before, and each later instant, ISO; keeps them over a restart. */
export function noteKnownUntil(
  local: LocalStore,
  run: (work: Promise<void>) => void,
  tell: (at: string, isKept: boolean) => void,
): KnownUntil {
  let heardAt: string | undefined;
  const note = (at: string): void => {
    tell(at, false);
    run(saveSetting(local, CAUGHT_UP, at));
  };
  run(
    loadSetting(local, CAUGHT_UP).then((kept) => {
      if (typeof kept === 'string') tell(kept, true);
    }),
  );
  return {
    caughtUp: () => note(new Date().toISOString()),
    heard: () => {
      heardAt = new Date().toISOString();
    },
    left: () => {
      if (heardAt !== undefined) note(heardAt);
      heardAt = undefined;
    },
  };
}
