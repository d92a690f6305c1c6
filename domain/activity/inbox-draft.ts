/** Inbox entries are activities: they replicate, are searched and are done like every other task. */
import type { InboxEntry } from '../record/inbox.ts';
import type { Draft } from '../record/record.commands.ts';
import { recordCollections } from '../vocabulary/partner.ts';

const TOO_LARGE = 'The record is too large to be shown here. It is kept whole on the server; ask whoever runs it.';

export function inboxDraft(entry: InboxEntry): Draft {
  const { kind, title, code, fieldNames, keptContent, storedContent, author, note } = entry;
  const isKnown = Object.hasOwn(recordCollections, entry.collection);
  return {
    kind,
    title,
    code,
    fieldNames,
    storedContent,
    assignedTo: author,
    done: false,
    recordTitle: entry.recordTitle,
    ...(isKnown ? { recordCollection: entry.collection, recordId: entry.recordId } : {}),
    ...(keptContent === undefined ? { body: [TOO_LARGE, note ?? ''].join('\n').trim() } : { keptContent, body: note }),
  };
}
