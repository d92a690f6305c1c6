/**
 * Where the records of a push stand, so that a device can tell a live frame that was under way meanwhile from one that comes
 * later: one line of text, `<epoch>;<position>,<position>,...`, for a header of the answer.
 */

/** The header of a push's answer that carries it. Devices do without where it is absent. */
export const POSITIONS_HEADER = 'x-drover-positions';
/** Of more rows than this nothing is said: proxies refuse long headers. Drover's own client sends fewer. */
export const POSITIONS_MAX = 200;

export interface Positions {
  /** The history in which they count. */
  readonly epoch: string;
  /**
   * For each row of the push, in their order: what comes of its record with an earlier checkpoint is older than what the server
   * holds. 0 where it holds nothing.
   */
  readonly at: readonly number[];
}

export const writePositions = ({ epoch, at }: Positions): string => `${epoch};${at.join(',')}`;

/** Undefined for what is not such a text about so many rows: then nothing is known of them. */
export function readPositions(text: string, rows: number): Positions | undefined {
  const [epoch = '', list = ''] = text.split(';');
  const at = list.split(',').map((one) => (/^\d{1,16}$/.test(one) ? Number(one) : Number.NaN));
  return epoch !== '' && at.length === rows && at.every(Number.isSafeInteger) ? { epoch, at } : undefined;
}
