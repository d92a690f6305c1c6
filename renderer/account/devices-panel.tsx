/** The devices that one is signed in on: their names, when they were last here, and removing one. */
import { Button, Group, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { DevicesAnswer, KnownDevice } from '../../domain/protocol/protocol.ts';
import { ask, isDone, useAsked } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { Dialog } from '../ui/dialog.tsx';
import { showInstant } from '../ui/show-value.ts';
import { ACTIONS, PlainTable } from '../ui/plain-table.tsx';
import { RowButton } from '../ui/row-button.tsx';
import { useFresh } from '../ui/use-fresh.ts';

const isDevices = (value: unknown): value is DevicesAnswer =>
  typeof value === 'object' && value !== null && 'devices' in value && Array.isArray(value.devices);

function stateOf({ current, revokedAt, wipedAt }: KnownDevice): string {
  if (wipedAt !== null) return `Removed and emptied, ${showInstant(wipedAt)}`;
  if (revokedAt !== null) return 'Removed; it will be emptied when it next comes online';
  return current ? 'This device' : '';
}

export function DevicesPanel() {
  const session = useSession();
  const { asked, again } = useAsked('/auth/devices', isDevices);
  useFresh(again);
  const [naming, setNaming] = useState<KnownDevice>();
  const [removing, setRemoving] = useState<KnownDevice>();
  const [problem, setProblem] = useState('');
  const send = async (path: string, body: unknown): Promise<void> => {
    const answer = await ask(session, path, isDone, body);
    setProblem(answer.ok ? '' : answer.message);
    setNaming(undefined);
    setRemoving(undefined);
    again();
  };
  return (
    <section className="panel sync-panel" aria-labelledby="devices">
      <h2 id="devices">Devices</h2>
      {asked?.ok === true ? (
        <PlainTable columns={['Name', 'Last seen', 'From', ACTIONS]} className="account-table">
          {asked.value.devices.map((device) => (
            <tr key={device.device}>
              <td>
                {naming?.device === device.device ? (
                  <NameForm
                    device={device}
                    onDone={(name) => void send('/auth/devices/rename', { device: device.device, name })}
                    onCancel={() => setNaming(undefined)}
                  />
                ) : (
                  <>
                    <span className="strong">{device.name}</span> <span className="quiet">{stateOf(device)}</span>
                  </>
                )}
              </td>
              <td className="nowrap">{showInstant(device.lastSeen)}</td>
              <td className="nowrap">{device.address}</td>
              <td className="end nowrap">
                {device.revokedAt !== null || naming?.device === device.device ? null : (
                  <>
                    <RowButton name={`Rename ${device.name}`} onClick={() => setNaming(device)}>
                      Rename
                    </RowButton>
                    <RowButton danger name={`Remove ${device.name}`} onClick={() => setRemoving(device)}>
                      Remove
                    </RowButton>
                  </>
                )}
              </td>
            </tr>
          ))}
        </PlainTable>
      ) : (
        <p className="quiet" role="status">
          {asked === undefined ? 'Asking the server ...' : asked.message}
        </p>
      )}
      {problem === '' ? null : (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
      {removing === undefined ? null : (
        <RemoveQuestion
          device={removing}
          onClose={() => setRemoving(undefined)}
          onRemove={() => void send('/auth/devices/revoke', { device: removing.device })}
        />
      )}
    </section>
  );
}

function NameForm({
  device,
  onDone,
  onCancel,
}: {
  readonly device: KnownDevice;
  readonly onDone: (name: string) => void;
  readonly onCancel: () => void;
}) {
  const [name, setName] = useState(device.name);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '') onDone(name.trim());
      }}
    >
      <Group gap="xs" wrap="nowrap">
        <TextInput
          size="xs"
          aria-label="Name of the device"
          maxLength={60}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') onCancel();
          }}
          data-autofocus
          autoFocus
        />
        <Button type="submit" size="compact-sm" disabled={name.trim() === ''}>
          Save
        </Button>
        <Button size="compact-sm" variant="subtle" onClick={onCancel}>
          Cancel
        </Button>
      </Group>
    </form>
  );
}

function RemoveQuestion({
  device,
  onClose,
  onRemove,
}: {
  readonly device: KnownDevice;
  readonly onClose: () => void;
  readonly onRemove: () => void;
}) {
  return (
    <Dialog onClose={onClose} title={`Remove ${device.name}?`}>
      <Text mb="sm">
        {device.current ? 'This device is' : 'It is'} signed out at once, and when it next comes online it deletes every record, file and
        key that Drover keeps on it. Work that it has not sent by then is lost.
      </Text>
      <Text mb="md">For a lost or stolen device this is what you want. To hand a device on, let it sync first.</Text>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose} data-autofocus>
          Keep it
        </Button>
        <Button color="red.9" onClick={onRemove}>
          Remove it and delete its data
        </Button>
      </Group>
    </Dialog>
  );
}
