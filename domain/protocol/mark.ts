/**
 * What the `id` of a checkpoint says: `<epoch>`, `<epoch>.<scope>` or `<epoch>.<scope>.<from>.<reached>`. RxDB carries it
 * unread, so it is made of characters that are safe in an address.
 */

export interface Mark {
  /** The history of the feed in which the position counts. */
  readonly epoch: string;
  /** Key of the scope by which everything up to the position was served; '' when that is not known. */
  readonly scope: string;
  /** The rights have changed: up to the position everything was served by another scope, and what differs is under way. */
  readonly change?: {
    readonly from: string;
    /** How far in the feed the differences have been served. */
    readonly reached: number;
  };
}

export function readMark(id: string): Mark {
  const [epoch = '', scope = '', from, reached] = id.split('.');
  const position = Number(reached);
  if (from === undefined || reached === undefined || !/^\d{1,16}$/.test(reached) || !Number.isSafeInteger(position)) return { epoch, scope };
  return { epoch, scope, change: { from, reached: position } };
}

export const writeMark = ({ epoch, scope, change }: Mark): string =>
  change ? `${epoch}.${scope}.${change.from}.${change.reached}` : `${epoch}.${scope}`;
