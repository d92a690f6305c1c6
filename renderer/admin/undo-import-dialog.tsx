/** What taking an import back would do, and doing it. */
import { Text } from '@mantine/core';
import { useState } from 'react';
import type { ImportLine, ImportUndoAnswer } from '../../domain/protocol/admin.ts';
import { ask, useAsked } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { Dialog } from '../ui/dialog.tsx';
import { showInstant } from '../ui/show-value.ts';
import { Answered } from './admin-frame.tsx';
import { isImportUndo } from './answers.ts';
import { AskDialog } from './ask-dialog.tsx';
import { ReasonInput } from './reason-input.tsx';

const number = new Intl.NumberFormat('en-US');
const records = (count: number): string => `${number.format(count)} ${count === 1 ? 'record' : 'records'}`;

/** What becomes of the records, without the half that is none. */
function effect({ removed, putBack }: ImportUndoAnswer, [go, get]: readonly [string, string]): string {
  const made = removed === 0 ? [] : [`${records(removed)} that it made ${go} to the trash`];
  const changed = putBack === 0 ? [] : [`${records(putBack)} that it changed ${get} what was there before`];
  return `${[...made, ...changed].join(', and ')}.`;
}

interface UndoImportProps {
  readonly line: ImportLine;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

export function UndoImportDialog({ line, onDone, onClose }: UndoImportProps) {
  const { asked } = useAsked(`/admin/imports/undo?id=${encodeURIComponent(line.id)}`, isImportUndo);
  const [undone, setUndone] = useState<ImportUndoAnswer>();
  const title = `Take back the import of ${line.accountName}`;
  if (undone)
    return (
      <Dialog title="Taken back" onClose={onClose}>
        <Text mb="sm">{effect(undone, ['went', 'got back'])}</Text>
        <KeptRecords undone={undone} />
      </Dialog>
    );
  if (asked?.ok === true)
    return (
      <UndoForm
        title={title}
        preview={asked.value}
        onUndone={(answer) => {
          onDone();
          setUndone(answer);
        }}
        onClose={onClose}
      />
    );
  return (
    <Dialog title={title} onClose={onClose}>
      <Answered asked={asked}>{() => null}</Answered>
    </Dialog>
  );
}

interface UndoFormProps {
  readonly title: string;
  readonly preview: ImportUndoAnswer;
  readonly onUndone: (answer: ImportUndoAnswer) => void;
  readonly onClose: () => void;
}
function UndoForm({ title, preview, onUndone, onClose }: UndoFormProps) {
  const session = useSession();
  const [reason, setReason] = useState('');
  const { id, at } = preview.import;
  const isNothing = preview.removed + preview.putBack === 0;
  const send = async () => {
    const answer = await ask(session, '/admin/imports/undo', isImportUndo, { id, reason: reason.trim() });
    if (answer.ok) onUndone(answer.value);
    return answer;
  };
  return (
    <AskDialog
      title={title}
      action="Take it back"
      danger
      ready={!isNothing && reason.trim() !== ''}
      fields={['reason']}
      onSend={send}
      onClose={onClose}
    >
      {(errorAt) => (
        <>
          <Text>
            {isNothing
              ? `Of the import of ${showInstant(at)} there is nothing to take back.`
              : `Of the import of ${showInstant(at)}, ${effect(preview, ['would go', 'would get back'])}`}
          </Text>
          <KeptRecords undone={preview} />
          {isNothing ? null : <ReasonInput first value={reason} onChange={setReason} {...errorAt('reason')} />}
        </>
      )}
    </AskDialog>
  );
}

function KeptRecords({ undone: { kept, keptCount } }: { readonly undone: ImportUndoAnswer }) {
  if (keptCount === 0) return null;
  return (
    <>
      <Text>{records(keptCount)} stay as they are:</Text>
      <ul className="admin-kept">
        {kept.map(({ collection, id, reason }) => (
          <li key={`${collection} ${id}`}>{reason}</li>
        ))}
        {keptCount > kept.length ? <li>and {number.format(keptCount - kept.length)} more.</li> : null}
      </ul>
    </>
  );
}
