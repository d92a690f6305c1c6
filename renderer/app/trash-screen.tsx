/** Everything deleted on this desk, with its whole content, waiting to be restored. */
import { Select } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useCallback, useEffect, useState } from 'react';
import { mayNot } from '../../domain/access/locks.ts';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { goesOn } from '../../domain/record/trash.ts';
import { nouns } from '../../domain/registry.ts';
import { addDays, formatDate } from '../../domain/units/calendar.ts';
import { useCompany, useTrash } from '../data/live.ts';
import { Empty, Page } from '../ui/page.tsx';
import { showInstant } from '../ui/show-value.ts';
import { PermittedButton } from '../ui/permitted-button.tsx';
import { useActor, useSubmit } from '../ui/use-submit.tsx';

const KINDS = nouns.filter(({ entity }) => !entity.appendOnly);
/** Rows on screen of each kind; the last deleted come first. */
const MOST = 200;

export function TrashScreen() {
  const [kind, setKind] = useState('');
  const [counts, setCounts] = useState<Readonly<Record<string, number>>>({});
  const count = useCallback(
    (collection: string, found: number) => setCounts((now) => (now[collection] === found ? now : { ...now, [collection]: found })),
    [],
  );
  const filled = KINDS.map(({ entity }) => entity).filter(({ collection }) => (counts[collection] ?? 0) > 0);
  const empty = Object.keys(counts).length === KINDS.length && filled.length === 0;
  return (
    <Page title="Trash" subtitle="Deleted records keep their content and can be restored until they go.">
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
              <th scope="col">Kept until</th>
              <th scope="col">
                <span className="spoken">Actions</span>
              </th>
            </tr>
          </thead>
          {KINDS.map((noun) => (
            <TrashRows key={noun.entity.collection} noun={noun} shown={kind === '' || kind === noun.entity.collection} onCount={count} />
          ))}
        </table>
      </div>
      {filled.length === 0 ? null : (
        <p className="quiet">
          What is kept until a day goes for good after it, once the server has heard of its deletion. What a legal hold or another record
          still needs stays longer.
        </p>
      )}
    </Page>
  );
}

interface TrashRowsProps {
  readonly noun: Noun;
  readonly shown: boolean;
  readonly onCount: (collection: string, found: number) => void;
}

function TrashRows({ noun, shown, onCount }: TrashRowsProps) {
  const { entity } = noun;
  const { trash_days: days } = useCompany().settings;
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
          <td className="nowrap">{record.modifiedAt === '' ? '' : formatDate(addDays(goesOn(noun, record, days), -1))}</td>
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
          <td colSpan={5} className="quiet">
            And {records.length - MOST} more, deleted earlier.
          </td>
        </tr>
      ) : null}
    </tbody>
  );
}
