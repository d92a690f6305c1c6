/**
 * What a rule sees of the records around the one that is written. The rule says as data what it wants to look at; the window
 * reads that from its device and the server from its database, so that both judge by the same function.
 */
import type { AnyDocument } from '../entity/entity.ts';

/** Live records of a collection: by their ids, or by the record that an indexed reference of theirs names. */
export interface Look {
  readonly collection: string;
  /** `id`, or the name of a `ref` field with an index. */
  readonly by: string;
  readonly value: string;
  /** Of those only records whose fields have one of these values; '' stands for none. */
  readonly where?: Readonly<Record<string, readonly string[]>>;
}
export interface Around {
  /** What was found; nothing for what nobody has looked for. */
  found(look: Look): readonly AnyDocument[];
  /** Until when the reader knew everything, ISO; undefined where it always does, or never did. */
  readonly asOf?: string;
}
/** The looks that are still wanted when this much is known. What was found may lead to more. */
export type Looks = (around: Around) => readonly Look[];

/** A rule looks, then looks at what it found, and once more: an order, its papers, their products. */
const STEPS_MAX = 3;

export const NOTHING_AROUND: Around = { found: () => [] };

export const nameOfLook = ({ collection, by, value, where = {} }: Look): string => JSON.stringify([collection, by, value, where]);

export const isFoundBy = ({ by, value, where = {} }: Look, document: Readonly<Record<string, unknown>>): boolean =>
  document[by] === value && Object.entries(where).every(([key, values]) => values.includes(String(document[key] ?? '')));

/** Reads what a rule wants. `read` is asked for all looks of a step at once and answers them in their order. */
export async function lookAround(
  looks: Looks,
  read: (looks: readonly Look[]) => Promise<readonly (readonly AnyDocument[])[]>,
  asOf?: string,
): Promise<Around> {
  const known = new Map<string, readonly AnyDocument[]>();
  const around: Around = { found: (look) => known.get(nameOfLook(look)) ?? [], ...(asOf === undefined ? {} : { asOf }) };
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const wanted = new Map(looks(around).map((look) => [nameOfLook(look), look]));
    const open = [...wanted].filter(([name]) => !known.has(name));
    if (open.length === 0) break;
    const answers = await read(open.map(([, look]) => look));
    open.forEach(([name], i) => known.set(name, answers[i] ?? []));
  }
  return around;
}

/** The same, as somebody knew it whose knowledge ends at that instant: what the server stored later is left out. */
export const knownUntil = (around: Around, until: string): Around => ({
  found: (look) => around.found(look).filter(({ modifiedAt }) => modifiedAt <= until),
  asOf: until,
});
