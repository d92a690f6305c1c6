/** The only source of chance in a simulated history: a small seeded generator (sfc32), the same numbers on every machine. */

export interface Dice {
  /** A whole number from 0 to `count - 1`. */
  below(count: number): number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** True in so many of a hundred cases. */
  chance(percent: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** 8 hexadecimal digits. */
  word(): string;
}

export function makeDice(seed: number): Dice {
  let [a, b, c, d] = [0x9e3779b9, 0x243f6a88, seed >>> 0, 1];
  const next = (): number => {
    const t = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  // The first numbers of neighbouring seeds are alike.
  for (let i = 0; i < 15; i += 1) next();
  const below = (count: number): number => (count <= 1 ? 0 : next() % count);
  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    chance: (percent) => below(100) < percent,
    pick(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
    word: () => next().toString(16).padStart(8, '0'),
  };
}
