/** Smallest valid documents, made by the real commands. */
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { Field, Fields } from '../../domain/entity/field.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { type Moment, createRecord } from '../../domain/record/record.commands.ts';

export const moment = (w = 'w1', now = '2026-09-04T14:00:00.000Z'): Moment => ({
  actor: { userId: 'account-1', deskId: 'desk-1' },
  now,
  w,
});

/** A value that a required field of this kind accepts. */
function sampleOf(f: Field): unknown {
  switch (f.kind) {
    case 'choice':
      return Object.keys(f.options ?? {})[0];
    case 'set':
      return [Object.keys(f.options ?? { sample: '' })[0]];
    case 'refs':
      return ['other-1'];
    case 'lines':
      return [{ lineId: 'line-1', ...requiredOf(f.fields ?? {}) }];
    case 'group':
      return requiredOf(f.fields ?? {});
    case 'flag':
      return true;
    case 'date':
      return '2026-09-04';
    case 'instant':
      return '2026-09-04T14:00:00.000Z';
    case 'ref':
      return 'other-1';
    case 'text':
      return f.format === 'email' ? 'name@company.com' : 'Sample';
    case 'integer':
    case 'cents':
    case 'price':
    case 'weight':
    case 'percent':
      return Math.max(1, f.least ?? 1);
  }
}
export const requiredOf = (fields: Fields): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).flatMap(([key, f]) => (f.required ? [[key, sampleOf(f)]] : [])));

/** What the rules ask for beyond the required fields. */
const more: Readonly<Record<string, Record<string, unknown>>> = {
  attachments: { name: 'sample.pdf', sha256: 'a'.repeat(64), mime: 'application/pdf' },
  orders: { lines: [{ lineId: 'line-1', description: 'Beef trim 85s' }] },
  events: { action: 'cite', productId: 'product-1', cases: 1, providerId: 'party-1', receiverId: 'party-1' },
};

export function minimalDocument(noun: Noun, id = `${noun.entity.noun}-1`): AnyDocument {
  const decision = createRecord(noun, id, { ...requiredOf(noun.entity.fields), ...more[noun.entity.collection] }, moment());
  if (!decision.ok) throw new Error(`${noun.entity.collection}: ${decision.rejection.message}`);
  return decision.change.after;
}

/** What the real commands say of a draft: "severity field code" of each problem, warnings included. */
export function problemCodes(noun: Noun, draft: Record<string, unknown>, id = `${noun.entity.noun}-1`): string[] {
  const decision = createRecord(noun, id, draft, moment());
  return (decision.ok ? decision.warnings : decision.rejection.problems).map(
    (problem) => `${problem.severity} ${problem.field} ${problem.code}`,
  );
}
/** The record that the real commands make of a draft. */
export function made(noun: Noun, draft: Record<string, unknown>, id = `${noun.entity.noun}-1`): AnyDocument {
  const decision = createRecord(noun, id, draft, moment());
  if (!decision.ok) throw new Error(decision.rejection.message);
  return decision.change.after;
}
