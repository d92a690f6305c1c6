/** Which addresses are ours. The origin owns the data on the device: never change scheme or host after a release. */

export const APP_SCHEME = 'app';
export const APP_HOST = 'drover';
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`;
export const APP_START = `${APP_ORIGIN}/`;

/** `origin` is 'null' for a scheme Node does not know, so scheme and host are compared one by one. */
export function isOwnPage(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  return url.protocol === `${APP_SCHEME}:` && url.host === APP_HOST && url.username === '' && url.password === '';
}

/** What may be handed to the operating system from a link: web pages, mail and the telephone, nothing that starts programs. */
export function isExternalLink(address: string): boolean {
  if (address.length > 2000 || !URL.canParse(address)) return false;
  const url = new URL(address);
  if (url.protocol === 'mailto:' || url.protocol === 'tel:') return true;
  return url.protocol === 'https:' && url.username === '' && url.password === '';
}
