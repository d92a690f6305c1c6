/** Who changed what and when, from the server's audit. The device keeps no audit of its own, and says so when offline. */
import { Button, Loader } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { AuditEntry } from '../../domain/protocol/protocol.ts';
import { useSyncState } from '../sync/connection.ts';
import { useSession } from '../sync/session.ts';
import { FieldDiff } from './field-diff.tsx';
import { Empty } from './page.tsx';
import { RestoreVersion } from './restore-version.tsx';
import { showInstant } from './show-value.ts';
import type { View } from './view.ts';

type Loaded =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly message: string }
  | { readonly state: 'here'; readonly entries: readonly AuditEntry[] };
const kinds: Record<AuditEntry['kind'], string> = { insert: 'Created', update: 'Changed', delete: 'Deleted', restore: 'Restored' };

function isEntries(body: unknown): body is { readonly entries: readonly AuditEntry[] } {
  return typeof body === 'object' && body !== null && Array.isArray((body as { entries?: unknown }).entries);
}

function useAudit(collection: string, id: string, w: string, again: number): Loaded {
  const session = useSession();
  const [loaded, setLoaded] = useState<Loaded>({ state: 'loading' });
  useEffect(() => {
    let live = true;
    const load = async (): Promise<Loaded> => {
      try {
        const response = await session.authorizedFetch(`/audit?collection=${encodeURIComponent(collection)}&id=${encodeURIComponent(id)}`);
        if (!response.ok) return { state: 'failed', message: `The server did not give the history (answer ${response.status}).` };
        const body: unknown = await response.json();
        const entries = Array.isArray(body) ? (body as readonly AuditEntry[]) : isEntries(body) ? body.entries : [];
        return { state: 'here', entries };
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        return {
          state: 'failed',
          message: 'The history is kept on the server, which cannot be reached right now. The record itself is all here.',
        };
      }
    };
    void load().then((next) => {
      if (live) setLoaded(next);
    });
    return () => {
      live = false;
    };
  }, [session, collection, id, w, again]);
  return loaded;
}

export function HistoryPanel({ view, record }: { readonly view: View; readonly record: AnyDocument }) {
  const { entity } = view.noun;
  const [again, setAgain] = useState(0);
  const { phase } = useSyncState();
  const loaded = useAudit(entity.collection, record.id, record.modifiedAt, again + (phase === 'live' ? 1 : 0));
  if (loaded.state === 'loading')
    return (
      <Empty>
        <span role="status">
          <Loader size={16} aria-hidden="true" />
          <span className="spoken">Reading the history</span>
        </span>
      </Empty>
    );
  if (loaded.state === 'failed') {
    return (
      <div className="panel">
        <Empty
          action={
            <Button variant="default" onClick={() => setAgain(again + 2)}>
              Try again
            </Button>
          }
        >
          {loaded.message}
        </Empty>
      </div>
    );
  }
  if (loaded.entries.length === 0)
    return (
      <div className="panel">
        <Empty>The server has no entry yet; this record has not been sent.</Empty>
      </div>
    );
  return <Entries view={view} record={record} entries={loaded.entries} />;
}

function Entries({
  view,
  record,
  entries,
}: {
  readonly view: View;
  readonly record: AnyDocument;
  readonly entries: readonly AuditEntry[];
}) {
  const { entity } = view.noun;
  const [restoring, setRestoring] = useState<AuditEntry>();
  return (
    <>
      <ol className="history panel" aria-label="History">
        {entries.map((entry, i) => (
          <li key={entry.seq}>
            <EntryHead entry={entry} />
            {entry.reason === '' ? null : (
              <p className="history-reason">
                <span className="quiet">Reason:</span> {entry.reason}
              </p>
            )}
            {entry.kind === 'update' ? <FieldDiff entity={entity} before={entry.before} after={entry.after} /> : null}
            {i === 0 || entry.kind === 'delete' || entity.appendOnly ? null : (
              <Button size="compact-sm" variant="subtle" className="history-restore" onClick={() => setRestoring(entry)}>
                Restore this version
                <span className="spoken">{` of ${showInstant(entry.at)}`}</span>
              </Button>
            )}
          </li>
        ))}
      </ol>
      {restoring === undefined ? null : (
        <RestoreVersion
          entity={entity}
          record={record}
          version={restoring.after}
          at={showInstant(restoring.at)}
          onClose={() => setRestoring(undefined)}
        />
      )}
    </>
  );
}

/** The clock of a device may be wrong, and an offline one sends later: what differs by more is told. */
const MINUTES_APART_MS = 120_000;

function EntryHead({ entry }: { readonly entry: AuditEntry }) {
  const { at, deviceAt } = entry;
  const apart = deviceAt !== null && Math.abs(Date.parse(at) - Date.parse(deviceAt)) > MINUTES_APART_MS;
  return (
    <div className="history-head">
      <strong>{kinds[entry.kind]}</strong> by {entry.actorName || entry.actor}{' '}
      <span className="quiet">
        {showInstant(at)}
        {apart ? `, by the device's clock ${showInstant(deviceAt)}` : ''}
      </span>
      <span className="quiet history-device" title={`Device ${entry.device}`}>
        device {entry.device.slice(0, 8)}
      </span>
    </div>
  );
}
