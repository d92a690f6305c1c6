/** Rules of files: which kinds the desk takes, and that a file is named by its content. */
import { type Problem, hard, soft } from '../entity/problem.ts';
import { defineNoun } from '../record/noun.ts';
import { type Attachment, attachment } from './attachment.entity.ts';

/** Media types by file ending. Anything that a browser would run is left out on purpose. */
export const mediaTypes: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv',
  txt: 'text/plain',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  heic: 'image/heic',
  webp: 'image/webp',
};

/** The media type that a file name promises; undefined for an ending the desk does not take. */
export function mediaTypeOf(fileName: string): string | undefined {
  const ending = /\.([a-z0-9]+)$/i.exec(fileName)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(mediaTypes, ending) ? mediaTypes[ending] : undefined;
}

export function checkAttachment(after: Attachment): Problem[] {
  const problems: Problem[] = [];
  if (!/^[0-9a-f]{64}$/.test(after.sha256))
    problems.push(hard('sha256', 'bad_sha256', 'The content of the file was not read completely; add it again.', 'D14'));
  if (!Object.values(mediaTypes).includes(after.mime)) {
    problems.push(
      hard('mime', 'file_type', `Files of type ${after.mime} are not taken; use ${Object.keys(mediaTypes).join(', ')}.`, 'D14'),
    );
  }
  if (after.expiresOn !== '' && after.issuedOn !== undefined && after.expiresOn < after.issuedOn) {
    problems.push(
      hard(
        'expiresOn',
        'ends_before_start',
        `The document expires on ${after.expiresOn}, before it was issued; correct one of the dates.`,
        'D6',
      ),
    );
  }
  const link = after.kind === 'coi' && after.expiresOn === '';
  if (link) problems.push(soft('expiresOn', 'no_expiry', 'A certificate of insurance has an expiry date; enter it.', 'D14'));
  return problems;
}

export const attachmentNoun = defineNoun(attachment, { check: checkAttachment });
