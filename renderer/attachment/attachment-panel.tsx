/** Files of a record. They are kept on this device; sending them to the others comes with uploads. */
import { Button, FileButton, Select } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPaperclip } from '@tabler/icons-react';
import { useState } from 'react';
import { type Attachment, attachmentKinds } from '../../domain/attachment/attachment.entity.ts';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { formatDate } from '../../domain/units/calendar.ts';
import { useDesk, useRelated } from '../data/live.ts';
import { getBlob } from '../data/local-store.ts';
import { useSubmit } from '../ui/use-submit.tsx';
import { Empty } from '../ui/page.tsx';
import { showInstant } from '../ui/show-value.ts';
import { usePort } from '../ui/port.tsx';
import { ACCEPTED, keepFile, openingOf, sizeText } from './attachment-file.ts';
import { AttachmentPreview, type AttachmentPreviewProps } from './attachment-preview.tsx';

export function AttachmentCount({ recordId }: { readonly recordId: string }) {
  const { total, ready } = useRelated('attachments', 'recordId', recordId);
  return ready ? <span className="tab-count">{total}</span> : null;
}

const kinds = Object.entries(attachmentKinds).map(([value, label]) => ({ value, label }));
const isKind = (value: string): value is keyof typeof attachmentKinds => Object.hasOwn(attachmentKinds, value);
/** How long the address of an opened file lives; the tab has read it by then, and tells nobody when. */
const OPEN_MS = 60_000;
function openTab(blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.target = '_blank';
  link.rel = 'noopener';
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), OPEN_MS);
}

type OpenedFile = AttachmentPreviewProps['file'];

export function AttachmentPanel({ recordCollection, record }: { readonly recordCollection: string; readonly record: AnyDocument }) {
  const desk = useDesk();
  const submit = useSubmit();
  const { records, ready } = useRelated<Attachment & AnyDocument>('attachments', 'recordId', record.id);
  const [kind, setKind] = useState<keyof typeof attachmentKinds>('other');
  const port = usePort();
  const [preview, setPreview] = useState<Pick<AttachmentPreviewProps, 'file' | 'kind'>>();
  const add = async (files: readonly File[]): Promise<void> => {
    for (const file of files) {
      const result = await keepFile(desk, submit, file, { kind, recordCollection, recordId: record.id });
      notifications.show(
        result.ok
          ? { message: `${file.name} is kept on this device.`, autoClose: 4000 }
          : { color: 'red', title: `${file.name} was not added`, message: result.message },
      );
    }
  };
  const open = async (attachment: Attachment): Promise<void> => {
    const stored = await getBlob(desk.local, attachment.sha256);
    if (!stored) {
      notifications.show({
        title: 'Not on this device',
        message: `${attachment.name} was added on another device; its content is not sent until uploads are switched on.`,
      });
      return;
    }
    const file = { blob: stored.blob, name: attachment.name };
    const opening = openingOf(attachment.mime, window.drover !== undefined);
    if (opening === 'picture' || opening === 'text') setPreview({ file, kind: opening });
    else if (opening === 'tab') openTab(stored.blob);
    else await save(file);
  };
  const save = async (file: OpenedFile): Promise<void> => {
    const answer = await port.saveFile(file.name, new Uint8Array(await file.blob.arrayBuffer()));
    if (answer.outcome === 'saved') notifications.show({ message: `Saved as ${answer.name}.`, autoClose: 4000 });
    if (answer.outcome === 'failed') notifications.show({ color: 'red', title: `${file.name} was not saved`, message: answer.message });
  };
  const remove = async (attachment: Attachment): Promise<void> => {
    const result = await submit({ collection: 'attachments', command: 'delete', id: attachment.id });
    notifications.show(
      result.ok
        ? { message: `${attachment.name} is in the trash.` }
        : { color: 'red', title: 'Not deleted', message: result.rejection.message },
    );
  };
  return (
    <div
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void add([...event.dataTransfer.files]);
      }}
    >
      <div className="grid-toolbar">
        <span className="quiet">
          Files are kept on this device until uploads are switched on. Drop them here, or add them with the button.
        </span>
        <div className="grid-actions">
          <Select
            aria-label="Kind of document"
            data={kinds}
            value={kind}
            onChange={(next) => next !== null && isKind(next) && setKind(next)}
            searchable
            w={190}
          />
          <FileButton onChange={(files) => void add(files)} multiple accept={ACCEPTED}>
            {(button) => (
              <Button {...button} leftSection={<IconPaperclip size={15} aria-hidden="true" />}>
                Add file
              </Button>
            )}
          </FileButton>
        </div>
      </div>
      {preview === undefined ? null : (
        <AttachmentPreview {...preview} onSave={() => void save(preview.file)} onClose={() => setPreview(undefined)} />
      )}
      <div className="panel">
        {ready && records.length === 0 ? (
          <Empty>No files yet. Add the order, the BOL, certificates or photos of this record.</Empty>
        ) : (
          <FileTable records={records} onOpen={(attachment) => void open(attachment)} onRemove={(attachment) => void remove(attachment)} />
        )}
      </div>
    </div>
  );
}

interface FileTableProps {
  readonly records: readonly (Attachment & AnyDocument)[];
  readonly onOpen: (attachment: Attachment) => void;
  readonly onRemove: (attachment: Attachment) => void;
}

function FileTable({ records, onOpen, onRemove }: FileTableProps) {
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">File name</th>
          <th scope="col">Kind of document</th>
          <th scope="col" className="end">
            Size
          </th>
          <th scope="col">Expires</th>
          <th scope="col">Added</th>
          <th scope="col">
            <span className="spoken">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {records.map((attachment) => (
          <tr key={attachment.id}>
            <td>
              <button type="button" className="link-button" onClick={() => onOpen(attachment)}>
                {attachment.name}
              </button>
            </td>
            <td>{attachmentKinds[attachment.kind]}</td>
            <td className="end">{sizeText(attachment.size)}</td>
            <td>{formatDate(attachment.expiresOn)}</td>
            <td>{showInstant(attachment.createdAt)}</td>
            <td className="end">
              <Button size="compact-xs" variant="default" aria-label={`Delete ${attachment.name}`} onClick={() => onRemove(attachment)}>
                Delete
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
