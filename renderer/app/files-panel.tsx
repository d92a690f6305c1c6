/** Files that are not with the server yet: how far each is, and what to do with one that it did not take. */
import './set-aside.css';
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMemo, useState } from 'react';
import { heldContent } from '../data/files/held-files.ts';
import { fileStateText, giveUpUpload, observeUploads, retryUpload } from '../data/files/uploads.ts';
import { useDesk, useLive } from '../data/live.ts';
import type { UploadRow } from '../data/local-store.ts';
import { sizeText } from '../data/files/size-text.ts';
import { Dialog } from '../ui/dialog.tsx';
import { usePort } from '../ui/port.tsx';
import { useSubmit } from '../ui/use-submit.tsx';

export function FilesPanel() {
  const desk = useDesk();
  const rows = useLive(useMemo(() => observeUploads(desk.local), [desk]));
  if (rows.length === 0) return null;
  return (
    <section className="panel sync-panel sync-panel-wide" aria-label="Files waiting to be sent">
      <h2>Files waiting to be sent</h2>
      <p>They are kept on this device and go by themselves, one after another, when the server is in reach.</p>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col" className="end">
              Size
            </th>
            <th scope="col">State</th>
            <th scope="col">
              <span className="spoken">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <FileLine key={row.recordId} row={row} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function FileLine({ row }: { readonly row: UploadRow }) {
  const desk = useDesk();
  const port = usePort();
  const [asking, setAsking] = useState(false);
  const { problem = '' } = row;
  const save = async (): Promise<void> => {
    const content = await heldContent(desk.local, row.sha256);
    if (!content) {
      notifications.show({ color: 'red', message: `The content of ${row.name} is no longer on this device.` });
      return;
    }
    const answer = await port.saveFile(row.name, new Uint8Array(await content.arrayBuffer()));
    if (answer.outcome === 'failed') notifications.show({ color: 'red', title: `${row.name} was not saved`, message: answer.message });
  };
  return (
    <tr>
      <td>{row.name}</td>
      <td className="end">{sizeText(row.size)}</td>
      <td>
        <span className={row.state === 'refused' ? 'field-error' : undefined}>{fileStateText(row)}</span>
        {problem === '' ? null : <div className="quiet">{problem}</div>}
      </td>
      <td className="end">
        <span className="set-aside-actions">
          {problem === '' ? null : (
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Try again: ${row.name}`}
              onClick={() => void retryUpload(desk.local, row.recordId)}
            >
              Try again
            </Button>
          )}
          <Button size="compact-xs" variant="default" aria-label={`Save ${row.name} to a file`} onClick={() => void save()}>
            Save
          </Button>
          <Button size="compact-xs" variant="default" aria-label={`Remove ${row.name}`} onClick={() => setAsking(true)}>
            Remove
          </Button>
        </span>
        {asking ? <RemoveFile row={row} onClose={() => setAsking(false)} /> : null}
      </td>
    </tr>
  );
}

/** The last copy may be here: a person says so twice. */
function RemoveFile({ row, onClose }: { readonly row: UploadRow; readonly onClose: () => void }) {
  const desk = useDesk();
  const submit = useSubmit();
  const remove = async (): Promise<void> => {
    const result = await submit({ collection: 'attachments', command: 'delete', id: row.recordId });
    // A record that is gone already does not keep its file from going.
    if (result.ok || result.rejection.code === 'not_found') await giveUpUpload(desk.local, row.recordId);
    else notifications.show({ color: 'red', title: `${row.name} was not removed`, message: result.rejection.message });
    onClose();
  };
  return (
    <Dialog title={`Remove ${row.name}?`} size="sm" onClose={onClose}>
      <p>The file has not reached the server. If this device has the only copy, save it to a file first.</p>
      <span className="set-aside-actions">
        <Button variant="default" data-autofocus onClick={onClose}>
          Keep
        </Button>
        <Button color="red" onClick={() => void remove()}>
          Remove
        </Button>
      </span>
    </Dialog>
  );
}
