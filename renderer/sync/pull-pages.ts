/** Pages that were handed to RxDB and are not yet written: what back-pressure counts. */
import type { Checkpoint } from '../../domain/protocol/protocol.ts';

/** RxDB stores no checkpoint that it has stored already, so a page pulled a second time may never be reported. */
const REPORT_TIMEOUT = 10_000;

export interface PullPages {
  add(upTo: Checkpoint): void;
  /** RxDB has stored this checkpoint: its page and all before it are written. */
  written(upTo: Checkpoint): void;
  forget(): void;
  /** Waits until at most `most` pages are unwritten. */
  downTo(most: number): Promise<void>;
}

export function makePullPages(): PullPages {
  let pages: Checkpoint[] = [];
  let waiters: (() => void)[] = [];
  const wake = (): void => {
    const all = waiters;
    waiters = [];
    for (const go of all) go();
  };
  return {
    add(upTo) {
      pages.push(upTo);
    },
    written(upTo) {
      const at = pages.findLastIndex((page) => page.lwt === upTo.lwt && page.id === upTo.id);
      if (at < 0) return;
      pages = pages.slice(at + 1);
      wake();
    },
    forget() {
      pages = [];
      wake();
    },
    async downTo(most) {
      while (pages.length > most) {
        const before = pages;
        let timer: ReturnType<typeof setTimeout> | undefined;
        const late = new Promise<void>((go) => {
          timer = setTimeout(go, REPORT_TIMEOUT);
        });
        await Promise.race([new Promise<void>((go) => waiters.push(go)), late]);
        clearTimeout(timer);
        if (pages === before) pages = [];
      }
    },
  };
}
