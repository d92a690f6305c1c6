import { describe, expect, it } from 'vitest';
import { openBrowserSignIn } from '../../../electron/main/browser-sign-in.ts';

const SERVER = 'https://sync.example.com';
const CHALLENGE = 'c'.repeat(43);

/** A browser that gets this address opened. */
function browser() {
  const opened: URL[] = [];
  const waiting: (() => void)[] = [];
  return {
    openExternal: (url: string): Promise<void> => {
      opened.push(new URL(url));
      for (const go of waiting.splice(0)) go();
      return Promise.resolve();
    },
    async place(number = 1): Promise<string> {
      while (opened.length < number) await new Promise<void>((go) => waiting.push(go));
      return opened[number - 1]?.searchParams.get('return') ?? '';
    },
    opened,
  };
}

describe('signing in by the browser', () => {
  it('opens the start page of the sync server, with a place on this machine to come back to, and hands the ticket on', async () => {
    const { openExternal, place, opened } = browser();
    const answer = openBrowserSignIn({ serverUrl: () => SERVER, openExternal })(CHALLENGE);
    const back = await place();
    expect(back).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/signed-in$/);
    expect(opened[0]?.origin).toBe(SERVER);
    expect(opened[0]?.pathname).toBe('/auth/oidc/start');
    expect(opened[0]?.searchParams.get('challenge')).toBe(CHALLENGE);
    const page = await fetch(`${back}?ticket=t1`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toBe("default-src 'none'");
    expect(await page.text()).toContain('close this page');
    expect(await answer).toEqual({ outcome: 'ticket', ticket: 't1' });
    await expect(fetch(`${back}?ticket=t2`)).rejects.toThrow(/fetch failed/);
  });

  it('answers only what it waits for', async () => {
    const { openExternal, place } = browser();
    const answer = openBrowserSignIn({ serverUrl: () => SERVER, openExternal })(CHALLENGE);
    const back = await place();
    const origin = new URL(back).origin;
    for (const [address, init] of [
      [`${origin}/`, {}],
      [back, {}],
      [`${back}?ticket=a&problem=b`, {}],
      [`${back}/deeper?ticket=a`, {}],
      [`${back}?ticket=a`, { method: 'POST' }],
    ] as const)
      expect((await fetch(address, init)).status).toBe(404);
    await fetch(`${back}?problem=not_invited`);
    expect(await answer).toEqual({ outcome: 'problem', code: 'not_invited' });
  });

  it('gives up after a while, and when another one begins', async () => {
    const { openExternal, place } = browser();
    const signIn = openBrowserSignIn({ serverUrl: () => SERVER, openExternal });
    const first = signIn(CHALLENGE);
    await place();
    const second = signIn(CHALLENGE);
    expect(await first).toEqual({ outcome: 'cancelled' });
    await fetch(`${await place(2)}?ticket=t`);
    expect(await second).toEqual({ outcome: 'ticket', ticket: 't' });
    expect(await openBrowserSignIn({ serverUrl: () => SERVER, openExternal, timeoutMs: 20 })(CHALLENGE)).toEqual({ outcome: 'cancelled' });
  });

  it('closes its door when the browser cannot be opened', async () => {
    const refused = openBrowserSignIn({ serverUrl: () => SERVER, openExternal: () => Promise.reject(new Error('no browser')) });
    await expect(refused(CHALLENGE)).rejects.toThrow('no browser');
  });
});
