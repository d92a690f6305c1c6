/**
 * The id of an imported record follows from where it came from, so that the same row imported on two devices, or twice on
 * one, is one record.
 */

/** The text whose SHA-256 becomes the id, and the entry in `externalIds`: `fsis:3548`. */
export const externalIdOf = (source: string, key: string): string => `${source}:${key}`;
