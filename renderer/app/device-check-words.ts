/** The outcome of a comparison with the server, in words. Pure. */
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
