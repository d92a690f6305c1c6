/** A note, call, task or inbox item on any record. */
import { type DocumentOf, defineEntity } from '../entity/entity.ts';
import { choice, flag, instant, integer, text, texts } from '../entity/field.ts';
import { recordCollections } from '../vocabulary/partner.ts';

export const activityKinds = {
  note: 'Note',
  call: 'Call',
  task: 'Task',
  refusal: 'Refused change',
  clash: 'Clash of changes',
  import: 'Import',
  feedback: 'Feedback',
} as const;

export const activity = defineEntity({
  noun: 'activity',
  collection: 'activities',
  label: 'Activity',
  labels: 'Activities',
  title: 'title',
  fields: {
    kind: choice('Kind of activity', activityKinds, { required: true, index: true }),
    title: text('Title', { required: true, max: 300 }),
    body: text('Text', { max: 20_000, long: true, aliases: ['Description'] }),
    recordCollection: choice('Record type', recordCollections, { aliases: ['entity_type'] }),
    recordId: text('Record', { index: true, max: 36, aliases: ['entity_id'] }),
    recordTitle: text('Record title', { max: 850, hint: 'As it was called at the time' }),
    pinned: flag('Pinned', { aliases: ['is_pinned'] }),
    tags: texts('Tags', { max: 30, each: 60 }),
    assignedTo: text('Assigned to', { index: true, max: 36 }),
    dueAt: instant('Due', { index: true, aliases: ['scheduled_for'] }),
    durationMinutes: integer('Duration', { most: 1440, aliases: ['duration'], hint: 'Minutes' }),
    done: flag('Done', { aliases: ['is_completed'] }),
    doneAt: instant('Done at', { aliases: ['completed_at'] }),
    outcome: text('Outcome', { max: 2000, long: true }),
    priority: choice('Priority', { low: 'Low', medium: 'Medium', high: 'High', critical: 'Critical' }, {}),
    code: text('Code', { max: 60, computed: true, hint: 'Refusals and clashes: why' }),
    fieldNames: texts('Fields', { max: 100, hint: 'Clashes: the fields that need a decision' }),
    keptContent: text('Kept content', {
      max: 200_000,
      long: true,
      computed: true,
      hint: 'Refusals and clashes: the whole record as JSON, so that nothing is lost',
    }),
    storedContent: text('Stored content', { max: 200_000, long: true, computed: true, hint: 'Clashes: what the server kept, as JSON' }),
  },
  indexes: [['recordId', 'createdAt']],
  views: [{ name: 'activity_log' }, { name: 'inbox_refusals', where: { kind: 'refusal' } }],
});
export type Activity = DocumentOf<typeof activity>;
