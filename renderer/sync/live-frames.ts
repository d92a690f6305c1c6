/** Live frames on their way to RxDB: in their order, not while something newer may be under way, and not behind it. */

/** Hands frames to RxDB one after another, none while a push is under way: RxDB would skip the echo of what it is sending. */
export function makeFrames<Frame>({
  isDue,
  pulls,
  before,
  give,
}: {
  readonly isDue: () => boolean;
  /** Counts the pulls that cover everything that came before them. */
  readonly pulls: () => number;
  readonly before: (frame: Frame) => Promise<void>;
  readonly give: (frame: Frame) => void;
}) {
  const frames: { readonly frame: Frame; readonly came: number }[] = [];
  let handing = false;
  return {
    async take(frame: Frame): Promise<void> {
      if (isDue()) return;
      frames.push({ frame, came: pulls() });
      if (handing) return;
      handing = true;
      try {
        for (let next = frames[0]; next; next = frames[0]) {
          await before(next.frame);
          frames.shift();
          // A pull that was sent while it waited has brought what it holds, or something newer.
          if (isDue()) frames.length = 0;
          else if (next.came === pulls()) give(next.frame);
        }
      } finally {
        handing = false;
      }
    },
  };
}
