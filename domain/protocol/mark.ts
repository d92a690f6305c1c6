/**
 * What the `id` of a checkpoint says: `<epoch>`, `<epoch>.<scope>` or `<epoch>.<scope>.<from>.<reached>`. RxDB carries it
 * unread, so it is made of characters that are safe in an address.
 */

export interface Mark {
  /** The history of the feed in which the position counts. */
  readonly epoch: string;
  /** Key of the scope by which everything up to the position was served; '' when that is not known. */
  readonly scope: string;
  /** The rights have changed: up to the position everything was served by other scopes, and what differs is under way. */
  readonly change?: {
    /** Keys of these scopes: several when the rights changed again before the difference was served to its end. */
    readonly from: readonly string[];
    /** How far in the feed the differences have been served. */
    readonly reached: number;
  };
}

/** More are forgotten, the oldest first; the text stays short enough for every client. */
const FROM_MAX = 6;

export function readMark(id: string): Mark {
  const [epoch = '', scope = '', from, reached] = id.split('.');
  const position = Number(reached);
  if (from === undefined || reached === undefined || !/^\d{1,16}$/.test(reached) || !Number.isSafeInteger(position))
    return { epoch, scope };
  return { epoch, scope, change: { from: from.split('~').filter((key) => key !== ''), reached: position } };
}

export const writeMark = ({ epoch, scope, change }: Mark): string =>
  change ? `${epoch}.${scope}.${change.from.slice(-FROM_MAX).join('~')}.${change.reached}` : `${epoch}.${scope}`;
