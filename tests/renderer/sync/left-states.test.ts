import { describe, expect, it } from 'vitest';
import type { PushRow, WireDocument } from '../../../domain/protocol/protocol.ts';
import { makeLeftStates } from '../../../renderer/sync/left-states.ts';

const state = (id: string, w: string): WireDocument => ({ id, w, _deleted: false });
const row = (id: string, base: string, w: string): PushRow => ({ assumedMasterState: state(id, base), newDocumentState: state(id, w) });

describe('states that the server has left', () => {
  it('[SYN-2] do not come back by a frame that was under way when the server took what was built on them', () => {
    const left = makeLeftStates();
    left.answered([row('a', 'w1', 'w2')], []);
    left.answered([row('a', 'w2', 'w3')], []);
    const frame = [state('a', 'w1'), state('a', 'w2'), state('a', 'w3'), state('b', 'w9')];
    expect(left.without(frame)).toEqual([state('a', 'w3'), state('b', 'w9')]);
  });
  it('[SYN-4] are not those on which something was built that the server refused or merged', () => {
    const left = makeLeftStates();
    left.answered([row('a', 'w1', 'w2'), { newDocumentState: state('b', 'w5') }], [state('a', 'w1')]);
    expect(left.without([state('a', 'w1'), state('b', 'w5')])).toHaveLength(2);
  });
  it('[SYN-11] may be held again by a server that was put back', () => {
    const left = makeLeftStates();
    left.answered([row('a', 'w1', 'w2')], []);
    left.clear();
    expect(left.without([state('a', 'w1')])).toHaveLength(1);
  });
  it('are remembered for longer than anything can be under way, and not for ever', () => {
    const left = makeLeftStates();
    const rows = Array.from({ length: 10_001 }, (_, i) => row(`r${i}`, `base${i}`, `new${i}`));
    left.answered(rows, []);
    expect(left.without([state('r0', 'base0'), state('r1', 'base1')])).toEqual([state('r0', 'base0')]);
  });
});
