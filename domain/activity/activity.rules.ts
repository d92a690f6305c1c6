/** Rules of notes, calls and tasks. */
import { type Problem, hard } from '../entity/problem.ts';
import { defineNoun } from '../record/noun.ts';
import { type Activity, activity } from './activity.entity.ts';
import { inboxDraft } from './inbox-draft.ts';

export function checkActivity(after: Activity): Problem[] {
  const problems: Problem[] = [];
  if (after.recordId !== '' && after.recordCollection === undefined) {
    problems.push(hard('recordCollection', 'half_link', 'The record is named without its type; choose the record again.', 'D13'));
  }
  if (after.doneAt !== undefined && after.done !== true)
    problems.push(hard('done', 'done_at_only', 'There is a time at which it was done, but it is not done.', 'D13'));
  return problems;
}

/** Open and past its due time. `now` is an ISO instant. */
export const isOverdue = (task: Pick<Activity, 'done' | 'dueAt'>, now: string): boolean =>
  task.done !== true && task.dueAt !== '' && task.dueAt < now;

export const activityNoun = defineNoun(activity, { check: checkActivity, inboxDraft });
