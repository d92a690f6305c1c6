/** Three-way merge of a long text, line by line. */

/** Cells of the table that compares two texts; above it the changed middle counts as one change. */
const CELLS_MAX = 250_000;

/** For each line of `base` the line of `other` that it became, or -1; increasing. The longest such pairing. */
function pairing(base: readonly string[], other: readonly string[]): number[] {
  const pairs = base.map(() => -1);
  let start = 0;
  while (start < base.length && start < other.length && base[start] === other[start]) {
    pairs[start] = start;
    start += 1;
  }
  let end = 0;
  while (end < base.length - start && end < other.length - start && base[base.length - 1 - end] === other[other.length - 1 - end]) {
    end += 1;
    pairs[base.length - end] = other.length - end;
  }
  const [rows, columns] = [base.length - start - end, other.length - start - end];
  if (rows * columns === 0 || rows * columns > CELLS_MAX) return pairs;
  const width = columns + 1;
  const longest = new Uint32Array((rows + 1) * width);
  for (let i = rows - 1; i >= 0; i -= 1) {
    for (let j = columns - 1; j >= 0; j -= 1) {
      const at = i * width + j;
      longest[at] =
        base[start + i] === other[start + j]
          ? (longest[at + width + 1] ?? 0) + 1
          : Math.max(longest[at + width] ?? 0, longest[at + 1] ?? 0);
    }
  }
  for (let i = 0, j = 0; i < rows && j < columns; ) {
    const at = i * width + j;
    if (base[start + i] === other[start + j]) {
      pairs[start + i] = start + j;
      i += 1;
      j += 1;
    } else if ((longest[at + width] ?? 0) >= (longest[at + 1] ?? 0)) i += 1;
    else j += 1;
  }
  return pairs;
}

const equal = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((line, i) => line === b[i]);

function mergeOnce(base: string, mine: string, theirs: string): string | undefined {
  const [b, m, t] = [base.split('\n'), mine.split('\n'), theirs.split('\n')];
  const [toMine, toTheirs] = [pairing(b, m), pairing(b, t)];
  const result: string[] = [];
  // Between two lines that all three have lies a piece that at most one side may have changed.
  let from = { b: 0, m: 0, t: 0 };
  for (let i = 0; i <= b.length; i += 1) {
    const [atMine, atTheirs] = i === b.length ? [m.length, t.length] : [toMine[i] ?? -1, toTheirs[i] ?? -1];
    if (atMine < 0 || atTheirs < 0) continue;
    const [was, own, other] = [b.slice(from.b, i), m.slice(from.m, atMine), t.slice(from.t, atTheirs)];
    if (equal(own, was)) result.push(...other);
    else if (equal(other, was) || equal(own, other)) result.push(...own);
    else return undefined;
    if (i < b.length) result.push(b[i] ?? '');
    from = { b: i + 1, m: atMine + 1, t: atTheirs + 1 };
  }
  return result.join('\n');
}

/**
 * The text with the changes of both sides; undefined where both changed the same place differently. Where lines repeat it
 * can be unclear which of them became which; a result into which one side would merge once more is no clean one.
 */
export function mergeText(base: string, mine: string, theirs: string): string | undefined {
  const merged = mergeOnce(base, mine, theirs);
  if (merged === undefined) return undefined;
  const isStable = [mine, theirs].every((side) => {
    const again = mergeOnce(base, side, merged);
    return again === undefined || again === merged;
  });
  return isStable ? merged : undefined;
}
