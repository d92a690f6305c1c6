/**
 * What must hold when everybody is connected and quiet. Every finding names its rule (docs/rules.md, SYN-1 to SYN-12) and
 * says in plain words what is wrong.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Entity, allFields } from '../../domain/entity/entity.ts';
import { isWithdrawn } from '../../domain/access/withdrawn.ts';
import type { WireDocument } from '../../domain/protocol/protocol.ts';
import { hide } from '../../domain/access/field-limits.ts';
import { checkNumbers, isNumbering } from './check-numbers.ts';
import { checkTouched } from './check-touched.ts';
import { type Evidence, type Violation, keyOf } from './evidence.ts';
import { filledFrom, leftAlone, readKept } from './kept.ts';
import type { Commit, Device } from './device.ts';
import { hiddenFields } from './sim-users.ts';
import { type AsideRow, type AuditRow, type StoredState, wireOf } from './stored-state.ts';
import { isNewField } from './versions.ts';

const short = (value: unknown): string => JSON.stringify(value)?.slice(0, 200) ?? 'nothing';
/** What somebody typed of a document: without stamps and what is computed. */
const entered = (entity: Entity, document: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(document).filter(([key]) => key !== '_deleted' && key !== 'w' && allFields(entity)[key]?.computed !== true),
  );

function differences(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): string {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => !isDeepStrictEqual(a[key], b[key]));
  return keys.map((key) => `${key}: ${short(a[key])} and ${short(b[key])}`).join('; ');
}

/** SYN-9: positions are dense, each document is what its last entry says, and each entry begins where the one before ended. */
function checkBooks({ state, entities }: Evidence): Violation[] {
  const found: Violation[] = [];
  const say = (what: string): void => void found.push({ rule: 'SYN-9', what });
  const { head, audit } = state;
  const wrong = audit.findIndex(({ seq }, i) => seq !== i + 1);
  if (wrong >= 0) say(`entry ${wrong + 1} of the audit has position ${audit[wrong]?.seq}`);
  if (head.seq !== audit.length) say(`the head is ${head.seq}, the audit has ${audit.length} entries`);
  const last = new Map<string, AuditRow>();
  for (const entry of audit) {
    const key = `${entry.collection}/${entry.id}`;
    const before = last.get(key)?.after ?? null;
    if (!isDeepStrictEqual(entry.before, before))
      say(`entry ${entry.seq} of ${key} begins with ${short(entry.before)}, not with ${short(before)}`);
    last.set(key, entry);
  }
  for (const { collection } of entities) {
    for (const row of state.documents[collection] ?? []) {
      const entry = last.get(`${collection}/${row.id}`);
      last.delete(`${collection}/${row.id}`);
      if (!entry || entry.seq !== row.seq || entry.w !== row.w || !isDeepStrictEqual(entry.after, row.doc))
        say(`${collection}/${row.id} at ${row.seq} (${row.w}) is not what its last entry says (${entry?.seq} ${entry?.w})`);
      if (entry && (entry.kind === 'delete') !== row.deleted)
        say(`${collection}/${row.id} is ${row.deleted ? '' : 'not '}deleted after ${entry.kind}`);
    }
  }
  for (const [key, { seq }] of last) say(`${key} was written at ${seq} and is not stored`);
  return found;
}

const listed = (rows: readonly AsideRow[]): Map<string, AsideRow> =>
  new Map(rows.map((row) => [keyOf(row.collection, row.id, row.w), row]));

/** By `/id/w` of the row that it is about: the entries of inboxes. */
function inboxOf(state: StoredState): Map<string, Readonly<Record<string, unknown>>> {
  const entries = new Map<string, Readonly<Record<string, unknown>>>();
  for (const { doc } of state.documents['activities'] ?? []) {
    const mine = readKept(doc['keptContent'])?.mine;
    // Records of nouns that the desk does not know are named by their id alone.
    if (mine) entries.set(keyOf('', String(mine['id']), mine['w']), doc);
  }
  return entries;
}

/** SYN-2, SYN-3, SYN-4: what became of everything that was committed on a device. */
function checkCommits(evidence: Evidence): Violation[] {
  const { state, commits, entities, gone, uprooted, later, restored, limited, isLimited } = evidence;
  const found: Violation[] = [];
  const audited = new Map(state.audit.map((entry) => [keyOf(entry.collection, entry.id, entry.w), entry]));
  const [parked, refused, settled] = [listed(state.parked), listed(state.refused), listed(state.settled)];
  const inbox = inboxOf(state);
  const successors = new Map<string, Commit[]>();
  // A lost state that is given back and waits for its parents is carried by whatever anybody had built on it.
  const by = ({ device }: Commit): string => (restored ? '' : device);
  for (const commit of commits) {
    if (commit.builtOn === undefined) continue;
    const key = `${by(commit)}/${keyOf(commit.collection, commit.id, commit.builtOn)}`;
    successors.set(key, [...(successors.get(key) ?? []), commit]);
  }
  // Whoever gives a lost state back does so without the fields that the own role hides.
  const common = (entity: Entity, values: Readonly<Record<string, unknown>>) =>
    restored && limited ? hide(entity, values, hiddenFields[entity.collection] ?? []) : values;
  const arrived = (commit: Commit): boolean => {
    const key = keyOf(commit.collection, commit.id, commit.w);
    if (
      audited.has(key) ||
      parked.has(key) ||
      refused.has(key) ||
      settled.has(key) ||
      inbox.has(keyOf('', commit.id, commit.w)) ||
      gone.has(key)
    )
      return true;
    // A device that knew only that one may have got a later one, from a message that was on its way.
    if ((later.get(key) ?? []).some((one) => audited.has(one))) return true;
    // Written over on the same device before it was sent: the later write carries it.
    return (successors.get(`${by(commit)}/${key}`) ?? []).some(arrived);
  };
  for (const commit of commits) {
    const key = keyOf(commit.collection, commit.id, commit.w);
    const entity = entities.find(({ collection }) => collection === commit.collection);
    if (!entity) continue;
    if (!arrived(commit)) {
      found.push({ rule: 'SYN-2', what: `${key}, committed on ${commit.device}, is in no audit, no inbox and not waiting` });
      continue;
    }
    const ends = [audited, parked, refused, settled].filter((place) => place.has(key)).length;
    if (ends > 1 && !restored) found.push({ rule: 'SYN-3', what: `${key} has come to ${ends} ends at once` });
    const refusal = refused.get(key);
    const clash = settled.get(key)?.outcome === 'clash' ? settled.get(key) : undefined;
    // Somebody who gave a lost state back is told of it as that device knew it.
    const isGivenBack = restored && refusal !== undefined && refusal.device !== commit.device;
    if ((refusal || clash) && !isGivenBack) {
      const kept = readKept(inbox.get(keyOf('', commit.id, commit.w))?.['keptContent'])?.mine;
      // Of fields that came with a later version, those that its author has filled: the others are what the server had.
      const isLeft = (key: string): boolean =>
        isNewField(entity, key) && (commit.version < entity.version || isDeepStrictEqual(commit.document[key], commit.before?.[key]));
      // Of what its author may not see any more and has left alone the server has what is so now, and does not tell.
      const alone = isLimited(commit.user) ? leftAlone(entity.collection, commit.before ?? {}, commit.document) : [];
      const known = (values: Readonly<Record<string, unknown>>) =>
        Object.fromEntries(Object.entries(entered(entity, common(entity, hide(entity, values, alone)))).filter(([key]) => !isLeft(key)));
      const sent = known(commit.document);
      // What its author could not see may stand beside it.
      const whole = (values: Readonly<Record<string, unknown>>) =>
        isLimited(commit.user) ? known(filledFrom(entity.collection, sent, values)) : sent;
      // What a bad program sent is kept as far as a text can hold it.
      if (!kept) found.push({ rule: 'SYN-2', what: `${key} was ${refusal ? 'refused' : 'a clash'} and its author was not told` });
      else if (!isDeepStrictEqual(known(kept), whole(kept)))
        found.push({ rule: 'SYN-2', what: `the inbox does not hold the whole of ${key}: ${differences(known(kept), sent)}` });
      const row = refusal ?? clash;
      if (row?.doc && !isDeepStrictEqual(known(row.doc), whole(row.doc)))
        found.push({ rule: 'SYN-2', what: `the server did not keep the whole of ${key}: ${differences(known(row.doc), sent)}` });
    }
    if (commit.isBad && audited.has(key)) found.push({ rule: 'SYN-4', what: `${key} breaks the rules and was stored` });
    const isUprooted = uprooted.has(`${commit.collection}/${commit.id}`);
    if (!commit.isBad && refusal?.code === 'invalid' && !isUprooted && !isBuiltOnBad(commit, commits))
      found.push({ rule: 'SYN-4', what: `${key} breaks no rule and was refused` });
  }
  return found;
}
const isBuiltOnBad = (commit: Commit, commits: readonly Commit[]): boolean =>
  commits.some(({ isBad, w, id, collection }) => isBad && w === commit.builtOn && id === commit.id && collection === commit.collection);

/** SYN-3: each entry of the audit has one cause. */
function checkCauses({ state, commits, taken, series }: Evidence): Violation[] {
  const found: Violation[] = [];
  const made = new Set(commits.map(({ collection, id, w }) => keyOf(collection, id, w)));
  const merges = new Map<string, number>();
  for (const { collection, id, outcome } of state.settled) {
    if (outcome !== 'same') merges.set(`${collection}/${id}`, (merges.get(`${collection}/${id}`) ?? 0) + 1);
  }
  for (const entry of state.audit) {
    const { collection, id, w, seq } = entry;
    const key = keyOf(collection, id, w);
    if (made.has(key) || taken.has(key)) continue;
    if (entry.device === 'server' && isNumbering(entry, series)) continue;
    if (collection === 'activities' && entry.kind === 'insert' && readKept(entry.after['keptContent'])) continue;
    const left = merges.get(`${collection}/${id}`) ?? 0;
    merges.set(`${collection}/${id}`, left - 1);
    if (!w.startsWith('s-') || left <= 0) found.push({ rule: 'SYN-3', what: `entry ${seq} of ${key} has no cause of its own` });
  }
  return found;
}

/** SYN-8: nothing waits for what is there, and nothing stored points at what is not. */
function checkParked({ state }: Evidence): Violation[] {
  const there = new Set(Object.entries(state.documents).flatMap(([collection, rows]) => rows.map(({ id }) => `${collection}:${id}`)));
  return state.parked
    .filter(({ wants = [] }) => wants.every((want) => there.has(want)))
    .map(({ collection, id, w, wants = [] }) => ({
      rule: 'SYN-8',
      what: `${keyOf(collection, id, w)} waits for ${wants.join(', ')}, which are there`,
    }));
}

/** SYN-1, SYN-5, SYN-7: each device holds what the server holds and its user may see, and nothing else but what is its own. */
function checkDevice({ state, entities, restored, maySee, shownOn }: Evidence, device: Device): Violation[] {
  const found: Violation[] = [];
  // A lost record that was offered again may have to wait for its parents on the server; the others show it as it was.
  const waiting = new Set(restored ? state.parked.map(({ collection, id }) => `${collection}/${id}`) : []);
  const aside = new Set([...state.parked, ...state.refused].map(({ collection, id, w }) => keyOf(collection, id, w)));
  for (const { collection } of entities) {
    const disk = device.disk.get(collection);
    if (!disk) continue;
    for (const [id, { doc }] of disk.replica.fork) {
      if (disk.replica.assumed.get(id)?.state['w'] === doc['w']) continue;
      found.push({ rule: 'SYN-2', what: `${collection}/${id} (${String(doc['w'])}) still waits on ${device.name}` });
    }
    const stored = new Map((state.documents[collection] ?? []).map((row) => [row.id, wireOf(row)]));
    for (const [id, document] of stored) {
      const own = disk.replica.fork.get(id)?.doc;
      if (!maySee(device.user.id, collection, document)) {
        if (own && !isStandIn(own) && !isWithdrawn(own) && !aside.has(keyOf(collection, id, own['w'])))
          found.push({
            rule: 'SYN-7',
            what: `${device.name} still holds ${collection}/${id} (${String(own['w'])}), which its user may not see`,
          });
        continue;
      }
      const shown = shownOn(device, collection, document);
      if (!own) found.push({ rule: 'SYN-1', what: `${device.name} has never got ${collection}/${id} (${String(document['w'])})` });
      else if (!isDeepStrictEqual(own, shown) && !aside.has(keyOf(collection, id, own['w'])))
        found.push({ rule: 'SYN-5', what: `${collection}/${id} on ${device.name} and on the server: ${differences(own, shown)}` });
    }
    for (const [id, { doc }] of disk.replica.fork) {
      if (
        stored.has(id) ||
        isStandIn(doc) ||
        isWithdrawn(doc) ||
        waiting.has(`${collection}/${id}`) ||
        aside.has(keyOf(collection, id, doc['w']))
      )
        continue;
      found.push({ rule: 'SYN-5', what: `${device.name} holds ${collection}/${id} (${String(doc['w'])}), the server does not` });
    }
  }
  return found;
}
const isStandIn = (document: WireDocument): boolean => document._deleted && String(document['w']).startsWith('refused-');

/** Units of a merge: values that mean something only together were typed together by one person (SYN-6). */
function checkUnits({ state, entities, commits, restored }: Evidence): Violation[] {
  const found: Violation[] = [];
  for (const entity of entities) {
    for (const unit of entity.together ?? []) {
      const [list, rows] = [unit[0]?.split('.')[0] ?? '', unit[0]?.includes('.') ?? false];
      const keys = rows ? unit.map((path) => path.split('.')[1] ?? '') : unit;
      const pick = (values: Readonly<Record<string, unknown>>): string => JSON.stringify(keys.map((key) => values[key] ?? null));
      const places = (document: Readonly<Record<string, unknown>>): [string, string][] =>
        rows
          ? ((document[list] ?? []) as Record<string, unknown>[])
              .filter((row) => typeof row === 'object')
              .map((row) => [String(row['lineId']), pick(row)])
          : [['', pick(document)]];
      const typed = new Set<string>();
      for (const { collection, id, document } of commits) {
        if (collection !== entity.collection || !(Array.isArray(document[list]) || !rows)) continue;
        for (const [place, values] of places(document)) typed.add(`${id}/${place}/${values}`);
      }
      for (const { id, doc } of state.documents[entity.collection] ?? []) {
        for (const [place, values] of places(doc)) {
          if (typed.has(`${id}/${place}/${values}`) || restored) continue;
          found.push({
            rule: 'SYN-6',
            what: `${entity.collection}/${id} ${place} holds ${values} in ${unit.join(', ')}, which nobody typed together`,
          });
        }
      }
    }
  }
  return found;
}

export function check(evidence: Evidence): Violation[] {
  return [
    ...checkBooks(evidence),
    ...checkCommits(evidence),
    ...checkCauses(evidence),
    ...checkParked(evidence),
    ...checkUnits(evidence),
    ...checkNumbers(evidence),
    ...checkTouched(evidence),
    ...evidence.devices.flatMap((device) => checkDevice(evidence, device)),
  ];
}
