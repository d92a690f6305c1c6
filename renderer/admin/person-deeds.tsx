/** What a person may ask for: everything that is kept about them, and to be forgotten. Of an account, or of whom a record tells. */
import { Button, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type ReactNode, useState } from 'react';
import type { ForgottenAnswer, PersonQuery } from '../../domain/protocol/admin.ts';
import { ask, askForFile, useAsked } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useOwnRights } from '../ui/own-rights.tsx';
import { usePort } from '../ui/port.tsx';
import { useProof } from '../ui/proof.tsx';
import { Answered } from './admin-frame.tsx';
import { isForgotten } from './answers.ts';
import { AskDialog } from './ask-dialog.tsx';
import { keepFile } from './keep-file.ts';
import { Question } from './question.tsx';
import { ReasonInput } from './reason-input.tsx';

interface DeedsProps {
  readonly person: PersonQuery;
  readonly name: string;
  /** To be typed before the person is forgotten. */
  readonly typed: { readonly label: string; readonly text: string };
  readonly mayForget: boolean;
  readonly onForgotten: () => void;
}

export function PersonDeeds({ person, name, typed, mayForget, onForgotten }: DeedsProps) {
  const rights = useOwnRights();
  const [asking, setAsking] = useState<'export' | 'forget'>();
  const close = (): void => setAsking(undefined);
  return (
    <div className="admin-bar">
      {rights.may('people:export') ? (
        <Button variant="default" onClick={() => setAsking('export')}>
          Export everything
        </Button>
      ) : null}
      {mayForget && rights.may('people:anonymize') ? (
        <Button variant="default" c="var(--desk-bad)" onClick={() => setAsking('forget')}>
          Forget this person
        </Button>
      ) : null}
      {asking === 'export' ? <ExportQuestion person={person} name={name} onClose={close} /> : null}
      {asking === 'forget' ? <ForgetDialog person={person} name={name} typed={typed} onForgotten={onForgotten} onClose={close} /> : null}
    </div>
  );
}

function ExportQuestion({ person, name, onClose }: Pick<DeedsProps, 'person' | 'name'> & { readonly onClose: () => void }) {
  const session = useSession();
  const port = usePort();
  const { proved, dialog } = useProof();
  return (
    <>
      <Question
        title={`Export everything about ${name}?`}
        text="One file with all that the server holds: the record or account, devices, sessions, and every entry of the audit. Hand it on by a way that only this person reads. Name nobody in the reason: it stays."
        action="Export"
        withReason
        onClose={onClose}
        onDo={async (reason) => {
          const answer = await proved(() => askForFile(session, '/admin/people/export', { ...person, reason }));
          if (!answer.ok) return answer.code === 'cancelled' ? 'It was not shown that it is you, so nothing was exported.' : answer.message;
          await keepFile(port, 'drover-person.json', answer);
          return '';
        }}
      />
      {dialog}
    </>
  );
}

type ForgetProps = Omit<DeedsProps, 'mayForget'> & { readonly onClose: () => void };
function ForgetDialog(props: ForgetProps) {
  const { person, name, onClose } = props;
  const query = new URLSearchParams(Object.entries(person)).toString();
  const { asked } = useAsked(`/admin/people/forget?${query}`, isForgotten);
  if (asked?.ok === true) return <ForgetForm {...props} found={asked.value} />;
  return (
    <Dialog title={`Forget ${name}?`} onClose={onClose}>
      <Answered asked={asked}>{() => null}</Answered>
    </Dialog>
  );
}

const number = new Intl.NumberFormat('en-US');
const counted = (count: number, one: string): string => `${number.format(count)} ${one}${count === 1 ? '' : 's'}`;
const places = ({ entries, events }: ForgottenAnswer): string =>
  `${counted(entries, 'change')} and ${counted(events, 'event')} of the audit`;

function ForgetForm({ person, name, typed, found, onForgotten, onClose }: ForgetProps & { readonly found: ForgottenAnswer }) {
  const session = useSession();
  const { proved, dialog } = useProof();
  const [reason, setReason] = useState('');
  const [confirmed, setConfirmed] = useState('');
  const send = async () => {
    const body = { ...person, reason: reason.trim() };
    const answer = await proved(() => ask(session, '/admin/people/forget', isForgotten, body));
    if (!answer.ok)
      return answer.code === 'cancelled' ? { ...answer, message: 'It was not shown that it is you, so nothing was changed.' } : answer;
    notifications.show({ message: `Taken out of ${places(answer.value)}.` });
    onClose();
    onForgotten();
    return answer;
  };
  return (
    <>
      <AskDialog
        title={`Forget ${name}?`}
        action="Forget for good"
        danger
        ready={confirmed.trim() === typed.text && reason.trim() !== ''}
        fields={['reason']}
        onSend={send}
        onClose={onClose}
      >
        {(at) => (
          <>
            <Text>{forgetWords(person, found)}</Text>
            <TextInput
              label={`Type ${typed.label} to confirm`}
              description={typed.text}
              autoComplete="off"
              spellCheck={false}
              value={confirmed}
              onChange={(event) => setConfirmed(event.currentTarget.value)}
              data-autofocus
            />
            <ReasonInput value={reason} onChange={setReason} {...at('reason')} />
            <Text className="quiet" size="sm">
              Name nobody in the reason: it stays.
            </Text>
          </>
        )}
      </AskDialog>
      {dialog}
    </>
  );
}

function forgetWords({ account }: PersonQuery, found: ForgottenAnswer): ReactNode {
  return account === undefined
    ? `What is personal goes for good from ${places(found)}. The record itself is not changed: whoever keeps it takes the values out first. Nobody can bring back what goes.`
    : `Name, addresses and devices go for good from the account and from ${places(found)}; its id stays, so that the entries still belong together. Texts of records, files, and devices that are offline are for people to look at. Nobody can bring back what goes.`;
}
