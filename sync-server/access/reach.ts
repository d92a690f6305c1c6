/** By whose rights something is judged: those of an account, or what is left of them to one of its API keys. */

/** A key takes the place of a device: it stands in audit entries and in rows that wait for a parent. No device may call itself so. */
const KEY = 'key:';
export const keyDevice = (keyId: string): string => `${KEY}${keyId}`;
export const withoutKeyName = (device: string): string => device.replace(/^(?:key:)+/u, '');

/** The account's id, followed by the key's where there is one. */
export const reachOf = (accountId: string, device: string): string => (device.startsWith(KEY) ? `${accountId} ${device}` : accountId);
export function partsOfReach(reach: string): { readonly accountId: string; readonly keyId: string | null } {
  const [accountId = '', device] = reach.split(' ');
  return { accountId, keyId: device === undefined ? null : withoutKeyName(device) };
}
