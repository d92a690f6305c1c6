/** Files of a record: added, shown, replaced, put into the trash; and where the content of each one is. */
import { Button, FileButton, Select } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPaperclip } from '@tabler/icons-react';
import { useState } from 'react';
import { type Attachment, attachmentKinds } from '../../domain/attachment/attachment.entity.ts';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { type AddedFile, addFile, replaceFile } from '../data/files/add-file.ts';
import { useCompany, useDesk, useRelated } from '../data/live.ts';
import { useSync } from '../sync/connection.ts';
import { Empty } from '../ui/page.tsx';
import { usePort } from '../ui/port.tsx';
import { useSubmit } from '../ui/use-submit.tsx';
import { acceptedIn, openingOf } from './attachment-file.ts';
import { AttachmentPreview, type AttachmentPreviewProps } from './attachment-preview.tsx';
import { AttachmentTable, type ShownAttachment } from './attachment-table.tsx';

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
const tell = (result: AddedFile, name: string, done: string): void => {
  notifications.show(
    result.ok
      ? { message: done, autoClose: 4000 }
      : { color: 'red', title: `${name} was not added`, message: result.message, autoClose: 12_000 },
  );
};

/** Opens and saves files, fetching them first where they are not here. */
function useOpenFile(show: (preview: Pick<AttachmentPreviewProps, 'file' | 'kind'>) => void) {
  const sync = useSync();
  const port = usePort();
  /** Bytes received of the file that is being fetched. */
  const [fetching, setFetching] = useState<{ readonly id: string; readonly received: number }>();
  const save = async (file: OpenedFile): Promise<void> => {
    const answer = await port.saveFile(file.name, new Uint8Array(await file.blob.arrayBuffer()));
    if (answer.outcome === 'saved') notifications.show({ message: `Saved as ${answer.name}.`, autoClose: 4000 });
    if (answer.outcome === 'failed') notifications.show({ color: 'red', title: `${file.name} was not saved`, message: answer.message });
  };
  const fetched = async (attachment: ShownAttachment): Promise<OpenedFile | undefined> => {
    setFetching({ id: attachment.id, received: 0 });
    const answer = await sync
      .fetchFile(attachment, (received) => setFetching({ id: attachment.id, received }))
      .finally(() => setFetching(undefined));
    if (answer.ok) return { blob: answer.content, name: attachment.name };
    notifications.show({ title: `${attachment.name} cannot be opened now`, message: answer.message });
    return undefined;
  };
  const open = async (attachment: ShownAttachment): Promise<void> => {
    const file = await fetched(attachment);
    if (!file) return;
    const opening = openingOf(attachment.mime, window.drover !== undefined);
    if (opening === 'picture' || opening === 'text') show({ file, kind: opening });
    else if (opening === 'tab') openTab(file.blob);
    else await save(file);
  };
  const fetchAndSave = async (attachment: ShownAttachment): Promise<void> => {
    const file = await fetched(attachment);
    if (file) await save(file);
  };
  return { open, save, fetchAndSave, fetching };
}

export function AttachmentPanel({ recordCollection, record }: { readonly recordCollection: string; readonly record: AnyDocument }) {
  const desk = useDesk();
  const submit = useSubmit();
  const accepted = acceptedIn(useCompany().options);
  const { records, ready } = useRelated<ShownAttachment>('attachments', 'recordId', record.id);
  const [kind, setKind] = useState<keyof typeof attachmentKinds>('other');
  const [preview, setPreview] = useState<Pick<AttachmentPreviewProps, 'file' | 'kind'>>();
  const { open, save, fetchAndSave, fetching } = useOpenFile(setPreview);
  const add = async (files: readonly File[]): Promise<void> => {
    for (const file of files) {
      const result = await addFile(desk, submit, file, { kind, recordCollection, recordId: record.id });
      tell(result, file.name, `${file.name} is added.`);
    }
  };
  const replace = async (attachment: Attachment & AnyDocument, file: File): Promise<void> =>
    tell(await replaceFile(desk, submit, file, attachment.id), file.name, `${file.name} is in the place of ${attachment.name}.`);
  const remove = async (attachment: ShownAttachment): Promise<void> => {
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
        <span className="quiet">Drop files here, or add them with the button. What is added offline is sent later by itself.</span>
        <div className="grid-actions">
          <Select
            aria-label="Kind of document"
            data={kinds}
            value={kind}
            onChange={(next) => next !== null && isKind(next) && setKind(next)}
            searchable
            w={190}
          />
          <FileButton onChange={(files) => void add(files)} multiple accept={accepted}>
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
          <AttachmentTable
            records={records}
            accepted={accepted}
            fetching={fetching}
            onOpen={(attachment) => void open(attachment)}
            onSave={(attachment) => void fetchAndSave(attachment)}
            onReplace={(attachment, file) => void replace(attachment, file)}
            onRemove={(attachment) => void remove(attachment)}
          />
        )}
      </div>
    </div>
  );
}
