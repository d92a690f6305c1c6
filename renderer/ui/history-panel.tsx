/** Who changed what and when, from the server's audit. The device keeps no audit of its own, and says so when offline. */
import { Button, Loader } from '@mantine/core';
import { useEffect, useState } from 'react';
import { type AnyDocument, allFields } from '../../domain/entity/entity.ts';
import type { AuditEntry } from '../../domain/protocol/protocol.ts';
import { useSyncState } from '../sync/connection.ts';
import { useSession } from '../sync/session.ts';
import { Empty } from './page.tsx';
import { showInstant, showValue } from './show-value.ts';
import type { View } from './view.ts';

type Loaded =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly message: string }
  | { readonly state: 'here'; readonly entries: readonly AuditEntry[] };
const kinds: Record<AuditEntry['kind'], string> = { insert: 'Created', update: 'Changed', delete: 'Deleted', restore: 'Restored' };
/** Fields that every write touches; they say nothing in a history. */
const NOISE = new Set(['w', 'modifiedAt', 'modifiedBy', 'createdAt', 'createdBy', 'id', '_deleted']);

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
  return (
    <ol className="history panel">
      {loaded.entries.map((entry) => (
        <li key={entry.seq}>
          <div className="history-head">
            <strong>{kinds[entry.kind]}</strong> by {entry.actorName || entry.actor} <span className="quiet">{showInstant(entry.at)}</span>
            <span className="quiet history-device" title={`Device ${entry.device}`}>
              device {entry.device.slice(0, 8)}
            </span>
          </div>
          <ChangedFields view={view} entry={entry} />
        </li>
      ))}
    </ol>
  );
}

function ChangedFields({ view, entry }: { readonly view: View; readonly entry: AuditEntry }) {
  if (entry.kind !== 'update' || entry.before === null) return null;
  const { before, after } = entry;
  const fields = allFields(view.noun.entity);
  const changed = Object.keys({ ...before, ...after }).filter(
    (key) => !NOISE.has(key) && fields[key] !== undefined && JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
  if (changed.length === 0) return <p className="quiet">No field changed its value.</p>;
  return (
    <dl>
      {changed.map((key) => {
        const field = fields[key];
        return field === undefined ? null : (
          <div key={key}>
            <dt>{field.label}</dt>
            <dd>
              <del>{showValue(field, before[key], before) || 'nothing'}</del> →{' '}
              <ins>{showValue(field, after[key], after) || 'nothing'}</ins>
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
