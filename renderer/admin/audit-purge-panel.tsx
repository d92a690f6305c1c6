/** Months of the audit whose time is over, and removing them. */
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { AuditMonthLine, AuditPurgedAnswer } from '../../domain/protocol/admin.ts';
import { useAsked } from '../sync/ask.ts';
import { useProof } from '../ui/proof.tsx';
import { Answered } from './admin-frame.tsx';
import { isAuditMonths, isAuditPurged } from './answers.ts';
import { Question } from './question.tsx';

const format = new Intl.DateTimeFormat('en-US', { month: 'long', year: 'numeric', timeZone: 'UTC' });
const monthName = (day: string): string => format.format(new Date(`${day}T00:00:00Z`));
const months = (count: number): string => `${count} ${count === 1 ? 'month' : 'months'}`;

/** Changes and events have months of their own; people see the month once. */
function span(lines: readonly AuditMonthLine[]): { readonly count: number; readonly words: string } {
  const days = [...new Set(lines.map(({ month }) => month))].sort();
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return { count: 0, words: '' };
  const words = days.length === 1 ? monthName(first) : `${monthName(first)} to ${monthName(last)}`;
  return { count: days.length, words };
}
function heldWords(lines: readonly AuditMonthLine[]): string {
  const numbers = [...new Set(lines.flatMap(({ holds }) => holds))].sort((a, b) => a - b);
  return lines.length === 0
    ? ''
    : ` ${months(span(lines).count)} of it ${span(lines).count === 1 ? 'is' : 'are'} kept by legal hold ${numbers.join(', ')}.`;
}

export function AuditPurgePanel({ mayPurge }: { readonly mayPurge: boolean }) {
  const { asked, again } = useAsked('/admin/purge/audit', isAuditMonths);
  const [asking, setAsking] = useState(false);
  return (
    <section className="panel admin-panel" aria-labelledby="audit-purge">
      <h2 id="audit-purge">Audit</h2>
      <Answered asked={asked}>
        {({ years, months: lines }) => {
          const free = lines.filter(({ holds }) => holds.length === 0);
          const { count, words } = span(free);
          return (
            <>
              <p>
                {free.length === 0 ? `Nothing is more than ${years} years old and free to go.` : `${months(count)} (${words}) may go.`}
                {heldWords(lines.filter(({ holds }) => holds.length > 0))} Entries are kept for {years} years; then somebody removes them
                here.
              </p>
              {mayPurge && free.length > 0 ? (
                <Button variant="default" onClick={() => setAsking(true)}>
                  Remove them
                </Button>
              ) : null}
              {asking ? <PurgeQuestion count={count} words={words} onDone={again} onClose={() => setAsking(false)} /> : null}
            </>
          );
        }}
      </Answered>
    </section>
  );
}

function outcome({ left, busy }: AuditPurgedAnswer): string {
  if (left === 0) return 'The months were removed from the audit.';
  return busy
    ? 'Somebody reads the audit just now, so the rest has to wait. Try again in a moment.'
    : 'Not all of it could go yet: it takes longer, or is not sealed. Try again for the rest.';
}

interface PurgeQuestionProps {
  readonly count: number;
  readonly words: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}
function PurgeQuestion({ count, words, onDone, onClose }: PurgeQuestionProps) {
  const { askProved, dialog } = useProof();
  return (
    <>
      <Question
        title={`Remove ${months(count)} of the audit?`}
        text={`All that was done in ${words} goes for good, from the audit and from the histories of records. The seal over it stays, so the rest can still be checked, and an entry says that it went.`}
        action="Remove them"
        withReason
        danger
        onClose={onClose}
        onDo={async (reason) => {
          const answer = await askProved('/admin/purge/audit', isAuditPurged, { reason });
          if (!answer.ok) return answer.code === 'cancelled' ? 'It was not shown that it is you, so nothing was removed.' : answer.message;
          notifications.show({ message: outcome(answer.value) });
          onDone();
          return '';
        }}
      />
      {dialog}
    </>
  );
}
