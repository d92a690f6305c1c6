import { describe, expect, it } from 'vitest';
import { type SyncEvent, type SyncPhase, backoff, isOnline, nextPhase } from '../../../renderer/sync/phase.ts';

const phases: readonly SyncPhase[] = ['offline', 'connecting', 'catching_up', 'live', 'forced_offline', 'signed_out', 'outdated', 'error'];
const events: readonly SyncEvent[] = [
  'try',
  'opened',
  'caught_up',
  'lost',
  'denied',
  'signed_in',
  'outdated',
  'stuck',
  'unstuck',
  'force_offline',
  'release',
];

describe('sync phases', () => {
  it.each<[SyncPhase, SyncEvent, SyncPhase]>([
    ['offline', 'try', 'connecting'],
    ['offline', 'opened', 'offline'],
    ['connecting', 'opened', 'catching_up'],
    ['connecting', 'lost', 'offline'],
    ['catching_up', 'caught_up', 'live'],
    ['live', 'lost', 'offline'],
    ['live', 'denied', 'signed_out'],
    ['live', 'stuck', 'error'],
    ['error', 'caught_up', 'error'],
    ['error', 'unstuck', 'catching_up'],
    ['signed_out', 'try', 'signed_out'],
    ['signed_out', 'signed_in', 'connecting'],
    ['forced_offline', 'try', 'forced_offline'],
    ['forced_offline', 'signed_in', 'forced_offline'],
    ['forced_offline', 'release', 'connecting'],
    ['outdated', 'signed_in', 'outdated'],
    ['outdated', 'try', 'connecting'],
  ])('%s, %s -> %s', (phase, event, expected) => {
    expect(nextPhase(phase, event)).toBe(expected);
  });

  it('obeys the switch from every phase, and stays there whatever else happens', () => {
    for (const phase of phases) expect(nextPhase(phase, 'force_offline')).toBe('forced_offline');
    for (const event of events.filter((one) => one !== 'release')) expect(nextPhase('forced_offline', event)).toBe('forced_offline');
  });

  it('has a way from every phase to live', () => {
    for (const start of phases) {
      const reached = new Set<SyncPhase>([start]);
      for (let round = 0; round < phases.length; round += 1) {
        for (const phase of reached) for (const event of events) reached.add(nextPhase(phase, event));
      }
      expect(reached).toContain('live');
    }
  });

  it('goes online by no other event than the opened connection', () => {
    const ways = phases
      .filter((phase) => !isOnline(phase))
      .flatMap((phase) => events.filter((event) => isOnline(nextPhase(phase, event))).map((event) => [phase, event]));
    expect(ways).toEqual([['connecting', 'opened']]);
  });

  it('takes no request when the connection is lost', () => {
    for (const phase of phases) {
      const next = nextPhase(phase, 'lost');
      expect(isOnline(next)).toBe(false);
    }
  });

  it('waits 1 s to 60 s, doubling, each time half random', () => {
    expect([0, 1, 2, 5, 6, 50].map((attempt) => backoff(attempt, 1))).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000]);
    expect(backoff(3, 0)).toBe(4000);
  });
});
