/** One round of a push: what was decided of its rows, before anything of it is written. */
import { randomUUID } from 'node:crypto';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { WireDocument } from '../../domain/protocol/protocol.ts';
import type { AccountAccess } from '../access/access.ts';
import type { Refusal, Settle, Unpark, Write } from '../db/apply.ts';
import type { Parked, Sighting } from '../db/stored.ts';
import type { Acceptance, Decision, Seen } from './decide-push.ts';
import type { Candidate } from './place.ts';
import type { Row } from './row.ts';

export interface Landing extends Candidate {
  readonly row: Row;
  readonly acceptance: Acceptance;
  readonly merged?: (Decision & { readonly kind: 'accept' })['merged'];
  readonly stored?: Seen['stored'];
  /** An older parked state of the same record that this one replaces. */
  readonly replaces?: Parked;
}
export interface Round {
  readonly landings: Landing[];
  readonly refusals: Refusal[];
  /** The rows of the refusals. */
  readonly refused: Row[];
  readonly unparks: Unpark[];
  readonly settles: Settle[];
  /** For the inboxes of authors. */
  readonly entries: Write[];
  readonly sightings: Map<string, Sighting>;
  /** Of everybody whose rows are in the round, by reach, as of the newest sighting. */
  readonly accounts: Map<string, AccountAccess>;
  readonly answers: Map<number, WireDocument>;
  /** By row: what comes of its record with an earlier checkpoint is older than what is stored. */
  readonly positions: Map<number, number>;
}

export const openRound = ({ answers, positions }: Pick<Round, 'answers' | 'positions'>): Round => ({
  landings: [],
  refusals: [],
  refused: [],
  unparks: [],
  settles: [],
  entries: [],
  sightings: new Map(),
  accounts: new Map(),
  answers,
  positions,
});

export const anyParked = ({ sightings }: Round): boolean => [...sightings.values()].some((sighting) => sighting.anyParked);

/** What the server adds makes it a write of the server's, like a merge: sent again, the row is known as settled. */
export function marked(landing: Landing, doc: AnyDocument): Landing {
  if (doc === landing.acceptance.doc) return landing;
  const acceptance = { ...landing.acceptance, doc: { ...doc, w: `s-${randomUUID()}` }, answer: true };
  return { ...landing, acceptance, merged: landing.merged ?? { clashes: [] } };
}
