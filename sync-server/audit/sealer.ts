/**
 * Seals the audit behind the writers: after their commits, without a lock that they would wait for. One process does it at a
 * time. What was written since the last pass is not sealed yet; see decision 0019.
 */
import {
  SETTLE_EVENTS,
  addBlock,
  blockAt,
  lastBlock,
  lastEvent,
  leavesBetween,
  sealedUpTo,
  takeSealTurn,
  turnMonths,
} from '../db/audit-blocks.ts';
import type { Database, Runner } from '../db/database.ts';
import { feedHead } from '../db/feed.ts';
import { type AuditLog, type Block, type BlockName, FIRST_PREVIOUS, LEAF_BYTES, signed } from './block.ts';
import { APART } from './event-details.ts';
import { type Anchor, type SealKey, lastAnchor, noteAnchor, openSealKey } from './seal-key.ts';

/** The blocks in the database are not those that were sealed: the sealer stops until somebody has looked. */
export class SealBrokenOff extends Error {
  readonly code = 'seal_broken_off';
  constructor(message: string) {
    super(message);
    this.name = 'SealBrokenOff';
  }
}

export interface SealerOptions {
  /** Holds the key and the anchors; made on first use. */
  readonly folder: string;
  /** Milliseconds between two passes. */
  readonly everyMs?: number;
}
export interface SealState {
  readonly last: BlockName | undefined;
  /** Why nothing is sealed any more. */
  readonly broken: string | undefined;
}
export interface Sealer {
  /** Seals what is there now; answers how many blocks. Throws SealBrokenOff, or DatabaseFault. */
  seal(): Promise<number>;
  state(): SealState;
  close(): Promise<void>;
}

const EVERY_MS = 5_000;
const ENTRIES_MAX = 2_000;
/** Of one pass, so that its transaction stays short. */
const BLOCKS_MAX = 10;

const brokenOff = (anchor: Anchor): SealBrokenOff =>
  new SealBrokenOff(
    `Block ${anchor.block} of the audit's seal was noted on ${anchor.at}, and is not in the database as it was. If a backup was put back, say so with "drover audit restart --reason ..."; else look with "drover audit verify" before anything else.`,
  );

async function nextBlock(
  runner: Runner,
  { log, from, to }: { readonly log: AuditLog; readonly from: number; readonly to: number },
  before: BlockName | undefined,
  { key, now }: { readonly key: SealKey; readonly now: () => Date },
): Promise<Block> {
  const personal = JSON.stringify(log === 'security_events' ? APART : []);
  const { leaves: found, seqs } = await leavesBetween(runner, log, from, to, personal);
  const common = { number: (before?.number ?? 0) + 1, log, from, to, personal, sealedAt: now().toISOString() };
  const previous = before?.hash ?? FIRST_PREVIOUS;
  if (log === 'security_events')
    return signed({ ...common, seqs: seqs ?? Array.from({ length: to - from + 1 }, (_, i) => from + i), leaves: found, previous }, key);
  return signed({ ...common, seqs: null, leaves: seqs ? withGaps(found, seqs, from, to) : found, previous }, key);
}

/** Zeros stay where an entry was removed before it could be sealed; verifying names it. */
function withGaps(found: Buffer, seqs: readonly number[], from: number, to: number): Buffer {
  const leaves = Buffer.alloc((to - from + 1) * LEAF_BYTES);
  for (const [i, seq] of seqs.entries()) found.copy(leaves, (seq - from) * LEAF_BYTES, i * LEAF_BYTES, (i + 1) * LEAF_BYTES);
  return leaves;
}

export function openSealer(
  db: Database,
  { folder, everyMs = EVERY_MS }: SealerOptions,
  { now, onError }: { readonly now: () => Date; readonly onError: (error: Error) => void },
): Sealer {
  const means = { key: openSealKey(folder), now };
  let last: BlockName | undefined;
  let broken: string | undefined;

  async function settledEvents(sealed: number): Promise<number> {
    if ((await lastEvent(db)) <= sealed) return sealed;
    return db.transaction(async (runner) => {
      for (const text of SETTLE_EVENTS) await runner.rows({ text });
      return lastEvent(runner);
    });
  }

  async function pass(): Promise<number> {
    const heads: Record<AuditLog, number> = {
      audit: (await feedHead(db)).seq,
      security_events: await settledEvents(await sealedUpTo(db, 'security_events')),
    };
    const added = await db.transaction(async (runner) => {
      if (!(await takeSealTurn(runner))) return [];
      const anchor = lastAnchor(folder);
      last = await lastBlock(runner);
      if (anchor && anchor.block > 0 && (await blockAt(runner, anchor.block))?.hash !== anchor.hash) throw brokenOff(anchor);
      const blocks: Block[] = [];
      for (const log of ['audit', 'security_events'] as const) {
        let from = (await sealedUpTo(runner, log)) + 1;
        for (; from <= heads[log] && blocks.length < BLOCKS_MAX; from = (blocks.at(-1)?.to ?? heads[log]) + 1) {
          const block = await nextBlock(
            runner,
            { log, from, to: Math.min(heads[log], from + ENTRIES_MAX - 1) },
            blocks.at(-1) ?? last,
            means,
          );
          await addBlock(runner, block);
          blocks.push(block);
        }
      }
      return blocks;
    });
    const newest = added.at(-1);
    if (!newest) return 0;
    last = { number: newest.number, hash: newest.hash, sealedAt: newest.sealedAt };
    await noteAnchor(folder, { block: newest.number, hash: newest.hash, at: newest.sealedAt });
    return added.length;
  }

  async function seal(): Promise<number> {
    await turnMonths(db);
    let count = 0;
    for (let more = true; more; ) {
      const added = await pass();
      count += added;
      more = added >= BLOCKS_MAX;
    }
    broken = undefined;
    return count;
  }

  let running: Promise<unknown> = Promise.resolve();
  let asked: string | undefined;
  const fail = (error: Error): void => {
    if (error instanceof SealBrokenOff) broken = error.message;
    // Every few seconds the same would drown everything else in the log.
    if (error.message !== asked) onError(error);
    asked = error.message;
  };
  let waiting = false;
  const onTime = (): void => {
    if (waiting) return;
    waiting = true;
    running = running
      .then(() => {
        waiting = false;
        return seal();
      })
      .then(() => {
        asked = undefined;
      }, fail);
  };
  const timer = setInterval(onTime, everyMs);
  timer.unref();
  return {
    seal: () => {
      const sealing = running.then(seal);
      running = sealing.catch(fail);
      return sealing;
    },
    state: () => ({ last, broken }),
    async close() {
      clearInterval(timer);
      onTime();
      await running;
    },
  };
}
