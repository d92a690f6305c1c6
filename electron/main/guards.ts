/** What a page in the shell may not do: leave, open windows, embed, ask for devices, or download from elsewhere. */
import { isExternalLink, isOwnPage } from './own-page.ts';

interface Preventable {
  preventDefault(): void;
}
/** The part of Electron's WebContents that is guarded. */
export interface GuardedContents {
  on(event: 'will-navigate' | 'will-redirect', listener: (event: Preventable, url: string) => void): unknown;
  on(event: 'will-attach-webview', listener: (event: Preventable) => void): unknown;
  setWindowOpenHandler(handler: (details: { readonly url: string }) => { action: 'deny' }): void;
}

/** `openExternal` hands an address to the operating system; it is called only for what `isExternalLink` lets through. */
export function guardNavigation(contents: GuardedContents, openExternal: (url: string) => void): void {
  const stay = (event: Preventable, url: string): void => {
    if (!isOwnPage(url)) event.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (isExternalLink(url)) openExternal(url);
    return { action: 'deny' };
  });
}

/**
 * Permissions the desk's own page has. The three network ones: Chromium asks before a page may reach the loopback or the
 * local network, and that is where many a company's sync server stands. `persistent-storage` keeps the device's data from
 * being evicted.
 */
const granted: ReadonlySet<string> = new Set([
  'clipboard-sanitized-write',
  'clipboard-read',
  'notifications',
  'persistent-storage',
  'local-network-access',
  'local-network',
  'loopback-network',
]);

/** One answer for checks and requests. `origin` is the asking page's address or origin. */
export const isPermitted = (permission: string, origin: string): boolean => granted.has(permission) && isOwnPage(origin);

export interface GuardedSession<Contents extends { getURL(): string }> {
  setPermissionRequestHandler(
    handler: (
      contents: Contents,
      permission: string,
      callback: (granted: boolean) => void,
      details: { readonly requestingUrl?: string },
    ) => void,
  ): void;
  setPermissionCheckHandler(handler: (contents: Contents | null, permission: string, requestingOrigin: string) => boolean): void;
  setDevicePermissionHandler(handler: () => boolean): void;
  on(event: 'will-download', listener: (event: Preventable, item: { getURL(): string }) => void): unknown;
}

export function guardSession<Contents extends { getURL(): string }>(session: GuardedSession<Contents>): void {
  session.setPermissionRequestHandler((contents, permission, callback, details) => {
    callback(isPermitted(permission, details.requestingUrl ?? contents.getURL()));
  });
  session.setPermissionCheckHandler((_contents, permission, origin) => isPermitted(permission, origin));
  session.setDevicePermissionHandler(() => false);
  // Files the page made itself (blob:app://drover/...) may be saved; nothing is fetched from elsewhere onto the disk.
  session.on('will-download', (event, item) => {
    const url = item.getURL();
    if (!url.startsWith('blob:') || !isOwnPage(url.slice('blob:'.length))) event.preventDefault();
  });
}
