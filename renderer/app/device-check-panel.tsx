/** "Check this device against the server": what was compared, what differed, and whether it was put right. */
import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { nounOf } from '../../domain/registry.ts';
import { useDesk } from '../data/live.ts';
import type { Damage } from '../data/storage/fault.ts';
import { useSync, useSyncState } from '../sync/connection.ts';
import { SyncFault } from '../sync/fault.ts';
import { showInstant } from '../ui/show-value.ts';
import { checkSentence, damageSentence } from './device-check-words.ts';

const number = new Intl.NumberFormat('en-US');

/** What is damaged, also what is only found while the page is open. */
function useDamages(): readonly Damage[] {
  const { damages } = useDesk();
  const [found, setFound] = useState<readonly Damage[]>([]);
  useEffect(() => damages.follow(() => setFound([...damages.list()])), [damages]);
  return found;
}

export function DeviceCheckPanel() {
  const sync = useSync();
  const damages = useDamages();
  const { phase, checked } = useSyncState();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const check = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await sync.checkDevice();
    } catch (error) {
      if (!(error instanceof SyncFault)) throw error;
      setProblem(error.message);
    } finally {
      setBusy(false);
    }
  };
  const differing = (checked?.collections ?? []).filter((one) => one.differing > 0);
  return (
    <section className="panel sync-panel" aria-label="Check">
      <h2>Check this device against the server</h2>
      <p>Compares every record here with the server, and fetches what differs. Drover does it by itself once a day.</p>
      <p role="status">
        {checked === undefined ? 'Not yet checked on this device.' : `${showInstant(checked.at)}: ${checkSentence(checked)}`}
      </p>
      {damages.length === 0 ? null : <p className="field-error">{damageSentence(damages)}</p>}
      {differing.length === 0 ? null : (
        <ul>
          {differing.map(({ collection, here, there, differing: count }) => (
            <li key={collection}>
              {nounOf(collection)?.entity.labels ?? collection}: {number.format(count)} differ ({number.format(here)} here,{' '}
              {number.format(there)} on the server)
            </li>
          ))}
        </ul>
      )}
      {problem === undefined ? null : <p className="field-error">{problem}</p>}
      <Button variant="default" loading={busy} disabled={phase !== 'live'} onClick={() => void check()}>
        Check now
      </Button>
    </section>
  );
}
