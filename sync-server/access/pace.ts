/**
 * How often one account may ask. A desk stays far below; what is beyond is a program that runs away or somebody with a stolen
 * session. Counted in this process: with several behind one address, an account may ask as often at each.
 */
import { HttpError } from '../error-answer.ts';

/** A first sync of 100,000 records is some 400 requests, an import of 7,000 rows some 100. */
export const REQUESTS_PER_MINUTE = 3000;
const MINUTE_MS = 60_000;
/** Accounts that have been quiet for a minute are forgotten when so many are known. */
const KNOWN_MAX = 10_000;

/** DROVER_REQUESTS_PER_MINUTE. Throws for anything but a whole number from 60. */
export function requestsPerMinuteFrom({ DROVER_REQUESTS_PER_MINUTE: text = '' }: NodeJS.ProcessEnv): number {
  if (text === '') return REQUESTS_PER_MINUTE;
  if (!/^\d{2,7}$/.test(text) || Number(text) < 60)
    throw new Error(`DROVER_REQUESTS_PER_MINUTE must be a whole number of 60 or more, not "${text}".`);
  return Number(text);
}

/** Counts a request. Throws HttpError 429 with the time to wait when the account has used up its minute. */
export type Pace = (account: string) => void;

/** A bucket for each account: full at first, one minute's worth large, filled evenly. */
export function openPace(perMinute: number, now: () => Date): Pace {
  const buckets = new Map<string, { readonly left: number; readonly at: number }>();
  const msEach = MINUTE_MS / perMinute;
  return (account) => {
    const at = now().getTime();
    if (buckets.size >= KNOWN_MAX) for (const [one, bucket] of buckets) if (at - bucket.at >= MINUTE_MS) buckets.delete(one);
    const bucket = buckets.get(account) ?? { left: perMinute, at };
    // A clock that was set back gives nothing and takes nothing.
    const left = Math.min(perMinute, bucket.left + Math.max(0, at - bucket.at) / msEach);
    if (left < 1) {
      buckets.set(account, { left, at });
      const seconds = Math.max(1, Math.ceil(((1 - left) * msEach) / 1000));
      throw new HttpError(429, 'too_many_requests', 'Too many requests of this account in a minute. Wait a moment, then try again.', {
        headers: { 'retry-after': String(seconds) },
      });
    }
    buckets.set(account, { left: left - 1, at });
  };
}
