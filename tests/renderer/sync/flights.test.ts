import { expect, test } from 'vitest';
import { makeFlights } from '../../../renderer/sync/flights.ts';

const page = (...ids: readonly string[]) => ({ documents: ids.map((id) => ({ id })) });

test('[SYN-2] a page that was read before a push of one of its records was answered is read again', async () => {
  const flights = makeFlights();
  const flight = flights.begin(['a']);
  const pages = [page('a', 'b'), page('a')];
  const rewound: unknown[] = [];
  const reading = flights.behind(
    async () => pages.shift() ?? page(),
    async (old) => void rewound.push(old),
  );
  flight.landed();
  flights.noted('a');
  expect(await reading).toEqual(page('a'));
  expect(rewound).toEqual([page('a', 'b')]);
});

test('[SYN-2] a page waits for pushes of its records, and for no others', async () => {
  const flights = makeFlights();
  flights.begin(['c']);
  const failing = flights.begin(['a']);
  const reading = flights.behind(
    async () => page('a', 'b'),
    async () => undefined,
  );
  failing.failed();
  expect(await reading).toEqual(page('a', 'b'));
});
