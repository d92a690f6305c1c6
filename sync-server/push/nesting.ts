/** How deep values lie in each other; JSON that is deeper than any entity overflows the stack of whatever walks it later. */

/** Documents in rows in a list, with lines and groups in them, need 7. */
export const NESTING_MAX = 16;

/** Whether nothing in `value` lies deeper than `most` levels of arrays and objects. */
export function isNestedWithin(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (most <= 0) return false;
  for (const inner of Object.values(value)) if (!isNestedWithin(inner, most - 1)) return false;
  return true;
}
