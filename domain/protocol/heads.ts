/**
 * What the opening of a live stream tells: where each collection stands, so that a device that comes back asks only for what
 * has moved. One line of text, `<epoch>;<position>;<collection>:<last>:<scope>;...`, for a header of the answer.
 */

/** The header of the stream's answer that carries it. Devices do without where it is absent. */
export const HEADS_HEADER = 'x-drover-heads';

export interface Head {
  /** Position of the last change of this collection, anybody's; the stream brings all that come after it. */
  readonly last: number;
  /** Key of the scope by which the caller is served. */
  readonly scope: string;
}
export interface Heads {
  /** The history in which the positions count. */
  readonly epoch: string;
  /** How far the whole feed had come. */
  readonly seq: number;
  readonly collections: ReadonlyMap<string, Head>;
}

export const writeHeads = ({ epoch, seq, collections }: Heads): string =>
  [epoch, seq, ...[...collections].map(([collection, { last, scope }]) => `${collection}:${last}:${scope}`)].join(';');

const positionIn = (text: string | undefined): number | undefined => {
  const position = text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(position) ? position : undefined;
};

/** Undefined for what is not such a text: whoever reads it then asks for everything. */
export function readHeads(text: string): Heads | undefined {
  const [epoch = '', at, ...parts] = text.split(';');
  const seq = positionIn(at);
  if (epoch === '' || seq === undefined) return undefined;
  const collections = new Map<string, Head>();
  for (const part of parts) {
    const [collection = '', position, scope = ''] = part.split(':');
    const last = positionIn(position);
    if (collection === '' || last === undefined || scope === '') return undefined;
    collections.set(collection, { last, scope });
  }
  return { epoch, seq, collections };
}
