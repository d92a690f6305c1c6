import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPace, requestsPerMinuteFrom } from '../../../sync-server/access/pace.ts';
import { HttpError } from '../../../sync-server/error-answer.ts';
import type { Server } from '../../../sync-server/server.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { openTestServer, signIn } from '../test-server.ts';

let clock = Date.parse('2026-11-21T08:00:00Z');
const now = (): Date => new Date(clock);
let server: Server;
beforeAll(async () => {
  server = await openTestServer({ nouns: syntheticNouns, now, requestsPerMinute: 60 });
});
afterAll(() => server.close());

test('an account that asked sixty times in its minute waits a second for the next, others do not, and what is public is not counted', async () => {
  const hasty = await signIn(server, 'broker');
  const calm = await signIn(server, 'admin');
  const ask = (headers: Record<string, string>) => fetch(`${server.url}/auth/devices`, { headers });
  for (let n = 0; n < 60; n += 1) expect((await ask(hasty.headers)).status).toBe(200);
  const refused = await ask(hasty.headers);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
  expect(await refused.json()).toMatchObject({ code: 'too_many_requests' });
  expect((await ask(calm.headers)).status).toBe(200);
  // Somebody else's false tokens are none of the account's.
  expect((await ask({ authorization: 'Bearer x' })).status).toBe(401);
  clock += 1000;
  expect([(await ask(hasty.headers)).status, (await ask(hasty.headers)).status]).toEqual([200, 429]);
});

test('a bucket is one minute large, fills evenly, and a clock that is set back neither gives nor takes', () => {
  let at = 0;
  const pace = openPace(120, () => new Date(at));
  const taken = (): number => {
    for (let count = 0; ; count += 1) {
      try {
        pace('a');
      } catch (error) {
        expect(error).toBeInstanceOf(HttpError);
        return count;
      }
    }
  };
  expect(taken()).toBe(120);
  at += 10_000;
  expect(taken()).toBe(20);
  at -= 3_600_000;
  expect(taken()).toBe(0);
  at += 500;
  expect(taken()).toBe(1);
  at += 86_400_000;
  expect(taken()).toBe(120);
});

test('the setting is a whole number, or the server does not start', () => {
  expect(requestsPerMinuteFrom({})).toBe(3000);
  expect(requestsPerMinuteFrom({ DROVER_REQUESTS_PER_MINUTE: '600' })).toBe(600);
  for (const wrong of ['0', '59', '-1', '1e9', 'off', '60.5'])
    expect(() => requestsPerMinuteFrom({ DROVER_REQUESTS_PER_MINUTE: wrong })).toThrow(
      `DROVER_REQUESTS_PER_MINUTE must be a whole number of 60 or more, not "${wrong}"`,
    );
});
