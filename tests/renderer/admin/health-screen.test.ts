import { describe, expect, it } from 'vitest';
import type { HealthAnswer } from '../../../domain/protocol/admin.ts';
import { worries } from '../../../renderer/admin/health-screen.tsx';

const healthy: HealthAnswer = {
  at: '2026-05-03T12:00:00.000Z',
  startedAt: '2026-05-01T12:00:00.000Z',
  node: 'v24',
  database: {
    version: '17',
    bytes: 1,
    connections: 3,
    connectionsMax: 100,
    startedAt: '2026-05-01T12:00:00.000Z',
    position: 10,
    waiting: 0,
    waitingSince: null,
    refusals: 0,
    sessions: 1,
  },
  feed: { listening: true, lagging: false, fanned: 10 },
  mail: 'smtp',
  letters: { waiting: 1, refusedSince: null, lost: 0, lastLostAt: null },
  publicUrl: 'https://desk.example.com',
  oidc: null,
  files: { driver: 'folder', freeBytes: 2 ** 40 },
  anchors: { place: 'folder', sentAt: '2026-05-03T01:00:00.000Z', problem: null },
};

describe('what of the server needs looking after', () => {
  it('is nothing while all is well', () => {
    expect(worries(healthy)).toEqual([]);
    expect(worries({ ...healthy, anchors: { place: 'mail', sentAt: null, problem: null } })).toEqual([]);
  });
  it('are letters that the mail server did not take', () => {
    const lost = (count: number) =>
      worries({ ...healthy, letters: { ...healthy.letters, lost: count, lastLostAt: '2026-05-03T11:00:00.000Z' } });
    expect(lost(1)).toEqual([expect.stringContaining('did not take in time a letter, last')]);
    expect(lost(2)).toEqual([expect.stringContaining('did not take in time 2 letters, last')]);
  });
  it('are letters that it refuses and that are tried again', () => {
    expect(worries({ ...healthy, letters: { ...healthy.letters, refusedSince: '2026-05-03T11:00:00.000Z' } })).toEqual([
      expect.stringContaining('refuses a letter of'),
    ]);
  });
  it.each<[string, HealthAnswer['anchors'], string]>([
    ['stay here', null, 'Set DROVER_ANCHORS'],
    [
      'could not go',
      { place: 'folder', sentAt: null, problem: 'There is no folder /mnt/x.' },
      'was not sent away: There is no folder /mnt/x.',
    ],
    ['did not go for days', { place: 'mail', sentAt: '2026-05-01T11:00:00.000Z', problem: null }, 'No anchor of the audit'],
  ])("names anchors of the audit's seal that %s", (_how, anchors, words) => {
    expect(worries({ ...healthy, anchors })).toEqual([expect.stringContaining(words)]);
  });
});
