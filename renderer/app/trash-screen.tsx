/** Everything deleted on this desk, with its whole content, waiting to be restored. */
import { Button, Select } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { nouns } from '../../domain/registry.ts';
import { useTrash } from '../data/live.ts';
import { Empty, Page } from '../ui/page.tsx';
import { showInstant } from '../ui/show-value.ts';
import { useSubmit } from '../ui/use-submit.tsx';

const KINDS = nouns.filter(({ entity }) => !entity.appendOnly).map(({ entity }) => entity);
/** Rows on screen; the rest is found by kind and text. */
const MOST = 500;

interface Deleted {
  readonly collection: string;
  readonly label: string;
  readonly title: string;
  readonly record: AnyDocument;
}

/** The trash of every collection; the list of collections never changes while the window runs, so the order of hooks holds. */
function useAllTrash(): { readonly deleted: readonly Deleted[]; readonly ready: boolean } {
  const parts = KINDS.map((entity) => {
    const { records, ready } = useTrash(entity.collection);
    return { ready, deleted: records.map((record) => ({ collection: entity.collection, label: entity.label, title: String(record[entity.title] ?? ''), record })) };
  });
  const deleted = parts.flatMap((part) => part.deleted).sort((a, b) => b.record.modifiedAt.localeCompare(a.record.modifiedAt));
  return { deleted, ready: parts.every((part) => part.ready) };
}

export function TrashScreen() {
  const { deleted, ready } = useAllTrash();
  const [kind, setKind] = useState('');
  const submit = useSubmit();
  const kinds = [...new Map(deleted.map(({ collection, label }) => [collection, label]))];
  const shown = deleted.filter(({ collection }) => kind === '' || collection === kind);
  const restore = async ({ collection, record, title }: Deleted): Promise<void> => {
    const result = await submit({ collection, command: 'restore', id: record.id });
    notifications.show(result.ok ? { message: `${title} is back.`, autoClose: 4000 } : { color: 'red', title: `${title} could not be restored`, message: result.rejection.message });
  };
  return (
    <Page title="Trash" subtitle="Deleted records keep their content and can be restored at any time.">
      {kinds.length < 2 ? null : <Select aria-label="Kind of record" mb="xs" w={240} placeholder="All kinds" clearable clearButtonProps={{ 'aria-label': 'All kinds' }} data={kinds.map(([value, label]) => ({ value, label }))} value={kind === '' ? null : kind} onChange={(next) => setKind(next ?? '')} />}
      <div className="panel">
        {ready && shown.length === 0 ? (
          <Empty>The trash is empty.</Empty>
        ) : (
          <table className="plain-table">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Kind of record</th>
                <th scope="col">Deleted</th>
                <th scope="col"><span className="spoken">Actions</span></th>
              </tr>
            </thead>
            <tbody>
              {shown.slice(0, MOST).map((one) => (
                <tr key={`${one.collection}/${one.record.id}`}>
                  <td className="strong">{one.title}</td>
                  <td>{one.label}</td>
                  <td>{showInstant(one.record.modifiedAt)}</td>
                  <td className="end">
                    <Button size="compact-xs" variant="default" aria-label={`Restore ${one.title}`} onClick={() => void restore(one)}>
                      Restore
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {shown.length > MOST ? <p className="quiet table-note">Showing the last {MOST} of {shown.length}. Choose a kind to narrow it down.</p> : null}
      </div>
    </Page>
  );
}
