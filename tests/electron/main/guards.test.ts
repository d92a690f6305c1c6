import { describe, expect, test } from 'vitest';
import { guardNavigation, guardSession, isPermitted } from '../../../electron/main/guards.ts';

type Listener = (event: { preventDefault(): void }, ...more: never[]) => void;

function contents() {
  const listeners = new Map<string, Listener>();
  const opened: string[] = [];
  let open: (details: { readonly url: string }) => { action: 'deny' } = () => ({ action: 'deny' });
  const port = {
    on: (event: string, listener: Listener) => listeners.set(event, listener),
    setWindowOpenHandler: (handler: typeof open) => {
      open = handler;
    },
  };
  guardNavigation(port, (url) => opened.push(url));
  const happens = (event: string, url: string): 'stopped' | 'let' => {
    let result: 'stopped' | 'let' = 'let';
    const listener = listeners.get(event) as ((e: { preventDefault(): void }, url: string) => void) | undefined;
    if (!listener) throw new Error(`nobody listens to ${event}`);
    listener({ preventDefault: () => (result = 'stopped') }, url);
    return result;
  };
  return { happens, opened, open: (url: string) => open({ url }) };
}

describe('a page in the shell', () => {
  test.each(['will-navigate', 'will-redirect'])('stays on its own address (%s)', (event) => {
    const page = contents();
    expect(page.happens(event, 'app://drover/plants')).toBe('let');
    for (const url of ['https://example.com/', 'file:///etc/passwd', 'app://other/', 'data:text/html,x', 'javascript:1']) {
      expect(page.happens(event, url)).toBe('stopped');
    }
  });

  test('embeds no webview', () => expect(contents().happens('will-attach-webview', '')).toBe('stopped'));

  test('opens no window; web pages, mail and telephone go to the operating system, anything else nowhere', () => {
    const page = contents();
    for (const url of [
      'https://www.fsis.usda.gov/',
      'mailto:a@b.example',
      'http://example.com/',
      'file:///etc/passwd',
      'app://drover/',
      'calculator:',
    ]) {
      expect(page.open(url)).toEqual({ action: 'deny' });
    }
    expect(page.opened).toEqual(['https://www.fsis.usda.gov/', 'mailto:a@b.example']);
  });
});

describe('permissions', () => {
  test.each(['media', 'geolocation', 'usb', 'serial', 'hid', 'display-capture', 'openExternal', 'midi', 'unknown'])(
    '%s is denied even to our own page',
    (name) => expect(isPermitted(name, 'app://drover/')).toBe(false),
  );
  test.each(['local-network-access', 'local-network', 'loopback-network', 'persistent-storage', 'clipboard-sanitized-write'])(
    '%s is granted to our own page and to nobody else',
    (name) => {
      expect(isPermitted(name, 'app://drover')).toBe(true);
      expect(isPermitted(name, 'https://example.com/')).toBe(false);
      expect(isPermitted(name, '')).toBe(false);
    },
  );

  test('the session asks the same rule for checks and requests, gives no devices, and saves only what the page made', () => {
    interface Page {
      getURL(): string;
    }
    let request: ((c: Page, p: string, cb: (granted: boolean) => void, d: { readonly requestingUrl?: string }) => void) | undefined;
    let check: ((c: Page | null, p: string, origin: string) => boolean) | undefined;
    let device: (() => boolean) | undefined;
    let download: ((event: { preventDefault(): void }, item: { getURL(): string }) => void) | undefined;
    guardSession<Page>({
      setPermissionRequestHandler: (handler) => (request = handler),
      setPermissionCheckHandler: (handler) => (check = handler),
      setDevicePermissionHandler: (handler) => (device = handler),
      on: (_event, listener) => (download = listener),
    });
    const answers: boolean[] = [];
    const own: Page = { getURL: () => 'app://drover/' };
    request?.(own, 'notifications', (granted) => answers.push(granted), {});
    request?.(own, 'notifications', (granted) => answers.push(granted), { requestingUrl: 'https://frame.example/' });
    request?.(own, 'media', (granted) => answers.push(granted), {});
    expect(answers).toEqual([true, false, false]);
    expect(check?.(null, 'loopback-network', 'app://drover/')).toBe(true);
    expect(check?.(null, 'media', 'app://drover/')).toBe(false);
    expect(device?.()).toBe(false);
    const stopped: string[] = [];
    for (const url of ['blob:app://drover/0198', 'https://example.com/a.exe', 'data:text/plain,x', 'blob:https://example.com/0198']) {
      download?.({ preventDefault: () => stopped.push(url) }, { getURL: () => url });
    }
    expect(stopped).toEqual(['https://example.com/a.exe', 'data:text/plain,x', 'blob:https://example.com/0198']);
  });
});
