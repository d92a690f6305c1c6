import { describe, expect, it } from 'vitest';
import { lossSentences } from '../../../renderer/app/loss-words.ts';

const loss = { store: 'a', foundAt: '2026-11-21T15:00:00Z', seenAt: '2026-11-21T14:00:00Z', waiting: 0, files: 0 };

describe('the words for lost records', () => {
  it('say when the desk was last whole and for whom, and that nothing is lost where nothing waited', () => {
    const [happened, work] = lossSentences({ ...loss, user: 'Bea Broker' });
    expect(happened).toContain('with Bea Broker signed in');
    expect(work).toContain('no change is lost');
    expect(lossSentences(loss)[0]).not.toContain('signed in');
  });

  it('count what was not sent, one and many', () => {
    const one = lossSentences({ ...loss, waiting: 1 })[1];
    expect(one).toMatch(/^1 change had not been sent by then and is lost, /);
    const many = lossSentences({ ...loss, waiting: 1200, files: 1, since: '2026-11-20T09:00:00Z' })[1];
    expect(many).toMatch(/^1,200 changes and 1 file had not been sent by then and are lost, .* There was unsent work since .+\.$/);
  });
});
