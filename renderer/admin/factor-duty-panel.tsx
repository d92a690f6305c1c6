/** Which roles have to have a second factor, from when on, and how many people have none yet. */
import { TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { FactorDutiesAnswer, FactorDutyLine } from '../../domain/protocol/admin.ts';
import { formatDate } from '../../domain/units/calendar.ts';
import { ask, useAsked } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { ACTIONS, PlainTable } from '../ui/plain-table.tsx';
import { Answered, holding } from './admin-frame.tsx';
import { AskDialog } from './ask-dialog.tsx';
import { ReasonInput } from './reason-input.tsx';
import { RowButton } from '../ui/row-button.tsx';

const isDuties = holding<FactorDutiesAnswer>('duties');

export function FactorDutyPanel({ mayChange }: { readonly mayChange: boolean }) {
  const { asked, again } = useAsked('/admin/second-factor', isDuties);
  const [editing, setEditing] = useState<FactorDutyLine>();
  return (
    <section aria-labelledby="factor-duty">
      <h2 id="factor-duty">Second factor as a duty</h2>
      <p className="quiet">
        Whoever has none sets one up at the first sign-in of that day or later, before anything opens. API keys are not concerned, and
        sign-ins through another system are as strong as they are there.
      </p>
      <Answered asked={asked}>
        {({ duties }) => (
          <div className="panel admin-table">
            <PlainTable columns={['Role', 'Duty', { name: 'People', end: true }, { name: 'Without one', end: true }, ACTIONS]}>
              {duties.map((duty) => (
                <tr key={duty.role}>
                  <td className="strong">{duty.label}</td>
                  <td className="nowrap">{duty.from === null ? 'None' : `From ${formatDate(duty.from)}`}</td>
                  <td className="end">{duty.accounts}</td>
                  <td className="end">{duty.without}</td>
                  <td className="end nowrap">
                    {mayChange ? (
                      <RowButton name={`Change the duty of ${duty.label}`} onClick={() => setEditing(duty)}>
                        Change
                      </RowButton>
                    ) : null}
                  </td>
                </tr>
              ))}
            </PlainTable>
          </div>
        )}
      </Answered>
      {editing === undefined ? null : <DutyDialog duty={editing} onSaved={again} onClose={() => setEditing(undefined)} />}
    </section>
  );
}

interface DutyDialogProps {
  readonly duty: FactorDutyLine;
  readonly onSaved: () => void;
  readonly onClose: () => void;
}
function DutyDialog({ duty, onSaved, onClose }: DutyDialogProps) {
  const session = useSession();
  const [from, setFrom] = useState(duty.from ?? '');
  const [reason, setReason] = useState('');
  const save = async () => {
    const body = { role: duty.role, from: from === '' ? null : from, reason: reason.trim() };
    const answer = await ask(session, '/admin/second-factor', isDuties, body);
    if (answer.ok) {
      notifications.show({ message: `${duty.label}: ${from === '' ? 'no duty any more' : `a duty from ${formatDate(from)}`}.` });
      onSaved();
      onClose();
    }
    return answer;
  };
  return (
    <AskDialog
      title={`Second factor of ${duty.label}`}
      action="Save"
      ready={from !== (duty.from ?? '')}
      fields={['from']}
      onSend={save}
      onClose={onClose}
    >
      {(at) => (
        <>
          <TextInput
            type="date"
            label="A duty from"
            description="Empty for no duty. Whoever is signed in without a second factor is signed out: at once where the day has come, else when it comes."
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
            {...at('from')}
            data-autofocus
          />
          <ReasonInput value={reason} onChange={setReason} />
        </>
      )}
    </AskDialog>
  );
}
