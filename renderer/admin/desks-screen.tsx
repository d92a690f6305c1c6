/** Desks: what they are called, who belongs to them, making and closing them. */
import { Button, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { DeskLine } from '../../domain/protocol/admin.ts';
import { ask, useAsked } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { useOwnRights } from '../ui/own-rights.tsx';
import { showInstant } from '../ui/show-value.ts';
import { AdminFrame, Answered, holding } from './admin-frame.tsx';
import { isDesks } from './answers.ts';
import { Question } from './question.tsx';
import { ACTIONS, PlainTable } from '../ui/plain-table.tsx';
import { AskDialog } from './ask-dialog.tsx';
import { RowButton } from '../ui/row-button.tsx';

const isDesk = holding<DeskLine>('id', 'members');

export function DesksScreen() {
  const session = useSession();
  const mayChange = useOwnRights().may('desks:update');
  const { asked, again } = useAsked('/admin/desks', isDesks);
  const [editing, setEditing] = useState<DeskLine | 'new'>();
  const [closing, setClosing] = useState<DeskLine>();
  const change = async (desk: DeskLine, wanted: object): Promise<string> => {
    const answer = await ask(session, '/admin/desks/change', isDesk, { desk: desk.id, ...wanted });
    again();
    return answer.ok ? '' : answer.message;
  };
  return (
    <AdminFrame title="Desks" actions={mayChange ? <Button onClick={() => setEditing('new')}>New desk</Button> : null}>
      <Answered asked={asked}>
        {({ desks }) => (
          <div className="panel admin-table">
            <PlainTable columns={['Name', 'Short name in records', 'Members', 'State', ACTIONS]}>
              {desks.map((desk) => (
                <tr key={desk.id}>
                  <td className="strong nowrap">{desk.name}</td>
                  <td className="nowrap">{desk.id}</td>
                  <td>
                    {desk.members.length === 0 ? <span className="quiet">Nobody</span> : null}
                    {desk.members.map(({ id, name }, index) => (
                      <span key={id}>
                        {index === 0 ? '' : ', '}
                        <Link to="/administration/people/$id" params={{ id }}>
                          {name}
                        </Link>
                      </span>
                    ))}
                  </td>
                  <td className="nowrap">{desk.closedAt === null ? 'Open' : `Closed ${showInstant(desk.closedAt)}`}</td>
                  <td className="end nowrap">
                    {mayChange ? (
                      <>
                        <RowButton name={`Rename ${desk.name}`} onClick={() => setEditing(desk)}>
                          Rename
                        </RowButton>
                        <RowButton name={`${desk.closedAt === null ? 'Close' : 'Open'} ${desk.name}`} onClick={() => setClosing(desk)}>
                          {desk.closedAt === null ? 'Close' : 'Open'}
                        </RowButton>
                      </>
                    ) : null}
                  </td>
                </tr>
              ))}
            </PlainTable>
          </div>
        )}
      </Answered>
      {editing === undefined ? null : <DeskDialog desk={editing} onDone={again} onClose={() => setEditing(undefined)} />}
      {closing === undefined ? null : (
        <Question
          title={closing.closedAt === null ? `Close ${closing.name}?` : `Open ${closing.name} again?`}
          text={
            closing.closedAt === null
              ? 'Nobody can be given this desk any more. Whoever belongs to it has to go to another one first. Its records stay where they are, for whoever sees all desks.'
              : 'People can be given this desk again.'
          }
          action={closing.closedAt === null ? 'Close the desk' : 'Open the desk'}
          withReason
          onClose={() => setClosing(undefined)}
          onDo={(reason) => change(closing, { closed: closing.closedAt === null, reason })}
        />
      )}
    </AdminFrame>
  );
}

interface DeskDialogProps {
  readonly desk: DeskLine | 'new';
  readonly onDone: () => void;
  readonly onClose: () => void;
}
function DeskDialog({ desk, onDone, onClose }: DeskDialogProps) {
  const session = useSession();
  const isNew = desk === 'new';
  const [id, setId] = useState('');
  const [name, setName] = useState(isNew ? '' : desk.name);
  const save = async () => {
    const answer = await (isNew
      ? ask(session, '/admin/desks', isDesk, { id: id.trim(), name: name.trim() })
      : ask(session, '/admin/desks/change', isDesk, { desk: desk.id, name: name.trim() }));
    if (answer.ok) {
      onDone();
      onClose();
    }
    return answer;
  };
  return (
    <AskDialog
      title={isNew ? 'New desk' : `Rename ${desk.name}`}
      action="Save"
      ready={name.trim() !== '' && (!isNew || id.trim() !== '')}
      fields={['id']}
      onSend={save}
      onClose={onClose}
    >
      {(at) => (
        <>
          <TextInput label="Name" maxLength={120} value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
          {isNew ? (
            <TextInput
              label="Short name in records"
              description="Up to 36 letters, digits and : . _ -, such as desk-west. It never changes."
              value={id}
              onChange={(event) => setId(event.currentTarget.value)}
              {...at('id')}
            />
          ) : null}
        </>
      )}
    </AskDialog>
  );
}
