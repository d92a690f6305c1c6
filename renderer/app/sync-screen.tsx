/** What is not yet sent, what happened last, and the switch to work offline on purpose. */
import { Button, Switch } from '@mantine/core';
import { nounOf } from '../../domain/registry.ts';
import { Link } from '@tanstack/react-router';
import { useOpenCount } from '../inbox/use-inbox.ts';
import { useSync, useSyncState } from '../sync/connection.ts';
import { useDesk } from '../data/live.ts';
import { waitingRecords } from '../data/set-aside.ts';
import { Page } from '../ui/page.tsx';
import { showInstant } from '../ui/show-value.ts';
import { usePort } from '../ui/port.tsx';
import { NumbersPanel } from './numbers-panel.tsx';
import { StoragePanel } from './storage-panel.tsx';
import { DeviceCheckPanel } from './device-check-panel.tsx';
import { LossPanel } from './loss-panel.tsx';
import { FilesPanel } from './files-panel.tsx';
import { saveJson } from './save-json.ts';
import { SetAsidePanel } from './set-aside-panel.tsx';
import { chipText, phaseSentences, showSince, toneOf } from './sync-words.ts';
import { PlainTable } from '../ui/plain-table.tsx';

const number = new Intl.NumberFormat('en-US');

export function SyncScreen() {
  const sync = useSync();
  const state = useSyncState();
  return (
    <Page
      title="Sync"
      actions={
        <Button onClick={() => sync.syncNow()} disabled={state.phase === 'forced_offline'}>
          {state.phase === 'offline' ? 'Try now' : 'Sync now'}
        </Button>
      }
    >
      <section className="panel sync-panel" aria-label="State">
        <h2>
          <span className="dot" data-tone={toneOf(state.phase)} aria-hidden="true" /> {chipText(state)}
        </h2>
        <p>{phaseSentences[state.phase]}</p>
        <InboxLine />
        {state.problem === undefined ? null : <p className="field-error">Last problem: {state.problem}</p>}
        <NextTry />
        <dl className="facts">
          <dt>In this state since</dt>
          <dd>{showSince(state.since)}</dd>
          <dt>Last known to hold everything</dt>
          <dd>{state.caughtUpAt === undefined ? 'Not yet on this device' : showInstant(state.caughtUpAt)}</dd>
          <dt>Received since this window opened</dt>
          <dd>{number.format(state.received)} records</dd>
        </dl>
        <Switch
          size="sm"
          label="Work offline on purpose"
          checked={state.phase === 'forced_offline'}
          onChange={(event) => void sync.setForcedOffline(event.currentTarget.checked)}
        />
      </section>
      <LossPanel />
      <SetAsidePanel />
      <WaitingPanel />
      <FilesPanel />
      <DeviceCheckPanel />
      <NumbersPanel />
      <StoragePanel />
    </Page>
  );
}

/** What is not yet sent, by collection; the file is the way out when a device must be given up. */
function WaitingPanel() {
  const state = useSyncState();
  const desk = useDesk();
  const port = usePort();
  const save = async (): Promise<void> => saveJson(port, 'drover-waiting', { device: desk.deviceId, records: await waitingRecords(desk) });
  const waiting = Object.entries(state.waiting).filter(([, count]) => count > 0);
  return (
    <section className="panel sync-panel" aria-label="Waiting to be sent">
      <h2>Waiting to be sent</h2>
      {waiting.length === 0 ? (
        <p className="quiet">Nothing. Everything you changed here has reached the server.</p>
      ) : (
        <PlainTable columns={['Kind of record', { name: 'Records', end: true }]}>
          {waiting.map(([collection, count]) => (
            <tr key={collection}>
              <td>{nounOf(collection)?.entity.labels ?? collection}</td>
              <td className="end">{number.format(count)}</td>
            </tr>
          ))}
        </PlainTable>
      )}
      {waiting.length === 0 ? null : (
        <Button variant="default" mt="sm" onClick={() => void save()}>
          Save to a file
        </Button>
      )}
    </section>
  );
}

/** When Drover tries again by itself; the button above does not wait for it. */
function NextTry() {
  const { phase, nextTryAt } = useSyncState();
  return phase === 'offline' && nextTryAt !== undefined ? <p className="quiet">Next try at {showSince(nextTryAt)}.</p> : null;
}

function InboxLine() {
  const open = useOpenCount();
  if (open === 0) return null;
  return (
    <p>
      {open === 1 ? 'One change of yours was' : `${number.format(open)} changes of yours were`} not taken as sent.{' '}
      <Link to="/inbox">Decide in the inbox</Link>
    </p>
  );
}
