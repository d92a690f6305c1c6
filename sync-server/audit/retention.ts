/** How long entries are kept, at least. */
export const RETENTION_YEARS = 7;

/** Whether what was sealed or written at this ISO instant may be gone by now. */
export function isOldEnough(at: string, now: Date): boolean {
  const end = new Date(at);
  end.setUTCFullYear(end.getUTCFullYear() + RETENTION_YEARS);
  return end.getTime() <= now.getTime();
}
