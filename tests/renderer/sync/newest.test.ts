import { describe, expect, it } from 'vitest';
import { writeMark } from '../../../domain/protocol/mark.ts';
import type { Checkpoint, PushRow, WireDocument } from '../../../domain/protocol/protocol.ts';
import { makeNewest } from '../../../renderer/sync/newest.ts';

const state = (id: string): WireDocument => ({ id, _deleted: false });
const row = (id: string): PushRow => ({ newDocumentState: state(id) });
const at = (lwt: number, epoch = 'e1'): Checkpoint => ({ lwt, id: writeMark({ epoch, scope: 'all' }) });
const [a, b] = [state('a'), state('b')];

describe('[SYN-2] a live frame from before what a device knows', () => {
  it('does not put back the state on top of which the server took a push, and brings all others', () => {
    const newest = makeNewest();
    newest.pushed([row('a')], { epoch: 'e1', at: [9] });
    expect(newest.in([a, b], at(8))).toEqual([b]);
    expect(newest.in([a, b], at(9))).toEqual([a, b]);
  });
  it('does not put back what a page has brought', () => {
    const newest = makeNewest();
    newest.pulled(at(9));
    expect(newest.in([a, b], at(9))).toEqual([]);
    expect(newest.in([a, b], at(10))).toEqual([a, b]);
  });
  it('brings what takes back a row that waits, because where nothing was stored nothing is older', () => {
    const newest = makeNewest();
    newest.pushed([row('a')], { epoch: 'e1', at: [0] });
    expect(newest.in([a], at(1))).toEqual([a]);
  });
  it('[SYN-11] counts in one history only', () => {
    const newest = makeNewest();
    newest.pulled(at(9));
    newest.pushed([row('a')], { epoch: 'e1', at: [12] });
    expect(newest.in([a], at(7, 'e2'))).toEqual([a]);
  });
  it('is not known of a server that says no positions', () => {
    const newest = makeNewest();
    newest.pushed([row('a')], undefined);
    expect(newest.in([a], at(1))).toEqual([a]);
  });
});
