/** Version, device, the keys. What support asks for first. */
import { useEffect, useState } from 'react';
import type { ShellVersion } from '../../electron/ipc-contract.ts';
import { useDesk } from '../data/live.ts';
import { useSession, useSessionState } from '../sync/session.ts';
import { Page } from '../ui/page.tsx';
import { allDestinations } from './destinations.ts';
import { usePort } from '../ui/port.tsx';

const keys: readonly (readonly [string, string])[] = [
  ['/ or Ctrl+K', 'Search everything, go anywhere'],
  ['N', 'New record of this list'],
  ['Arrows, Home, End, Enter', 'Walk a list and open a row'],
  ['Ctrl+S', 'Save'],
  ['Esc', 'Close a dropdown, then leave the form'],
  ['Ctrl+Enter, Ctrl+D, Ctrl+Shift+Backspace', 'Add, duplicate, remove a line'],
  ['Up, Down, Ctrl+;', 'In a date: a day later, earlier, today'],
];

export function AboutScreen() {
  const port = usePort();
  const { deviceId } = useDesk();
  const { baseUrl } = useSession();
  const { user } = useSessionState();
  const [version, setVersion] = useState<ShellVersion>();
  useEffect(() => {
    void port.version().then(setVersion);
  }, [port]);
  return (
    <Page title="About Drover">
      <section className="panel sync-panel" aria-label="Version">
        <dl className="facts">
          <dt>Version</dt>
          <dd>{version?.app ?? ''}</dd>
          <dt>Runs in</dt>
          <dd>{version?.shell ?? ''}</dd>
          <dt>Sync server</dt>
          <dd>{baseUrl === '' ? window.location.origin : baseUrl}</dd>
          <dt>This device</dt>
          <dd>{deviceId}</dd>
          <dt>Signed in as</dt>
          <dd>
            {user?.name} ({user?.email})
          </dd>
        </dl>
      </section>
      <section className="panel sync-panel" aria-labelledby="keys">
        <h2 id="keys">Keys</h2>
        <dl className="facts">
          {keys.map(([key, what]) => (
            <div key={key} className="facts-row">
              <dt>{key}</dt>
              <dd>{what}</dd>
            </div>
          ))}
          {allDestinations.map(({ key, name }) =>
            key === undefined ? null : (
              <div key={name} className="facts-row">
                <dt>G, then {key.toUpperCase()}</dt>
                <dd>{name}</dd>
              </div>
            ),
          )}
        </dl>
      </section>
    </Page>
  );
}
