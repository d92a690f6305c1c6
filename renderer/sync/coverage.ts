/** Whether what may have been missed is asked for. */
import type { Gate } from './gate.ts';

/** How often it is checked that a resync was not lost. */
const RESYNC_CHECK = 250;

/** Whether everything of before now is covered by a pull that was sent, and how to bring that about. */
export function makeCoverage(
  gate: Gate,
  active: () => { readonly up: { getValue(): boolean }; readonly down: { getValue(): boolean } } | undefined,
  ask: () => void,
) {
  /** True until the pull is sent that covers everything before it. RxDB begins with one by itself. */
  let due = true;
  /** How many pulls were sent that cover everything before them. */
  let pulls = 0;
  let check: ReturnType<typeof setTimeout> | undefined;
  const resync = (): void => {
    due = true;
    ask();
    watch();
  };
  const watch = (): void => {
    clearTimeout(check);
    check = setTimeout(() => {
      if (!due || gate.isStopped()) return;
      const now = active();
      if (now && !now.up.getValue() && !now.down.getValue()) resync();
      else watch();
    }, RESYNC_CHECK);
  };
  return {
    resync,
    isDue: (): boolean => due,
    pulls: (): number => pulls,
    asked: (): void => {
      due = false;
      pulls += 1;
    },
    lost: (): void => {
      due = true;
    },
  };
}
