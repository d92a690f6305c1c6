/** What people read when a desk finds itself empty that held something before. Pure. */
import type { Loss } from '../data/held-mark.ts';
import { showInstant } from '../ui/show-value.ts';

const number = new Intl.NumberFormat('en-US');
const some = (count: number, what: string): string => `${number.format(count)} ${what}${count === 1 ? '' : 's'}`;

/** What happened, then what became of the work that the server did not have. */
export function lossSentences({ foundAt, seenAt, user, waiting, files, since }: Loss): readonly [happened: string, work: string] {
  const who = user === undefined ? '' : `, with ${user} signed in`;
  const happened = `All that Drover kept on this device was gone when it was opened (${showInstant(foundAt)}). It was last seen whole on ${showInstant(seenAt)}${who}.`;
  if (waiting + files === 0) return [happened, 'As far as was noted, everything had reached the server by then, so no change is lost.'];
  const what = [...(waiting > 0 ? [some(waiting, 'change')] : []), ...(files > 0 ? [some(files, 'file')] : [])].join(' and ');
  const be = waiting + files === 1 ? 'is' : 'are';
  const from = since === undefined ? '' : ` There was unsent work since ${showInstant(since)}.`;
  return [
    happened,
    `${what} had not been sent by then and ${be} lost, as are drafts that were not saved. This has to be done again.${from}`,
  ];
}

export const LOSS_TITLE = 'The records on this device were lost';
/** Why it happens, and what comes back. */
export const LOSS_REASON =
  'A browser may throw away what it keeps: when somebody clears its data, when the disk is full, or when the machine stops in the middle of a write. The records themselves come again from the server.';
