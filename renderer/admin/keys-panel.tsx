/** API keys of an account: what they may do, when they were last used, making and revoking them. */
import { Button, NumberInput, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { KEY_DAYS_MAX, type KeyLine } from '../../domain/protocol/admin.ts';
import { ask, isDone, useAsked } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useOwnRights } from '../ui/own-rights.tsx';
import { showInstant } from '../ui/show-value.ts';
import { Answered } from './admin-frame.tsx';
import { isKeys } from './answers.ts';
import { isNewKey } from './person-answers.ts';
import { Question } from './question.tsx';
import { SecretLine } from './secret-line.tsx';
import { ACTIONS, PlainTable } from '../ui/plain-table.tsx';
import { AskDialog } from './ask-dialog.tsx';
import { RowButton } from '../ui/row-button.tsx';

const stateOf = ({ revokedAt, expiresAt }: KeyLine): string => {
  if (revokedAt !== null) return `Revoked ${showInstant(revokedAt)}`;
  return `${new Date(expiresAt).getTime() <= Date.now() ? 'Expired' : 'Until'} ${showInstant(expiresAt)}`;
};

export function KeysPanel({ account }: { readonly account: string }) {
  const session = useSession();
  const rights = useOwnRights();
  const { asked, again } = useAsked(`/admin/keys?account=${encodeURIComponent(account)}`, isKeys);
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<KeyLine>();
  return (
    <section className="panel admin-panel" aria-labelledby="keys">
      <h2 id="keys">API keys</h2>
      <Answered asked={asked}>
        {({ keys }) =>
          keys.length === 0 ? (
            <p className="quiet">None. A key lets a program read or write in the name of this account, no further than its role.</p>
          ) : (
            <div className="admin-table">
              <PlainTable columns={['Name', 'May', 'State', 'Last used', ACTIONS]}>
                {keys.map((key) => (
                  <tr key={key.id}>
                    <td className="strong">{key.name}</td>
                    <td>{key.permissions.join(', ')}</td>
                    <td className="nowrap">{stateOf(key)}</td>
                    <td className="nowrap">
                      {key.lastUsedAt === null ? 'Never' : `${showInstant(key.lastUsedAt)} from ${key.lastUsedFrom ?? ''}`}
                    </td>
                    <td className="end">
                      {key.revokedAt === null && rights.may('keys:manage') ? (
                        <RowButton danger name={`Revoke ${key.name}`} onClick={() => setRevoking(key)}>
                          Revoke
                        </RowButton>
                      ) : null}
                    </td>
                  </tr>
                ))}
              </PlainTable>
            </div>
          )
        }
      </Answered>
      {rights.may('keys:manage') ? (
        <Button variant="default" mt="sm" onClick={() => setMaking(true)}>
          Make a key
        </Button>
      ) : null}
      {making ? <NewKeyDialog account={account} onMade={again} onClose={() => setMaking(false)} /> : null}
      {revoking === undefined ? null : (
        <Question
          title={`Revoke "${revoking.name}"?`}
          text="The program that uses it is out at once. A revoked key stays in this list and never works again."
          action="Revoke it"
          danger
          onClose={() => setRevoking(undefined)}
          onDo={async () => {
            const answer = await ask(session, '/admin/keys/revoke', isDone, { id: revoking.id });
            again();
            return answer.ok ? '' : answer.message;
          }}
        />
      )}
    </section>
  );
}

interface NewKeyProps {
  readonly account: string;
  readonly onMade: () => void;
  readonly onClose: () => void;
}
function NewKeyDialog({ account, onMade, onClose }: NewKeyProps) {
  const session = useSession();
  const [name, setName] = useState('');
  const [may, setMay] = useState('');
  const [days, setDays] = useState(90);
  const [key, setKey] = useState<string>();
  const permissions = may.split(/[\s,]+/u).filter((one) => one !== '');
  const make = async () => {
    const body = { account, name: name.trim(), permissions, days };
    const answer = await ask(session, '/admin/keys', isNewKey, body);
    if (answer.ok) {
      onMade();
      setKey(answer.value.key);
    }
    return answer;
  };
  if (key !== undefined)
    return (
      <Dialog title="The new key" onClose={onClose}>
        <Text mb="sm">It is shown this once. Give it to the program as &quot;Authorization: Bearer&quot; followed by the key.</Text>
        <SecretLine label="API key" text={key} />
      </Dialog>
    );
  return (
    <AskDialog
      title="Make an API key"
      action="Make the key"
      ready={name.trim() !== '' && permissions.length > 0}
      onSend={make}
      onClose={onClose}
    >
      {() => (
        <>
          <TextInput
            label="What it is for"
            maxLength={60}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
          <TextInput
            label="What it may do"
            description="Permissions such as parties:read, with spaces between them; *:read for reading everything that the account reads."
            value={may}
            onChange={(event) => setMay(event.currentTarget.value)}
          />
          <NumberInput
            size="xs"
            label="Days until it ends"
            min={1}
            max={KEY_DAYS_MAX}
            allowDecimal={false}
            value={days}
            onChange={(value) => setDays(Number(value) || 1)}
          />
        </>
      )}
    </AskDialog>
  );
}
