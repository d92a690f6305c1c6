/**
 * apply: takes the rows of one push through sight, decide, place and the one writing call. Rows whose stored state moved
 * in between are decided again. Parked records that wait for a landing row land in the same transaction.
 */
import { createHash, randomUUID } from 'node:crypto';
import { leftBy } from '../../domain/access/condition.ts';
import { deniedWrite } from '../../domain/access/rights.ts';
import { seenThrough } from '../../domain/access/field-limits.ts';
import { isPurged, withdrawnStub } from '../../domain/access/withdrawn.ts';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { type Problem, hard } from '../../domain/entity/problem.ts';
import type { PushRow, WireDocument } from '../../domain/protocol/protocol.ts';
import type { Clash } from '../../domain/record/clash.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { Access, AccountAccess } from '../access/access.ts';
import { reachOf } from '../access/reach.ts';
import { type Write, isStorable } from '../db/apply.ts';
import { ConstraintViolation, type Database, DatabaseFault } from '../db/database.ts';
import { type Parked, type Sighting, existing, glance, parkedAround, sight } from '../db/stored.ts';
import type { CompanyWatch } from '../company/company-watch.ts';
import type { Apply } from './apply-queue.ts';
import { judgeApprovals } from './approvals.ts';
import { type Acceptance, type Decision, type Seen, decidePush } from './decide-push.ts';
import { type Reason, entryWrite } from './inbox-entries.ts';
import { patched, toldTo } from './limited-author.ts';
import { missingParents } from './missing-parents.ts';
import { findObstacles } from './obstacles.ts';
import { place } from './place.ts';
import { UNREADABLE, raised, storedBefore } from './raise.ts';
import { byCollection, keyOf, partsOf, referencesOf } from './references.ts';
import { STAND_IN, isStub, refusalStub } from './refusal-stub.ts';
import {
  type Author,
  type Row,
  cameBy,
  digestOf,
  parkedRow,
  placesOf,
  placesUnder,
  pushedRow,
  refusalOf,
  rowKey,
  settleOf,
  storedBase,
  unparkOf,
  wire,
  writeIdOf,
} from './row.ts';
import { type Landing, type Round, anyParked, marked, openRound } from './round.ts';
import { reasonOf } from './reason.ts';

export interface PushDependencies {
  readonly db: Database;
  readonly access: Pick<Access, 'at'>;
  readonly apply: Apply;
  readonly nounOf: (collection: string) => Noun | undefined;
  /** The noun whose records tell authors of refused and clashing rows; without it such rows are only kept. */
  readonly inbox?: Noun;
  readonly now: () => Date;
  readonly company?: Pick<CompanyWatch, 'current'>;
}
export interface PushResult {
  /** States that the device must adopt: conflicts, refusals, and rows to which the server gave another write id. */
  readonly answers: readonly WireDocument[];
  /** Of each row: what comes of its record with an earlier checkpoint is older than what is stored; 0 where nothing is. */
  readonly positions: readonly number[];
  /** Something was written; the feed has moved. */
  readonly changed: boolean;
}

/** How often a row is decided anew because another process was faster; in this one, pushes of a record take turns. */
const ROUNDS_MAX = 10;
/** Parked rows are numbered after all rows of a push, so that they follow their parents in the feed. */
const PARKED_FROM = 1_000_000;

interface Task extends Pick<Round, 'answers' | 'positions'> {
  /** One row for each record. */
  readonly rows: readonly Row[];
  /** Keys whose parked neighbours are tried too. */
  readonly around: readonly string[];
  /** Wait a round for a unique value whose holder is about to change, instead of refusing. */
  readonly patient: boolean;
  /** Nothing is known of the rows yet, and all of them may be of records that nobody has. */
  readonly maybeNew?: boolean;
}

class Push {
  readonly #dependencies: PushDependencies;
  readonly #at: string;
  changed = false;

  constructor(dependencies: PushDependencies) {
    this.#dependencies = dependencies;
    this.#at = dependencies.now().toISOString();
  }

  /** Takes rows (one for each record) through one round; answers the rows to be decided again and whether children wait. */
  async round(task: Task): Promise<{ again: Row[]; children: boolean; landed: string[] }> {
    const { around, answers, positions, patient } = task;
    const asNew = task.maybeNew ? await this.#asNew(task) : undefined;
    const round = asNew ?? (await this.#decided(task, sight));
    if (anyParked(round) || around.length > 0) await this.#gatherParked(around, round);
    const obstacles = await findObstacles(this.#dependencies.db, round.landings, this.#dependencies.company?.current().numbers);
    const again: Row[] = [];
    const free = round.landings.filter(({ key, row }) => {
      const obstacle = obstacles.get(key);
      if (!obstacle) return true;
      if (obstacle.mayMove && patient) again.push(row);
      else this.#refuse(row, obstacle.code, [obstacle.problem], round);
      return false;
    });
    const unblocked = await this.#approved(free, round);
    const wanted = new Map<string, Set<string>>();
    for (const { references } of unblocked) {
      for (const { collection, id } of [...references].map(partsOf)) {
        const ids = wanted.get(collection);
        if (ids) ids.add(id);
        else wanted.set(collection, new Set([id]));
      }
    }
    const placement = place(unblocked, await existing(this.#dependencies.db, wanted));
    // The writing call compares what lands with what is stored; a refusal or a wait is for whoever has looked.
    if (asNew && placement.land.length < task.rows.length) return this.round({ ...task, maybeNew: false });
    const { moved, children, first } = await this.#write(placement, round);
    again.push(...[...unblocked.map(({ row }) => row), ...round.refused].filter(({ n }) => moved.has(n)));
    const landed = placement.land.filter(({ row }) => !moved.has(row.n));
    for (const { row, acceptance } of landed) {
      positions.set(row.n, first);
      if (acceptance.answer && !row.parked) answers.set(row.n, this.#shown(row, acceptance, round));
    }
    return { again: again.filter((row) => !row.parked), children, landed: landed.map(({ key }) => key) };
  }

  /** Decides rows as of records that nobody has, as most are that build on nothing. Undefined when not all of them land. */
  async #asNew(task: Task): Promise<Round | undefined> {
    const round = await this.#decided(task, glance);
    return round.landings.length === task.rows.length && !anyParked(round) ? round : undefined;
  }

  async #decided({ rows, answers, positions }: Task, look: typeof sight): Promise<Round> {
    const round = openRound({ answers, positions });
    // Of an attempt that was not written.
    for (const { n } of rows) answers.delete(n);
    await this.#decideAll(rows, round, look);
    return round;
  }

  async #decideAll(rows: readonly Row[], round: Round, look: typeof sight): Promise<void> {
    for (const [collection, group] of byCollection(rows)) {
      const ids = group.map((row) => row.doc.id);
      const ws = group.map(writeIdOf);
      const sighting = await look(this.#dependencies.db, collection, ids, ws);
      round.sightings.set(collection, sighting);
      const reaches = [...group, ...sighting.parked.values()].map(({ actor, device }) => reachOf(actor, device));
      for (const reach of new Set(reaches)) round.accounts.set(reach, await this.#dependencies.access.at(reach, sighting.access));
      for (const row of group) this.#decide(row, sighting, round);
    }
  }

  #decide(pushed: Row, sighting: Sighting, round: Round): void {
    const { id } = pushed.doc;
    const w = writeIdOf(pushed);
    // Since it was found waiting it has landed, or another one has taken its place.
    if (pushed.parked && sighting.parked.get(id)?.w !== pushed.parked.w) return;
    const stored = sighting.stored.get(id);
    round.positions.set(pushed.n, stored?.seq ?? 0);
    const applied = sighting.applied.get(`${id} ${w}`);
    const waiting = pushed.parked ? undefined : sighting.parked.get(id);
    const settled = !pushed.parked && sighting.settled.get(`${id} ${w}`)?.includes(digestOf(pushed)) === true;
    const seen: Seen = { settled, ...(stored ? { stored } : {}), ...(applied ? { applied } : {}), ...(waiting ? { waiting } : {}) };
    const places = placesOf(sighting, id, w);
    const seenAt = places === undefined ? pushed : { ...pushed, places };
    const isHidden = stored !== undefined && !isPurged(stored.doc) && !this.#maySee(seenAt, stored.doc, round);
    if (isStub(seenAt)) {
      if (stored && !isHidden) round.answers.set(seenAt.n, this.#standing(seenAt, round));
      return;
    }
    if (isHidden) return this.#decideHidden(seenAt, seen, round);
    const read = raised(seenAt, seen);
    if (!read) return this.#refuse(seenAt, UNREADABLE.code, [UNREADABLE], round);
    const { row, denied } = patched(read, seen, this.#accountOf(read, round).rights);
    if (denied) return this.#refuse(row, denied.code, [denied], round);
    const decision = decidePush(row, seen, {
      noun: row.noun,
      actor: row.actor,
      now: this.#at,
      company: this.#dependencies.company?.current(),
      freshW: () => `s-${randomUUID()}`,
      isStorable,
    });
    this.#take(row, decision, seen, waiting, round);
  }

  #maySee(row: Row, doc: AnyDocument, round: Round): boolean {
    return round.accounts.get(reachOf(row.actor, row.device))?.mayRead(row.noun.entity.collection, doc) === true;
  }

  /** Of what its author may not see nothing is merged, compared or told; the author keeps the own words. */
  #decideHidden(row: Row, seen: Seen, round: Round): void {
    const { applied, settled } = seen;
    // An earlier write of the author's, whose answer was lost before the record went out of reach.
    if (storedBefore(raised(row, seen) ?? row, applied)) {
      if (row.parked) round.unparks.push(unparkOf(row.parked, null));
    } else if (settled) round.answers.set(row.n, this.#standing(row, round));
    else {
      const { labels } = row.noun.entity;
      const message = `This is not, or not any more, one of the ${labels.toLowerCase()} that you may see. Discard the change, or ask an administrator for the right.`;
      this.#refuse(row, 'not_permitted', [hard('', 'not_permitted', message, 'SYN-7')], round);
    }
  }

  #take(row: Row, decision: Decision, { stored }: Seen, waiting: Parked | undefined, round: Round): void {
    if (decision.kind === 'refuse') return this.#refuse(row, decision.code, decision.problems, round);
    if (decision.kind === 'accept') {
      const { acceptance, merged } = decision;
      const denied = this.#denied(row, acceptance, stored, round);
      if (denied) return this.#refuse(row, denied.code, [denied], round);
      round.landings.push({
        key: rowKey(row),
        references: this.#references(row, acceptance),
        row,
        acceptance,
        ...(merged ? { merged } : {}),
        ...(stored ? { stored } : {}),
        ...(waiting ? { replaces: waiting } : {}),
      });
      return;
    }
    if (row.parked) round.unparks.push(unparkOf(row.parked, null));
    else if (decision.kind === 'settled') round.answers.set(row.n, this.#standing(row, round));
    else if (stored && (decision.kind === 'keep' || (decision.kind === 'same' && decision.adopt)))
      round.answers.set(row.n, this.#shown(row, stored, round));
    if (decision.kind === 'keep') this.#keep(row, decision.clashes, stored, round);
    if (decision.kind === 'same' && decision.adopt && writeIdOf(row) !== '') round.settles.push(settleOf(row, 'same', this.#at));
  }

  /** What is judged is the change of what is stored, not what the device says that it was. */
  #denied(row: Row, acceptance: Acceptance, stored: Seen['stored'], round: Round): Problem | undefined {
    const { rights } = this.#accountOf(row, round);
    return deniedWrite(rights, row.noun.entity, stored, acceptance);
  }

  /** Those that nobody has to approve, or that somebody has. */
  async #approved(landings: readonly Landing[], round: Round): Promise<Landing[]> {
    const judged = await judgeApprovals(
      this.#dependencies.db,
      landings.map(({ row, stored, acceptance: { doc, deleted } }) => {
        const { rights } = this.#accountOf(row, round);
        return { noun: row.noun, before: stored?.doc, after: doc, deleted, rights };
      }),
      { company: this.#dependencies.company?.current(), at: this.#at },
    );
    return landings.flatMap((landing, i) => {
      const verdict = judged[i];
      if (verdict?.ok === false) this.#refuse(landing.row, verdict.problem.code, [verdict.problem], round);
      return verdict?.ok ? [marked(landing, verdict.after)] : [];
    });
  }

  #accountOf({ actor, device }: Row, { accounts }: Round): AccountAccess {
    const account = accounts.get(reachOf(actor, device));
    if (!account) throw new Error(`the rights of ${actor} were not read`);
    return account;
  }

  /** A state as the author of the row may see it. */
  #shown(row: Row, { doc, deleted }: { readonly doc: AnyDocument; readonly deleted: boolean }, round: Round): WireDocument {
    const { entity } = row.noun;
    return wire({ doc: seenThrough(entity, this.#accountOf(row, round).rights.views(entity), doc), deleted });
  }

  /** The stored state stays; what of the row differs from it goes to its author. */
  #keep(row: Row, clashes: readonly Clash[], stored: Seen['stored'], round: Round): void {
    round.settles.push(settleOf(row, clashes.length > 0 ? 'clash' : 'same', this.#at));
    if (clashes.length > 0) this.#tell(row, { code: 'clash', clashes, ...(stored ? { stored } : {}) }, round);
  }

  #tell(row: Row, reason: Reason, round: Round): void {
    const { inbox } = this.#dependencies;
    if (!inbox?.inboxDraft) return;
    const told = toldTo(this.#accountOf(row, round).rights, row, reason);
    round.entries.push(entryWrite(inbox, told.row, told.reason, round.entries.length, this.#at));
  }

  #references(row: Row, { doc }: Acceptance): Set<string> {
    // A collection that this server does not serve has no table to look into.
    return new Set([...referencesOf(row.noun.entity, doc)].filter((key) => this.#dependencies.nounOf(partsOf(key).collection)));
  }

  #refuse(row: Row, code: string, problems: readonly Problem[], round: Round): void {
    round.refusals.push(refusalOf(row, code, problems, this.#at));
    round.refused.push(row);
    const stored = round.sightings.get(row.noun.entity.collection)?.stored.get(row.doc.id);
    this.#tell(row, { code, problems, ...(stored && this.#maySee(row, stored.doc, round) ? { stored } : {}) }, round);
    if (row.parked) round.unparks.push(unparkOf(row.parked, row.n));
    else round.answers.set(row.n, this.#standing(row, round));
  }

  /** What the device should hold instead of the row: what is stored, or a tombstone. */
  #standing(row: Row, round: Round): WireDocument {
    const stored = round.sightings.get(row.noun.entity.collection)?.stored.get(row.doc.id);
    if (stored && !this.#maySee(row, stored.doc, round)) return withdrawnStub(row.noun.entity, row.doc.id, 0);
    if (stored) return this.#shown(row, stored, round);
    const w = `${STAND_IN}${createHash('sha256').update(writeIdOf(row)).digest('base64url').slice(0, 22)}`;
    return refusalStub(row.noun.entity, row.doc, w);
  }

  /** Adds the parked records that wait for these rows, and theirs in turn, to those that may land. */
  async #gatherParked(around: readonly string[], round: Round): Promise<void> {
    const asked = new Set<string>();
    const taken = new Set(round.landings.map(({ key }) => key));
    let n = PARKED_FROM;
    let frontier = [...around, ...round.landings.flatMap(({ key, references }) => [key, ...references])];
    while (frontier.length > 0) {
      for (const key of frontier) asked.add(key);
      const found = (await parkedAround(this.#dependencies.db, frontier)).filter(
        (parked) => !taken.has(keyOf(parked.collection, parked.id)),
      );
      const before = round.landings.length;
      const rows: Row[] = [];
      for (const parked of found) {
        taken.add(keyOf(parked.collection, parked.id));
        const noun = this.#dependencies.nounOf(parked.collection);
        if (noun) rows.push(parkedRow(parked, noun, n));
        n += 1;
      }
      const inner: Round = { ...round, sightings: new Map() };
      await this.#decideAll(rows, inner, sight);
      frontier = round.landings
        .slice(before)
        .flatMap(({ key, references }) => [key, ...references])
        .filter((key) => !asked.has(key));
    }
  }

  async #write(
    { land, wait }: ReturnType<typeof place<Landing>>,
    round: Round,
  ): Promise<{ moved: Set<number>; children: boolean; first: number }> {
    const parking = wait.filter(({ candidate }) => !candidate.row.parked);
    for (const { row, replaces, merged, stored } of land) {
      if (row.parked) round.unparks.push(unparkOf(row.parked, row.n));
      // A waiting state of another line of work goes on waiting; it is merged when what it waits for comes.
      if (replaces && row.base?.w === replaces.w) round.unparks.push(unparkOf(replaces, row.n));
      if (!merged) continue;
      const { clashes } = merged;
      round.settles.push(settleOf(row, clashes.length > 0 ? 'clash' : 'merged', this.#at));
      if (clashes.length > 0) this.#tell(row, { code: 'clash', clashes, ...(stored ? { stored } : {}) }, round);
    }
    for (const { row, replaces } of parking.map(({ candidate }) => candidate)) {
      if (!replaces || row.base?.w === replaces.w) continue;
      this.#supersede(replaces, row, round);
    }
    const { unparks, refusals, settles, entries } = round;
    if (land.length + parking.length + unparks.length + refusals.length + settles.length === 0) {
      return { moved: new Set(), children: false, first: 0 };
    }
    const common = ({ row, acceptance }: Landing) => ({
      n: row.n,
      collection: row.noun.entity.collection,
      id: acceptance.doc.id,
      doc: acceptance.doc,
      w: acceptance.doc.w,
      deleted: acceptance.deleted,
      version: row.noun.entity.version,
      actor: row.actor,
      device: row.device,
      at: this.#at,
    });
    const writes = land.map((landing): Write => {
      const { doc, before, kind, command } = landing.acceptance;
      const left = before && leftBy(before, doc);
      const told = { ...cameBy(landing.row), ...reasonOf(landing.row.noun.entity, doc, before ?? undefined) };
      return { ...common(landing), ...placesUnder(doc.w, landing.row), before, kind, command, ...told, ...(left ? { left } : {}) };
    });
    const applied = await this.#dependencies.apply({
      writes: [...writes, ...entries],
      parks: parking.map(({ candidate, wants }) => {
        const { replaces, row, acceptance } = candidate;
        // What the chain of waiting states was built on in the first place is what must still be stored when it lands.
        const base = replaces && row.base?.w === replaces.w ? replaces.base : storedBase(row);
        const w = acceptance.parkedW;
        const expected = replaces?.w ?? null;
        const own = { ...common(candidate), ...placesUnder(w, row), w, doc: { ...row.doc, w }, deleted: row.deleted };
        return { ...own, base, wants, expected, ...(row.origin ? { origin: row.origin } : {}) };
      }),
      unparks,
      refusals,
      settles,
    });
    const moved = new Set(applied.moved);
    if ([...writes, ...entries].some(({ n, along }) => !moved.has(n) && (along === undefined || !moved.has(along)))) this.changed = true;
    return { moved, children: applied.awaited.length > 0, first: applied.first };
  }

  /** Written only together with the row that takes its place, which in turn is only taken while this one still waits. */
  #supersede(replaced: Parked, by: Row, round: Round): void {
    const row = parkedRow(replaced, by.noun, by.n);
    const problem = hard(
      '',
      'superseded_while_waiting',
      'Another device sent the same record while this one waited for a record that it refers to.',
    );
    round.refusals.push(refusalOf(row, problem.code, [problem], this.#at));
    round.unparks.push({ ...unparkOf(replaced, by.n), claims: by.n });
    this.#tell(row, { code: problem.code, problems: [problem] }, round);
  }

  /** Gives up on rows that have waited too long: their authors are told, and they wait no more. */
  async giveUp(parked: readonly Parked[], days: number): Promise<void> {
    const round = openRound({ answers: new Map(), positions: new Map() });
    for (const [n, one] of parked.entries()) {
      const noun = this.#dependencies.nounOf(one.collection);
      if (!noun) continue;
      const row = parkedRow(one, noun, n);
      const reach = reachOf(row.actor, row.device);
      round.accounts.set(reach, await this.#dependencies.access.at(reach));
      const problems = missingParents(row, one.wants, days, this.#dependencies.nounOf);
      round.refusals.push(refusalOf(row, 'parent_missing', problems, this.#at));
      round.unparks.push({ ...unparkOf(one, null), claims: n });
      this.#tell(row, { code: 'parent_missing', problems }, round);
    }
    await this.#write({ land: [], wait: [] }, round);
  }
}

async function runRound(push: Push, task: Task) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await push.round(attempt === 1 ? task : { ...task, maybeNew: false });
    } catch (cause) {
      // After we looked somebody took a unique value, or replaced a waiting parent that was to land too; the next look sees it.
      if (!(cause instanceof ConstraintViolation)) throw cause;
      if (attempt >= ROUNDS_MAX) throw new DatabaseFault(cause);
    }
  }
}

/** Lands parked records around these keys, until no more come along. */
async function landAround(push: Push, keys: readonly string[]): Promise<void> {
  for (let around = keys; around.length > 0; ) {
    const { children, landed } = await runRound(push, { rows: [], around, answers: new Map(), positions: new Map(), patient: false });
    around = children ? landed : [];
  }
}

/** Applies the rows of one push of one collection. Throws DatabaseFault when the database is not there or too busy. */
export async function pushRows(
  dependencies: PushDependencies,
  noun: Noun,
  pushed: readonly PushRow[],
  author: Author,
): Promise<PushResult> {
  const push = new Push(dependencies);
  const answers = new Map<number, WireDocument>();
  const positions = new Map<number, number>();
  let open: Row[] = pushed.map((row, n) => pushedRow(row, n, noun, author));
  const tries = new Map<number, number>();
  let patient = true;
  let maybeNew = open.every((row) => !row.base && !row.deleted);
  while (open.length > 0) {
    // One row for each record in a round: a second one of the same record is decided on what the first one left.
    const firsts = new Map<string, Row>();
    for (const row of open) if (!firsts.has(row.doc.id)) firsts.set(row.doc.id, row);
    const rows = [...firsts.values()];
    const { again, children, landed } = await runRound(push, { rows, around: [], answers, positions, patient, maybeNew });
    maybeNew = false;
    if (children) await landAround(push, landed);
    for (const row of again) {
      const count = (tries.get(row.n) ?? 0) + 1;
      tries.set(row.n, count);
      if (count >= ROUNDS_MAX) throw new DatabaseFault(new Error(`row ${row.n} of ${noun.entity.collection} moved ${count} times`));
    }
    patient = landed.length > 0;
    const repeat = new Set(again.map((row) => row.n));
    open = open.filter((row) => !rows.includes(row) || repeat.has(row.n));
  }
  return {
    answers: [...answers].sort(([a], [b]) => a - b).map(([, document]) => document),
    positions: pushed.map((_, n) => positions.get(n) ?? 0),
    changed: push.changed,
  };
}

/** Tries parked records again: after a crash between two transactions, or when a parent came by another way. */
export async function landParked(dependencies: PushDependencies, keys: readonly string[]): Promise<boolean> {
  const push = new Push(dependencies);
  await landAround(push, keys);
  return push.changed;
}

/** Refuses parked rows, with an entry for their authors. */
export async function giveUpParked(dependencies: PushDependencies, parked: readonly Parked[], days: number): Promise<boolean> {
  const push = new Push(dependencies);
  await push.giveUp(parked, days);
  return push.changed;
}
