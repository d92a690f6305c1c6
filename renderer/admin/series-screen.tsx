/** How far the company's own numbers have come, and how they are written. */
import { NumberInput, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { SeriesLine } from '../../domain/protocol/admin.ts';
import { PREFIX_MAX, WIDTH_MAX, numberText } from '../../domain/record/series.ts';
import { ask, useAsked } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { useOwnRights } from '../ui/own-rights.tsx';
import { AdminFrame, Answered } from './admin-frame.tsx';
import { isSeries } from './answers.ts';
import { ACTIONS, PlainTable } from '../ui/plain-table.tsx';
import { RowButton } from '../ui/row-button.tsx';
import { AskDialog } from './ask-dialog.tsx';
import { ReasonInput } from './reason-input.tsx';

const number = new Intl.NumberFormat('en-US');

export function SeriesScreen() {
  const mayChange = useOwnRights().may('series:update');
  const { asked, again } = useAsked('/admin/series', isSeries);
  const [editing, setEditing] = useState<SeriesLine>();
  return (
    <AdminFrame title="Numbers">
      <Answered asked={asked}>
        {({ series }) => (
          <>
            <div className="panel admin-table">
              <PlainTable
                columns={[
                  'Series',
                  'Next number',
                  { name: 'Given', end: true },
                  { name: 'With refused records', end: true },
                  { name: 'In blocks of devices', end: true },
                  { name: 'Devices', end: true },
                  ACTIONS,
                ]}
              >
                {series.map((one) => (
                  <tr key={one.key}>
                    <td className="strong">{one.label}</td>
                    <td className="nowrap">{one.next}</td>
                    <td className="end">{number.format(one.given)}</td>
                    <td className="end">{number.format(one.refused)}</td>
                    <td className="end">{number.format(one.open)}</td>
                    <td className="end">{number.format(one.devices)}</td>
                    <td>
                      {mayChange ? (
                        <RowButton name={`Change: ${one.label}`} onClick={() => setEditing(one)}>
                          Change
                        </RowButton>
                      ) : null}
                    </td>
                  </tr>
                ))}
              </PlainTable>
            </div>
            <p className="quiet">
              What became of a single number says &quot;drover series&quot; with that number on the server&apos;s command line.
            </p>
          </>
        )}
      </Answered>
      {editing === undefined ? null : <FormDialog series={editing} onSaved={again} onClose={() => setEditing(undefined)} />}
    </AdminFrame>
  );
}

interface FormDialogProps {
  readonly series: SeriesLine;
  readonly onSaved: () => void;
  readonly onClose: () => void;
}
function FormDialog({ series, onSaved, onClose }: FormDialogProps) {
  const session = useSession();
  const [prefix, setPrefix] = useState(series.prefix);
  const [digits, setDigits] = useState<number | string>(series.width);
  const [reason, setReason] = useState('');
  const form = { prefix: prefix.trim(), width: Number(digits) };
  const isChanged = form.prefix !== series.prefix || form.width !== series.width;
  const save = async () => {
    const answer = await ask(session, '/admin/series', isSeries, { series: series.key, ...form, reason: reason.trim() });
    if (answer.ok) {
      notifications.show({ message: `${series.label} are written like ${numberText(form, 12)} from now on.` });
      onSaved();
      onClose();
    }
    return answer;
  };
  return (
    <AskDialog
      title={`Numbers: ${series.label}`}
      action="Save"
      ready={isChanged && form.prefix !== '' && digits !== ''}
      fields={['prefix', 'width']}
      onSend={save}
      onClose={onClose}
    >
      {(at) => (
        <>
          <TextInput
            label="Prefix"
            value={prefix}
            maxLength={PREFIX_MAX}
            onChange={(event) => setPrefix(event.currentTarget.value)}
            {...at('prefix')}
            data-autofocus
          />
          <NumberInput
            size="xs"
            label="Digits at least"
            min={1}
            max={WIDTH_MAX}
            allowDecimal={false}
            value={digits}
            onChange={setDigits}
            {...at('width')}
          />
          <Text size="sm">
            New numbers look like {numberText(form, 12)}. Devices go on with the numbers that they hold already, in the form that those
            have; numbers of earlier forms stay with their records and cannot be typed.
          </Text>
          <ReasonInput value={reason} onChange={setReason} />
        </>
      )}
    </AskDialog>
  );
}
