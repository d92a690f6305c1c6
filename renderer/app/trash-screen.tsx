/** Everything deleted on this desk, with its whole content, waiting to be restored. */
import { Select } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useCallback, useEffect, useState } from 'react';
import { mayNot } from '../../domain/access/locks.ts';
import type { AnyDocument, Entity } from '../../domain/entity/entity.ts';
import { nouns } from '../../domain/registry.ts';
import { useTrash } from '../data/live.ts';
import { Empty, Page } from '../ui/page.tsx';
import { showInstant } from '../ui/show-value.ts';
import { PermittedButton } from '../ui/permitted-button.tsx';
import { useActor, useSubmit } from '../ui/use-submit.tsx';

const KINDS = nouns.map(({ entity }) => entity).filter((entity) => !entity.appendOnly);
/** Rows on screen of each kind; the last deleted come first. */
const MOST = 200;

export function TrashScreen() {
  const [kind, setKind] = useState('');
  const [counts, setCounts] = useState<Readonly<Record<string, number>>>({});
  const count = useCallback(
    (collection: string, found: number) => setCounts((now) => (now[collection] === found ? now : { ...now, [collection]: found })),
    [],
  );
  const filled = KINDS.filter(({ collection }) => (counts[collection] ?? 0) > 0);
  const empty = Object.keys(counts).length === KINDS.length && filled.length === 0;
  return (
    <Page title="Trash" subtitle="Deleted records keep their content and can be restored at any time.">
      {filled.length < 2 ? null : (
        <Select
          aria-label="Kind of record"
          mb="xs"
          w={240}
          placeholder="All kinds"
          clearable
          clearButtonProps={{ 'aria-label': 'All kinds' }}
          data={filled.map(({ collection, label }) => ({ value: collection, label: `${label} (${counts[collection]})` }))}
          value={kind === '' ? null : kind}
          onChange={(next) => setKind(next ?? '')}
        />
      )}
      <div className="panel">
        {empty ? <Empty>The trash is empty.</Empty> : null}
        <table className="plain-table" hidden={filled.length === 0}>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Kind of record</th>
              <th scope="col">Deleted</th>
              <th scope="col">
                <span className="spoken">Actions</span>
              </th>
            </tr>
          </thead>
          {KINDS.map((entity) => (
            <TrashRows key={entity.collection} entity={entity} shown={kind === '' || kind === entity.collection} onCount={count} />
          ))}
        </table>
      </div>
    </Page>
  );
}

interface TrashRowsProps {
  readonly entity: Entity;
  readonly shown: boolean;
  readonly onCount: (collection: string, found: number) => void;
}

function TrashRows({ entity, shown, onCount }: TrashRowsProps) {
  const { records, ready } = useTrash(entity.collection);
  const submit = useSubmit();
  const { rights } = useActor();
  useEffect(() => {
    if (ready) onCount(entity.collection, records.length);
  }, [ready, records.length, entity.collection, onCount]);
  const nameOf = (record: AnyDocument): string => String(record[entity.title] ?? '') || entity.label;
  const restore = async (record: AnyDocument): Promise<void> => {
    const result = await submit({ collection: entity.collection, command: 'restore', id: record.id });
    if (result.ok) notifications.show({ message: `${nameOf(record)} is back.`, autoClose: 4000 });
    else notifications.show({ color: 'red', title: `${nameOf(record)} could not be restored`, message: result.rejection.message });
  };
  if (!shown || records.length === 0) return null;
  return (
    <tbody>
      {records.slice(0, MOST).map((record) => (
        <tr key={record.id}>
          <td className="strong">{nameOf(record)}</td>
          <td>{entity.label}</td>
          <td>{showInstant(record.modifiedAt)}</td>
          <td className="end">
            <PermittedButton
              denied={mayNot(rights, entity, 'restore', record)}
              size="compact-xs"
              variant="default"
              aria-label={`Restore ${nameOf(record)}`}
              onClick={() => void restore(record)}
            >
              Restore
            </PermittedButton>
          </td>
        </tr>
      ))}
      {records.length > MOST ? (
        <tr>
          <td colSpan={4} className="quiet">
            And {records.length - MOST} more, deleted earlier.
          </td>
        </tr>
      ) : null}
    </tbody>
  );
}
