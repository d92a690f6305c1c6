/** Live frames on their way to RxDB: in their order, not while something newer may be under way, and not behind it. */

interface FramesParts<Frame> {
  /** A pull is due that will cover everything that has come by then. */
  readonly isDue: () => boolean;
  /** Counts the pulls that cover everything that came before them. */
  readonly pulls: () => number;
  /** Waits for what is under way, and notes these. */
  readonly before: (frames: readonly Frame[]) => Promise<void>;
  /** Nothing is under way: what is given now is written before anything that comes later. */
  readonly isFree: () => boolean;
  readonly give: (frames: readonly Frame[]) => void;
}

/**
 * Hands frames to RxDB, none while it pushes or pulls: it would skip the echo of what it is sending, and put what came before
 * a page over what came with it.
 */
export function makeFrames<Frame>({ isDue, pulls, before, isFree, give }: FramesParts<Frame>) {
  const frames: { readonly frame: Frame; readonly came: number }[] = [];
  let handing = false;
  return {
    async take(frame: Frame): Promise<void> {
      if (isDue()) return;
      frames.push({ frame, came: pulls() });
      if (handing) return;
      handing = true;
      try {
        while (frames.length > 0) {
          const here = [...frames];
          await before(here.map((one) => one.frame));
          // A pull that was sent while they waited has brought what they hold, or something newer.
          const fresh = here.filter(({ came }) => came === pulls());
          if (isDue()) frames.length = 0;
          else if (fresh.length === 0) frames.splice(0, here.length);
          else if (isFree()) {
            frames.splice(0, here.length);
            give(fresh.map((one) => one.frame));
          }
        }
      } finally {
        handing = false;
      }
    },
  };
}
