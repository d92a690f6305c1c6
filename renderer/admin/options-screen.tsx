/** The words that the company chooses from: their labels and order, new ones, retired ones. */
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { asOption, keyFor, listProblem } from '../../domain/access/option-lists.ts';
import type { OptionListLine } from '../../domain/protocol/admin.ts';
import { ask, useAsked } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { useOwnRights } from '../ui/own-rights.tsx';
import { showInstant } from '../ui/show-value.ts';
import { AdminFrame, Answered } from './admin-frame.tsx';
import { isOptionLists } from './answers.ts';
import { AskDialog } from './ask-dialog.tsx';
import { OptionRows } from './option-rows.tsx';
import { ReasonInput } from './reason-input.tsx';

type Options = OptionListLine['options'];

export function OptionsScreen() {
  const { asked, again } = useAsked('/admin/options', isOptionLists);
  const [chosen, choose] = useState('packages');
  return (
    <AdminFrame title="Option lists">
      <Answered asked={asked}>
        {({ lists }) => {
          const list = lists.find(({ key }) => key === chosen) ?? lists[0];
          return (
            <>
              <NativeSelect
                className="option-list-choice"
                label="List"
                data={lists.map(({ key, label }) => ({ value: key, label }))}
                value={list?.key ?? ''}
                onChange={(event) => choose(event.currentTarget.value)}
              />
              {list ? <ListEditor key={`${list.key} ${list.revision}`} list={list} onSaved={again} /> : null}
            </>
          );
        }}
      </Answered>
    </AdminFrame>
  );
}

/** Judged as the server will: a retired option is as good as gone for whoever chooses. */
const problemOf = (list: OptionListLine, after: Options): string => listProblem(list, list.options.map(asOption), after.map(asOption));

function ListEditor({ list, onSaved }: { readonly list: OptionListLine; readonly onSaved: () => void }) {
  const mayChange = useOwnRights().may('settings:update');
  const [options, setOptions] = useState<Options>(list.options);
  const [label, setLabel] = useState('');
  const [saving, setSaving] = useState(false);
  const add = (): void => {
    const words = label.trim();
    if (words === '') return;
    setOptions([...options, { key: keyFor(words, options), label: words, retired: false, due: null }]);
    setLabel('');
  };
  const changed = JSON.stringify(options) !== JSON.stringify(list.options);
  const problem = changed ? problemOf(list, options) : '';
  return (
    <>
      <p className="quiet">
        Chosen in {list.fields.join(', ')}.
        {list.changedAt === null ? '' : ` Changed ${showInstant(list.changedAt)} by ${list.changedBy ?? ''}.`}
      </p>
      {list.dated ? (
        <p className="quiet">
          Due: so many days after the date that the terms run from, before it when negative; empty where no day can be reckoned. A business
          day is none of the weekend and no federal holiday.
        </p>
      ) : null}
      <div className="panel admin-table">
        <OptionRows options={options} dated={list.dated} mayChange={mayChange} onChange={setOptions} />
      </div>
      {mayChange && !list.closed ? (
        <form
          className="option-add"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            add();
          }}
        >
          <TextInput label="New option" maxLength={60} value={label} onChange={(event) => setLabel(event.currentTarget.value)} />
          <Button type="submit" variant="default" disabled={label.trim() === ''}>
            Add to the list
          </Button>
        </form>
      ) : null}
      {changed ? (
        <div className="panel admin-panel role-summary">
          {problem === '' ? (
            <p>Not saved yet. Records keep what they hold; what is retired stays readable and is not chosen anew.</p>
          ) : (
            <p className="field-error" role="alert">
              {problem}
            </p>
          )}
          <Button disabled={problem !== ''} onClick={() => setSaving(true)}>
            Save the list
          </Button>{' '}
          <Button variant="default" onClick={() => setOptions(list.options)}>
            Discard
          </Button>
        </div>
      ) : null}
      {saving ? <SaveDialog list={list} options={options} onSaved={onSaved} onClose={() => setSaving(false)} /> : null}
    </>
  );
}

interface SaveDialogProps {
  readonly list: OptionListLine;
  readonly options: Options;
  readonly onSaved: () => void;
  readonly onClose: () => void;
}
function SaveDialog({ list, options, onSaved, onClose }: SaveDialogProps) {
  const session = useSession();
  const [reason, setReason] = useState('');
  const save = async () => {
    const body = { list: list.key, revision: list.revision, options, reason: reason.trim() };
    const answer = await ask(session, '/admin/options', isOptionLists, body);
    if (answer.ok) {
      notifications.show({ message: `${list.label}: saved. Every device is told.` });
      onClose();
    }
    onSaved();
    return answer;
  };
  return (
    <AskDialog title={`Save "${list.label}"`} action="Save" onSend={save} onClose={onClose}>
      {() => <ReasonInput first value={reason} onChange={setReason} />}
    </AskDialog>
  );
}
