/** A repeatable source of decisions (mulberry32): the same seed, the same run. */
export interface Random {
  /** A whole number from 0 to below `below`. */
  below(below: number): number;
  chance(percent: number): boolean;
  pick<Item>(list: readonly Item[]): Item;
}

export function randomFrom(seed: number): Random {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  const below = (most: number): number => next() % most;
  return {
    below,
    chance: (percent) => below(100) < percent,
    pick(list) {
      if (list.length === 0) throw new Error('nothing to pick from');
      return list[below(list.length)] as (typeof list)[number];
    },
  };
}
