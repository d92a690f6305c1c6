/** Which accepted rows may be stored now: those whose references are all there, or arrive together with them. */

export interface Candidate {
  readonly key: string;
  /** Keys of the records it points at. */
  readonly references: ReadonlySet<string>;
}
export interface Placement<C extends Candidate> {
  readonly land: readonly C[];
  readonly wait: readonly { readonly candidate: C; readonly wants: readonly string[] }[];
}

/**
 * The greatest set in which every reference is stored or in the set itself, so that records which point at each other land
 * together. Starts from all and takes away what cannot stand, until nothing more falls.
 */
export function place<C extends Candidate>(candidates: readonly C[], stored: ReadonlySet<string>): Placement<C> {
  const standing = new Map(candidates.map((candidate) => [candidate.key, candidate]));
  const dependents = new Map<string, C[]>();
  for (const candidate of candidates) {
    for (const key of candidate.references) {
      const list = dependents.get(key);
      if (list) list.push(candidate);
      else dependents.set(key, [candidate]);
    }
  }
  const isThere = (key: string): boolean => stored.has(key) || standing.has(key);
  const falling = candidates.filter((candidate) => [...candidate.references].some((key) => !isThere(key)));
  for (let next = falling.pop(); next; next = falling.pop()) {
    if (!standing.delete(next.key)) continue;
    if (!stored.has(next.key)) falling.push(...(dependents.get(next.key) ?? []));
  }
  const land = candidates.filter((candidate) => standing.has(candidate.key));
  const wait = candidates
    .filter((candidate) => !standing.has(candidate.key))
    .map((candidate) => ({ candidate, wants: [...candidate.references].filter((key) => !isThere(key)) }));
  return { land, wait };
}
