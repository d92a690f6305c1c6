/** What the company has set for itself. */
import { NumberInput, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { decimalsOf, settingText } from '../../domain/access/company-settings.ts';
import type { SettingLine } from '../../domain/protocol/admin.ts';
import { ask, useAsked } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { useOwnRights } from '../ui/own-rights.tsx';
import { showInstant } from '../ui/show-value.ts';
import { AdminFrame, Answered } from './admin-frame.tsx';
import { isSettings } from './answers.ts';
import { ACTIONS, PlainTable } from '../ui/plain-table.tsx';
import { AskDialog } from './ask-dialog.tsx';
import { ReasonInput } from './reason-input.tsx';
import { RowButton } from '../ui/row-button.tsx';

export function SettingsScreen() {
  const mayChange = useOwnRights().may('settings:update');
  const { asked, again } = useAsked('/admin/settings', isSettings);
  const [editing, setEditing] = useState<SettingLine>();
  return (
    <AdminFrame title="Settings">
      <Answered asked={asked}>
        {({ settings }) => (
          <div className="panel admin-table">
            <PlainTable columns={['Setting', { name: 'Value', end: true }, { name: 'Usual', end: true }, 'Changed', ACTIONS]}>
              {settings.map((setting) => (
                <tr key={setting.key}>
                  <td className="setting-words">
                    <span className="strong">{setting.label}</span>
                    <br />
                    <span className="quiet">{setting.help}</span>
                  </td>
                  <td className="end strong nowrap">{settingText(setting, setting.value)}</td>
                  <td className="end nowrap">{settingText(setting, setting.usual)}</td>
                  <td className="nowrap">
                    {setting.changedAt === null ? 'Never' : `${showInstant(setting.changedAt)} by ${setting.changedBy ?? ''}`}
                  </td>
                  <td>
                    {mayChange ? (
                      <RowButton name={`Change: ${setting.label}`} onClick={() => setEditing(setting)}>
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
      {editing === undefined ? null : <SettingDialog setting={editing} onSaved={again} onClose={() => setEditing(undefined)} />}
    </AdminFrame>
  );
}

interface SettingDialogProps {
  readonly setting: SettingLine;
  readonly onSaved: () => void;
  readonly onClose: () => void;
}
function SettingDialog({ setting, onSaved, onClose }: SettingDialogProps) {
  const session = useSession();
  const decimals = decimalsOf(setting.unit);
  const [typed, setTyped] = useState<number | string>(setting.value / 10 ** decimals);
  const value = typed === '' ? undefined : Math.round(Number(typed) * 10 ** decimals);
  const [reason, setReason] = useState('');
  const save = async () => {
    const body = { key: setting.key, value, reason: reason.trim() };
    const answer = await ask(session, '/admin/settings', isSettings, body);
    if (answer.ok) {
      notifications.show({ message: `${setting.label} ${settingText(setting, value ?? 0)}.` });
      onSaved();
      onClose();
    }
    return answer;
  };
  return (
    <AskDialog
      title="Change a setting"
      action="Save"
      ready={value !== undefined && value !== setting.value}
      fields={['value']}
      onSend={save}
      onClose={onClose}
    >
      {(at) => (
        <>
          <NumberInput
            size="xs"
            label={setting.label}
            description={`From ${settingText(setting, setting.least)} to ${settingText(setting, setting.most)}; usually ${settingText(setting, setting.usual)}.`}
            allowDecimal={decimals > 0}
            decimalScale={decimals}
            value={typed}
            onChange={setTyped}
            {...at('value')}
            data-autofocus
          />
          <Text size="sm">{setting.help}</Text>
          <ReasonInput value={reason} onChange={setReason} />
        </>
      )}
    </AskDialog>
  );
}
