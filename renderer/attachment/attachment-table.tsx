/** The files of a record, one a row, with where each content is: here, on the server, or still on its way. */
import { Button, FileButton } from '@mantine/core';
import { useMemo } from 'react';
import { type Attachment, attachmentKinds } from '../../domain/attachment/attachment.entity.ts';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { formatDate } from '../../domain/units/calendar.ts';
import { observeHeld } from '../data/files/held-files.ts';
import { sizeText } from '../data/files/size-text.ts';
import { fileStateText, observeUploads } from '../data/files/uploads.ts';
import { useDesk, useLive } from '../data/live.ts';
import type { UploadRow } from '../data/local-store.ts';
import { showInstant } from '../ui/show-value.ts';

export type ShownAttachment = Attachment & AnyDocument;

export interface AttachmentTableProps {
  readonly records: readonly ShownAttachment[];
  /** As `accept` of a dialogue has it. */
  readonly accepted: string;
  readonly fetching: { readonly id: string; readonly received: number } | undefined;
  readonly onOpen: (attachment: ShownAttachment) => void;
  readonly onSave: (attachment: ShownAttachment) => void;
  readonly onReplace: (attachment: ShownAttachment, file: File) => void;
  readonly onRemove: (attachment: ShownAttachment) => void;
}

export function AttachmentTable({ records, fetching, ...actions }: AttachmentTableProps) {
  const { local } = useDesk();
  const held = useLive(useMemo(() => observeHeld(local), [local]));
  const rows = useLive(useMemo(() => observeUploads(local), [local]));
  const uploads = useMemo(() => new Map(rows.map((row) => [row.recordId, row])), [rows]);
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">File name</th>
          <th scope="col">Kind of document</th>
          <th scope="col" className="end">
            Size
          </th>
          <th scope="col">Content</th>
          <th scope="col">Expires</th>
          <th scope="col">Added</th>
          <th scope="col">
            <span className="spoken">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {records.map((attachment) => (
          <AttachmentLine
            key={attachment.id}
            attachment={attachment}
            isHeld={held.has(attachment.sha256)}
            upload={uploads.get(attachment.id)}
            received={fetching?.id === attachment.id ? fetching.received : undefined}
            {...actions}
          />
        ))}
      </tbody>
    </table>
  );
}

interface AttachmentLineProps extends Omit<AttachmentTableProps, 'records' | 'fetching'> {
  readonly attachment: ShownAttachment;
  readonly isHeld: boolean;
  readonly upload: UploadRow | undefined;
  readonly received: number | undefined;
}

function AttachmentLine({ attachment, accepted, isHeld, upload, received, onOpen, onSave, onReplace, onRemove }: AttachmentLineProps) {
  const { name } = attachment;
  return (
    <tr>
      <td>
        <button type="button" className="link-button" onClick={() => onOpen(attachment)}>
          {name}
        </button>
        {upload?.state === 'refused' ? <div className="field-error">{upload.problem}</div> : null}
      </td>
      <td>{attachmentKinds[attachment.kind]}</td>
      <td className="end">{sizeText(attachment.size)}</td>
      <td>
        {received === undefined ? (
          <ContentState upload={upload} isHeld={isHeld} />
        ) : (
          <span role="status">Fetching, {Math.floor((received * 100) / Math.max(1, attachment.size))} %</span>
        )}
      </td>
      <td>{formatDate(attachment.expiresOn)}</td>
      <td>{showInstant(attachment.createdAt)}</td>
      <td className="end">
        <span className="attachment-actions">
          <Button size="compact-xs" variant="default" aria-label={`Save ${name} to a file`} onClick={() => onSave(attachment)}>
            Save
          </Button>
          <FileButton onChange={(file) => file && onReplace(attachment, file)} accept={accepted}>
            {(button) => (
              <Button {...button} size="compact-xs" variant="default" aria-label={`Replace ${name} with another file`}>
                Replace
              </Button>
            )}
          </FileButton>
          <Button size="compact-xs" variant="default" aria-label={`Delete ${name}`} onClick={() => onRemove(attachment)}>
            Delete
          </Button>
        </span>
      </td>
    </tr>
  );
}

function ContentState({ upload, isHeld }: Pick<AttachmentLineProps, 'upload' | 'isHeld'>) {
  if (upload) return <span className={upload.state === 'refused' ? 'field-error' : undefined}>{fileStateText(upload)}</span>;
  return <span className={isHeld ? undefined : 'quiet'}>{isHeld ? 'On this device' : 'On the server'}</span>;
}
