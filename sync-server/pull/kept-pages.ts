/**
 * Full pages as they went out, for the next device that asks for the same: those that begin at the same time read the same
 * ones. Whoever takes one measures it again first, so a page that lost a row since is never served.
 */
import type { PageMeasure } from '../db/feed.ts';

export interface KeptPage extends PageMeasure {
  readonly body: Buffer;
  /** Position of its last row. */
  readonly last: number;
}
export interface KeptPages {
  of(name: string): KeptPage | undefined;
  keep(name: string, page: KeptPage): void;
}

/** Some 200,000 records, for devices that begin at the same time: a company that starts, or starts again after a restore. */
const BYTES_MAX = 256 * 1024 * 1024;
/** Devices that begin together ask within that time. */
const KEPT_MS = 5 * 60_000;

/**
 * As many pages as have room. One that was not asked for in a while makes way; while all are in use, a new one is not kept: to
 * push the oldest out would leave nothing for devices that read more than there is room for, one after the other.
 */
export function keepPages(now: () => Date, bytesMax = BYTES_MAX): KeptPages {
  /** In the order of their last use. */
  const pages = new Map<string, { readonly page: KeptPage; readonly usedAt: Date }>();
  let bytes = 0;
  function drop(name: string): void {
    bytes -= pages.get(name)?.page.body.length ?? 0;
    pages.delete(name);
  }
  function dropUnused(): void {
    for (const [name, { usedAt }] of pages) {
      if (now().getTime() - usedAt.getTime() < KEPT_MS) return;
      drop(name);
    }
  }
  return {
    of(name) {
      dropUnused();
      const found = pages.get(name);
      if (!found) return undefined;
      pages.delete(name);
      pages.set(name, { ...found, usedAt: now() });
      return found.page;
    },
    keep(name, page) {
      drop(name);
      if (bytes + page.body.length > bytesMax) return;
      bytes += page.body.length;
      pages.set(name, { page, usedAt: now() });
    },
  };
}
