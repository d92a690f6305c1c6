import { expect, test } from 'vitest';
import type { Heads } from '../../../domain/protocol/heads.ts';
import type { Checkpoint } from '../../../domain/protocol/protocol.ts';
import { makeStill } from '../../../renderer/sync/still.ts';

const heads: Heads = { epoch: 'e2', seq: 90, collections: new Map([['orders', { last: 70, scope: 'all' }]]) };
const asking = { start: { lwt: 70, id: 'e2.all' }, held: [], claim: '70.e2,e1' };
const pulled = (told: Heads | undefined, how: { start?: Checkpoint | undefined; held?: string[]; claim?: string }) => {
  const still = makeStill('orders');
  still.opened(told);
  return still.pull({ ...asking, ...how });
};

test('[SYN-1] a collection that has not moved since is not asked for, and counts as looked through up to the head', () => {
  expect(pulled(heads, {})).toEqual({ lwt: 90, id: 'e2.all' });
  expect(pulled(heads, { start: { lwt: 85, id: 'e2.all' } })).toEqual({ lwt: 90, id: 'e2.all' });
});

test('[SYN-1] what has moved is asked for, and so is everything by whoever holds nothing or was told nothing', () => {
  expect(pulled(heads, { start: { lwt: 69, id: 'e2.all' } })).toBeUndefined();
  expect(pulled(heads, { start: undefined })).toBeUndefined();
  expect(pulled(undefined, {})).toBeUndefined();
  expect(pulled({ ...heads, collections: new Map() }, {})).toBeUndefined();
});

test('[SYN-1] it is good for one pull, and for none after a frame', () => {
  const still = makeStill('orders');
  still.opened(heads);
  expect(still.pull(asking)).toBeDefined();
  expect(still.pull(asking)).toBeUndefined();
  still.opened(heads);
  still.moved();
  expect(still.pull(asking)).toBeUndefined();
});

test('[SYN-7] other rights, and a difference of rights that is under way, are for the server to serve', () => {
  expect(pulled(heads, { start: { lwt: 70, id: 'e2.other' } })).toBeUndefined();
  expect(pulled(heads, { start: { lwt: 70, id: 'e2.all.other.12' } })).toBeUndefined();
  expect(pulled(heads, { held: ['other'] })).toBeUndefined();
});

test('[SYN-11] whoever has seen another history, or more than the server has, tells the server', () => {
  expect(pulled(heads, { start: { lwt: 70, id: 'e1.all' } })).toBeUndefined();
  expect(pulled(heads, { claim: '70.e1' })).toBeUndefined();
  expect(pulled(heads, { claim: '' })).toBeUndefined();
  expect(pulled(heads, { claim: '91.e2' })).toBeUndefined();
  expect(pulled(heads, { start: { lwt: 91, id: 'e2.all' } })).toBeUndefined();
});
