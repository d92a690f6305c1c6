/**
 * Rows of somebody who may not see all fields of a record. What such a device sends lacks them: it is a patch over the fields that
 * its user knows, and what the server tells its user of a row must not hold them either.
 */
import { firstTouched, hide, patch, pathOfFields, withoutShared } from '../../domain/access/field-limits.ts';
import { type Rights, deniedField } from '../../domain/access/rights.ts';
import type { Problem } from '../../domain/entity/problem.ts';
import type { Clash } from '../../domain/record/clash.ts';
import type { Seen } from './decide-push.ts';
import type { Reason } from './inbox-entries.ts';
import { lookedAt } from './raise.ts';
import { isStub } from './refusal-stub.ts';
import type { Row } from './row.ts';

/** The whole row; `denied` when its author has given a hidden field a value. */
export function patched(row: Row, seen: Seen, rights: Rights): { readonly row: Row; readonly denied?: Problem } {
  const { entity } = row.noun;
  const kept = lookedAt(row, seen);
  const hidden = rights.hidden(entity, seen.stored?.doc ?? row.doc);
  if (hidden.length === 0) return { row };
  // What stands for a refused record was never a state of the server: its values are the author's own.
  const base = row.base && isStub({ doc: row.base, deleted: row.baseDeleted === true }) ? undefined : row.base;
  const touched = firstTouched(entity, { document: row.doc, base, kept }, hidden);
  if (touched !== undefined) return { row, denied: deniedField(entity, touched) };
  const whole = { ...row, doc: patch(entity, row.doc, kept, hidden) };
  // The same in both: the author has changed nothing there, whatever was stored when the device looked.
  return { row: row.base ? { ...whole, base: patch(entity, row.base, kept, hidden) } : whole };
}

/** A clash over a whole row of a list holds that row; one over a hidden field is not the author's to decide. */
function clashesWithout(clashes: readonly Clash[], row: Row, hidden: readonly string[]): Clash[] {
  const { entity } = row.noun;
  return clashes
    .filter(({ path }) => !hidden.includes(pathOfFields(path)))
    .map((clash) => {
      const [key = '', lineId] = clash.path.split('.');
      const bare = (value: unknown): unknown => {
        if (typeof value !== 'object' || value === null) return value;
        const list = lineId === undefined ? value : [value];
        const shown: Readonly<Record<string, unknown>> = hide(entity, { [key]: list }, hidden);
        const inner = shown[key];
        return lineId === undefined ? inner : Array.isArray(inner) ? (inner as unknown[])[0] : value;
      };
      const values = (['base', 'mine', 'theirs'] as const).flatMap((side) =>
        clash[side] === undefined ? [] : [[side, bare(clash[side])] as const],
      );
      return { ...clash, ...Object.fromEntries(values) };
    });
}

/** What the author of a row is told of it: the own words whole, of everything else what the author may see. */
export function toldTo(rights: Rights, row: Row, reason: Reason): { readonly row: Row; readonly reason: Reason } {
  const { entity } = row.noun;
  const hidden = rights.hidden(entity, reason.stored?.doc ?? row.doc);
  if (hidden.length === 0) return { row, reason };
  // What the device has sent itself is no secret to it. Of a row that waited that is what its base did not hold.
  const { sent, parked } = row;
  const own = sent?.doc ?? (parked && withoutShared(entity, parked.doc, parked.base ?? undefined, hidden));
  const doc = patch(entity, row.doc, own, hidden);
  const { problems, clashes, stored } = reason;
  const told = {
    ...reason,
    ...(problems ? { problems: problems.map((problem) => withoutHidden(problem, hidden)) } : {}),
    ...(clashes ? { clashes: clashesWithout(clashes, row, hidden) } : {}),
    ...(stored ? { stored: { ...stored, doc: hide(entity, stored.doc, hidden) } } : {}),
  };
  return { row: { ...row, doc, ...(row.base ? { base: hide(entity, row.base, hidden) } : {}) }, reason: told };
}
/** The sentence of a rule may name the value of its field. */
function withoutHidden(problem: Problem, hidden: readonly string[]): Problem {
  if (problem.code === 'field_not_permitted' || !hidden.includes(pathOfFields(problem.field))) return problem;
  return { ...problem, message: 'A field that you cannot see does not fit this change. Ask somebody who sees all of the record.' };
}
