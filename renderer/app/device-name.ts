/** What a device is called in lists until somebody names it: browser and system, as far as the user agent tells. Pure. */

const systems: readonly (readonly [RegExp, string])[] = [
  [/Android/u, 'Android'],
  [/iPhone|iPad/u, 'iOS'],
  [/Windows/u, 'Windows'],
  [/Mac OS X|Macintosh/u, 'macOS'],
  [/CrOS/u, 'ChromeOS'],
  [/Linux/u, 'Linux'],
];
const programs: readonly (readonly [RegExp, string])[] = [
  [/Electron\//u, 'Drover'],
  [/Edg\//u, 'Edge'],
  [/OPR\//u, 'Opera'],
  [/Firefox\//u, 'Firefox'],
  [/Chrome\//u, 'Chrome'],
  [/Safari\//u, 'Safari'],
];
const firstOf = (list: readonly (readonly [RegExp, string])[], text: string): string | undefined =>
  list.find(([pattern]) => pattern.test(text))?.[1];

export function deviceNameOf(userAgent: string): string {
  const system = firstOf(systems, userAgent);
  const program = firstOf(programs, userAgent) ?? 'Browser';
  return system === undefined ? program : `${program} on ${system}`;
}
