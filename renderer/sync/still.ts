/** Which collections need not be asked for when a connection opens, because nothing of them has changed meanwhile. */
import type { Heads } from '../../domain/protocol/heads.ts';
import { readMark } from '../../domain/protocol/mark.ts';
import type { Checkpoint } from '../../domain/protocol/protocol.ts';

/** What a pull would be asked with. */
interface Asking {
  readonly start: Checkpoint | undefined;
  /** Scopes of which something may be held that the checkpoint does not tell of. */
  readonly held: readonly string[];
  /** What this device claims to have seen: `<position>.<epoch>[,<earlier epoch>...]`, or nothing. */
  readonly claim: string;
}

/** The checkpoint that a pull would be answered with if it found nothing; undefined when only the server can tell. */
function emptyPageOf(heads: Heads, collection: string, { start, held, claim }: Asking): Checkpoint | undefined {
  const head = heads.collections.get(collection);
  if (!head || !start || held.length > 0) return undefined;
  const { epoch, scope, change } = readMark(start.id);
  if (change || epoch !== heads.epoch || scope !== head.scope) return undefined;
  // Whoever has seen more than the server has, or another history, must tell the server (SYN-11).
  const [position = '', newest] = claim.split(/[.,]/u);
  if (newest !== heads.epoch || Number(position) > heads.seq || start.lwt > heads.seq || head.last > start.lwt) return undefined;
  return { lwt: heads.seq, id: start.id };
}

/** What the opening of the connection told of one collection. It answers one pull, and none after a frame has moved the collection. */
export function makeStill(collection: string) {
  let heads: Heads | undefined;
  return {
    opened(told: Heads | undefined): void {
      heads = told;
    },
    moved(): void {
      heads = undefined;
    },
    /** Answers instead of the server where it can. */
    pull(asking: Asking): Checkpoint | undefined {
      const told = heads;
      heads = undefined;
      return told && emptyPageOf(told, collection, asking);
    },
  };
}
