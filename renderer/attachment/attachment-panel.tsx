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
import { ACCEPTED, keepFile, mayOpenInWindow, sizeText } from './attachment-file.ts';

export function AttachmentCount({ recordId }: { readonly recordId: string }) {
  const { total, ready } = useRelated('attachments', 'recordId', recordId);
  return ready ? <span className="tab-count">{total}</span> : null;
}

const kinds = Object.entries(attachmentKinds).map(([value, label]) => ({ value, label }));
const isKind = (value: string): value is keyof typeof attachmentKinds => Object.hasOwn(attachmentKinds, value);
const OPEN_MS = 60_000;

export function AttachmentPanel({ recordCollection, record }: { readonly recordCollection: string; readonly record: AnyDocument }) {
  const desk = useDesk();
  const submit = useSubmit();
  const { records, ready } = useRelated<Attachment & AnyDocument>('attachments', 'recordId', record.id);
  const [kind, setKind] = useState<keyof typeof attachmentKinds>('other');
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
    const url = URL.createObjectURL(stored.blob);
    const link = document.createElement('a');
    link.href = url;
    if (mayOpenInWindow(attachment.mime)) link.target = '_blank';
    else link.download = attachment.name;
    link.rel = 'noopener';
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), OPEN_MS);
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
      <div className="panel">
        {ready && records.length === 0 ? (
          <Empty>No files yet. Add the order, the BOL, certificates or photos of this record.</Empty>
        ) : (
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
                    <button type="button" className="link-button" onClick={() => void open(attachment)}>
                      {attachment.name}
                    </button>
                  </td>
                  <td>{attachmentKinds[attachment.kind]}</td>
                  <td className="end">{sizeText(attachment.size)}</td>
                  <td>{formatDate(attachment.expiresOn)}</td>
                  <td>{showInstant(attachment.createdAt)}</td>
                  <td className="end">
                    <Button
                      size="compact-xs"
                      variant="default"
                      aria-label={`Delete ${attachment.name}`}
                      onClick={() => void remove(attachment)}
                    >
                      Delete
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </div>
  );
}
