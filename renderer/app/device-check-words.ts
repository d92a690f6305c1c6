/** The outcome of a comparison with the server, in words. Pure. */
import { nounOf } from '../../domain/registry.ts';
import type { Damage } from '../data/storage/fault.ts';
import type { DeviceCheck } from '../sync/device-check.ts';

const number = new Intl.NumberFormat('en-US');

export function checkSentence({ equal, mended, collections }: DeviceCheck): string {
  const records = number.format(collections.reduce((sum, { here }) => sum + here, 0));
  const still = collections.reduce((sum, { differing }) => sum + differing, 0);
  if (!equal) return `${number.format(still)} records still differ from the server. Stay connected and check again in a minute.`;
  if (mended > 0)
    return `${number.format(mended)} records differed and were fetched again. All ${records} records are now as on the server.`;
  return `All ${records} records are as on the server, but for what waits here to be sent.`;
}

/** What people read when the disk of this device lost something. */
export function damageSentence(damages: readonly Damage[]): string {
  // What is in no collection of a noun is the bookkeeping of RxDB, such as what the server is known to hold.
  const lost = damages.filter(({ collection, kind }) => kind !== 'manifest' && (collection === undefined || nounOf(collection)));
  if (lost.length === 0 && damages.some(({ kind }) => kind === 'manifest'))
    return 'The table of contents of the storage on this device could not be read when it was opened. Drover made it again from the records themselves, and compares all of them with the server.';
  if (lost.length === 0)
    return 'Notes about the synchronization could not be read on this device. No record is lost; Drover compares all of them with the server.';
  const known = lost.reduce((sum, { ids }) => sum + ids.length, 0);
  const what = known > 0 ? `at least ${number.format(known)} ${known === 1 ? 'record was' : 'records were'}` : 'some records were';
  return `A part of the storage on this device could not be read when it was opened; ${what} lost here. Drover fetches what the server has. A change that was never sent from here and is missing has to be made again.`;
}
