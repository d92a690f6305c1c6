import { describe, expect, it } from 'vitest';
import { chipText, showSince, toneOf } from '../../../renderer/app/sync-words.ts';
import type { SyncPhase, SyncState } from '../../../renderer/sync/connection.ts';

const state = (phase: SyncPhase, waitingTotal = 0): SyncState => ({
  phase,
  since: new Date(2026, 10, 20, 14, 32).toISOString(),
  waiting: {},
  waitingTotal,
  setAside: 0,
  files: { count: 0, bytes: 0, refused: 0 },
  received: 0,
});

describe('the sync chip', () => {
  it.each([
    ['live', 0, 'Online'],
    ['live', 3, 'Online, 3 waiting'],
    ['catching_up', 0, 'Catching up'],
    ['forced_offline', 2, 'Working offline, 2 waiting'],
    ['signed_out', 1, 'Sign in to sync, 1 waiting'],
    ['outdated', 0, 'Update needed'],
    ['error', 0, 'Sync stopped'],
  ] as const)('%s with %i waiting says "%s"', (phase, waiting, text) => {
    expect(chipText(state(phase, waiting))).toBe(text);
  });

  it('counts what was set aside, in every phase', () => {
    expect(chipText({ ...state('live', 1200), setAside: 2 })).toBe('Online, 1,200 waiting, 2 set aside');
    expect(chipText({ ...state('offline', 3), files: { count: 2, bytes: 12 * 1024 * 1024, refused: 0 } })).toMatch(
      /^Offline since .*, 3 waiting, 2 files waiting \(12\.0 MB\)$/,
    );
    expect(chipText({ ...state('live'), files: { count: 1, bytes: 100, refused: 1 } })).toBe(
      'Online, 1 file waiting (100 B), 1 file not taken',
    );
    expect(chipText({ ...state('signed_out'), setAside: 1 })).toBe('Sign in to sync, 1 set aside');
  });

  it('says since when it is offline, with the day when that was not today', () => {
    expect(showSince(state('offline').since, new Date(2026, 10, 20, 18))).toBe('14:32');
    expect(showSince(state('offline').since, new Date(2026, 10, 21, 18))).toContain('Nov 20');
    expect(showSince('never')).toBe('');
  });

  it('is alarming only when a person must act', () => {
    expect((['live', 'offline', 'forced_offline', 'connecting', 'catching_up'] as const).map(toneOf)).not.toContain('bad');
    expect((['signed_out', 'outdated', 'error'] as const).map(toneOf)).toEqual(['bad', 'bad', 'bad']);
  });
});
