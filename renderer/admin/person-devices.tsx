/** The devices of somebody else: what they are, when they were last here, and having one emptied. */

import { useState } from 'react';
import type { UserLine } from '../../domain/protocol/admin.ts';
import type { KnownDevice } from '../../domain/protocol/protocol.ts';
import { ask, isDone, useAsked } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { useOwnRights } from '../ui/own-rights.tsx';
import { showInstant } from '../ui/show-value.ts';
import { Answered } from './admin-frame.tsx';
import { isDevices } from './answers.ts';
import { Question } from './question.tsx';
import { ACTIONS, PlainTable } from '../ui/plain-table.tsx';
import { RowButton } from '../ui/row-button.tsx';
import { useFresh } from '../ui/use-fresh.ts';

const stateOf = ({ revokedAt, wipedAt, sessions }: KnownDevice): string =>
  wipedAt !== null
    ? `Removed and emptied, ${showInstant(wipedAt)}`
    : revokedAt !== null
      ? 'Removed; it will be emptied when it next comes online'
      : sessions > 0
        ? 'Signed in'
        : 'Signed out';

export function PersonDevices({ user, onChanged }: { readonly user: UserLine; readonly onChanged: () => void }) {
  const session = useSession();
  const rights = useOwnRights();
  const { asked, again } = useAsked(`/auth/devices?account=${encodeURIComponent(user.id)}`, isDevices);
  useFresh(again);
  const [removing, setRemoving] = useState<KnownDevice>();
  return (
    <section className="panel admin-panel" aria-labelledby="devices">
      <h2 id="devices">Devices</h2>
      <Answered asked={asked}>
        {({ devices }) =>
          devices.length === 0 ? (
            <p className="quiet">No device has been signed in.</p>
          ) : (
            <div className="admin-table">
              <PlainTable columns={['Name', 'State', 'Last seen', 'From', ACTIONS]}>
                {devices.map((device) => (
                  <tr key={device.device}>
                    <td className="strong">{device.name}</td>
                    <td>{device.current ? 'This device' : stateOf(device)}</td>
                    <td className="nowrap">{showInstant(device.lastSeen)}</td>
                    <td className="nowrap">{device.address}</td>
                    <td className="end">
                      {device.revokedAt !== null || device.current || !rights.may('sessions:revoke') ? null : (
                        <RowButton danger name={`Remove ${device.name}`} onClick={() => setRemoving(device)}>
                          Remove
                        </RowButton>
                      )}
                    </td>
                  </tr>
                ))}
              </PlainTable>
            </div>
          )
        }
      </Answered>
      {removing === undefined ? null : (
        <Question
          title={`Remove ${removing.name} of ${user.name}?`}
          text="It is signed out at once, and when it next comes online it deletes every record, file and key that Drover keeps on it. Work that it has not sent by then is lost."
          action="Remove it and delete its data"
          danger
          onClose={() => setRemoving(undefined)}
          onDo={async () => {
            const answer = await ask(session, '/auth/devices/revoke', isDone, { device: removing.device, account: user.id });
            again();
            onChanged();
            return answer.ok ? '' : answer.message;
          }}
        />
      )}
    </section>
  );
}
