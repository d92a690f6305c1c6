/**
 * Looks whether the audit is what was sealed, and whether the records are what the audit says. Hashes the entries itself, trusts only the public keys that it is given, and names the first entry that is not as it was.
 */
import type { KeyObject } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { stepUpFrom } from '../../domain/entity/cast.ts';
import type { Entity } from '../../domain/entity/entity.ts';
import { blocksAfter, entriesBetween, lastEvent } from '../db/audit-blocks.ts';
import { type LiveRow, describeEntry, differingRows, firstOutside, firstHole, purgesNoted } from '../db/audit-checks.ts';
import type { Runner } from '../db/database.ts';
import { feedHead } from '../db/feed.ts';
import { type AuditLog, type Block, LEAF_BYTES, faultOf, leafOf } from './block.ts';
import { personalFields } from '../../domain/record/personal.ts';
import { isOldEnough } from './retention.ts';
import type { Anchor } from './seal-key.ts';

export interface VerifyRequest {
  readonly keys: ReadonlyMap<string, KeyObject>;
  /** What was noted outside the database; without it a cut end is not found. */
  readonly anchors: readonly Anchor[];
  readonly entities: readonly Entity[];
  readonly now: Date;
}
export interface Finding {
  /** The first entry, block or record that is not as it was. */
  readonly what: string;
}
export interface Verified {
  /** In the order in which they were looked for; [] when all is whole. At most one of each kind of look. */
  readonly findings: readonly Finding[];
  readonly blocks: number;
  readonly entries: Readonly<Record<AuditLog, number>>;
  /** Not sealed yet. */
  readonly open: Readonly<Record<AuditLog, number>>;
  /** Sealed, and purged since when their time was over. */
  readonly purged: number;
  readonly last: Pick<Block, 'number' | 'hash' | 'sealedAt'> | undefined;
}

const BLOCKS = 50;
const ROWS = 500;
const nameOf: Record<AuditLog, string> = { audit: 'change', security_events: 'event' };

interface Walk {
  readonly sealed: Record<AuditLog, number>;
  readonly entries: Record<AuditLog, number>;
  blocks: number;
  purged: number;
  last: Block | undefined;
}

const seqsOf = ({ from, to, seqs }: Block): readonly number[] => seqs ?? Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** The first entry of the block that is not as it was sealed. */
async function entryFault(runner: Runner, block: Block, purgedTo: number, walk: Walk): Promise<string | undefined> {
  const found = new Map(
    (await entriesBetween(runner, block.log, block.from, block.to, block.personal)).map(({ seq, bytes }) => [seq, leafOf(bytes)] as const),
  );
  const say = async (seq: number, how: string): Promise<string> => {
    const words = await describeEntry(runner, block.log, seq);
    return `${nameOf[block.log]} ${seq} ${how}${words === undefined ? '' : ` (${words})`}`;
  };
  for (const [i, seq] of seqsOf(block).entries()) {
    const leaf = found.get(seq);
    found.delete(seq);
    if (leaf === undefined && seq <= purgedTo) {
      walk.purged += 1;
      continue;
    }
    if (leaf === undefined) return say(seq, 'was removed');
    if (!leaf.equals(block.leaves.subarray(i * LEAF_BYTES, (i + 1) * LEAF_BYTES))) return say(seq, 'is not as it was sealed');
    walk.entries[block.log] += 1;
  }
  const [inserted] = [...found.keys()].sort((a, b) => a - b);
  return inserted === undefined ? undefined : say(inserted, 'was put in afterwards');
}

async function walkBlocks(
  runner: Runner,
  { keys, now }: VerifyRequest,
  walk: Walk,
  anchored: Map<number, string>,
): Promise<string | undefined> {
  const purges = await purgesNoted(runner);
  const purgedTo = (block: Block): number =>
    Math.max(0, ...purges.filter(({ log }) => log === block.log && isOldEnough(block.sealedAt, now)).map(({ to }) => to));
  for (;;) {
    const page = await blocksAfter(runner, walk.last?.number ?? 0, BLOCKS);
    for (const block of page) {
      const fault = faultOf(block, walk.last, keys);
      if (fault !== undefined) return fault;
      if (block.from !== walk.sealed[block.log] + 1) return `block ${block.number} does not begin where the one before it ended`;
      const wrong = await entryFault(runner, block, purgedTo(block), walk);
      if (wrong !== undefined) return `${wrong}; block ${block.number}, sealed ${block.sealedAt}`;
      if (anchored.get(block.number) === block.hash) anchored.delete(block.number);
      walk.sealed[block.log] = block.to;
      walk.blocks += 1;
      walk.last = block;
    }
    if (page.length < BLOCKS) return undefined;
  }
}

const cutOff = ({ block, at }: Anchor, last: Block | undefined): string =>
  last && last.number >= block
    ? `block ${block} is another one than was noted outside the database on ${at}`
    : `the end was cut off: block ${block} was noted outside the database on ${at}, and the last one here is ${last?.number ?? 'none'}`;

/** What no block covers yet: it must at least be there, and nothing else. */
async function tailFault(runner: Runner, walk: Walk, head: number): Promise<string | undefined> {
  if (head < walk.sealed.audit) return `the feed says that ${head} changes were made, and ${walk.sealed.audit} are sealed`;
  const hole = await firstHole(runner, walk.sealed.audit + 1, head);
  if (hole !== undefined) return `change ${hole} was removed before it was sealed`;
  const beyond = await firstOutside(runner, 'audit', head);
  if (beyond !== undefined) return `change ${beyond} was put in where the feed has none: it goes from 1 to ${head}`;
  const event = await firstOutside(runner, 'security_events', Number.MAX_SAFE_INTEGER);
  return event === undefined ? undefined : `event ${event} was put in before the first`;
}

function without(document: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(document).filter(([key]) => !keys.includes(key)));
}
/** Whether the stored document is what the entry says, in the shape of a later version of the entity. */
function isSame(entity: Entity, { doc, after, deleted, kind, own, entry, forgotten }: LiveRow, personal: readonly string[]): boolean {
  if (!doc || !after || own !== entry || deleted !== (kind === 'delete')) return false;
  const [a, b] = forgotten ? [without(after, personal), without(doc, personal)] : [after, doc];
  return (
    Array.from({ length: entity.version }, (_, version) => version).some((version) =>
      isDeepStrictEqual(stepUpFrom(entity, version, a), b),
    ) || isDeepStrictEqual(a, b)
  );
}

/** `final` when the database answers no more in this transaction. */
async function liveFault(
  runner: Runner,
  entity: Entity,
  purged: number,
  personal: readonly string[],
): Promise<(Finding & { readonly final?: true }) | undefined> {
  for (let after = ''; ; ) {
    const page = await differingRows(runner, entity.collection, purged, after, ROWS);
    if (page === 'unreadable') return { what: `the last entry of one of the ${entity.collection} cannot be read as a record`, final: true };
    for (const row of page) {
      if (isSame(entity, row, personal)) continue;
      const why = !row.doc ? 'is gone' : row.entry === null ? 'has no entry' : 'is not what its last entry says';
      return { what: `${entity.collection} ${row.id} ${why} (change ${row.seq})` };
    }
    after = page.at(-1)?.id ?? '';
    if (page.length < ROWS) return undefined;
  }
}

/** Within one transaction that sees one state. */
export async function verifyAudit(runner: Runner, request: VerifyRequest): Promise<Verified> {
  const walk: Walk = {
    sealed: { audit: 0, security_events: 0 },
    entries: { audit: 0, security_events: 0 },
    blocks: 0,
    purged: 0,
    last: undefined,
  };
  const { seq: head } = await feedHead(runner);
  const anchored = new Map(request.anchors.filter(({ block }) => block > 0).map(({ block, hash }) => [block, hash]));
  const findings: Finding[] = [];
  const find = (what: string | undefined): void => {
    if (what !== undefined) findings.push({ what });
  };
  const broken = await walkBlocks(runner, request, walk, anchored);
  find(broken);
  if (broken === undefined) {
    const missing = request.anchors.find(({ block }) => anchored.has(block));
    if (missing) find(cutOff(missing, walk.last));
    find(await tailFault(runner, walk, head));
  }
  const [noted] = (await purgesNoted(runner)).filter(({ log }) => log === 'audit').sort((a, b) => b.to - a.to);
  const open = {
    audit: Math.max(0, head - walk.sealed.audit),
    security_events: Math.max(0, (await lastEvent(runner)) - walk.sealed.security_events),
  };
  const personal = personalFields(request.entities);
  for (const entity of request.entities) {
    const fault = await liveFault(runner, entity, noted?.to ?? 0, personal[entity.collection] ?? []);
    if (fault) findings.push({ what: fault.what });
    if (fault?.final) break;
  }
  const { last } = walk;
  return {
    findings,
    blocks: walk.blocks,
    entries: walk.entries,
    open,
    purged: walk.purged,
    last: last && { number: last.number, hash: last.hash, sealedAt: last.sealedAt },
  };
}
