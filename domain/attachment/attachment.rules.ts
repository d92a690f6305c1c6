/** Rules of files: which kinds the desk takes, and that a file is named by its content. */
import { type Company, usualCompany } from '../access/company.ts';
import type { AnyDocument } from '../entity/entity.ts';
import { type Problem, hard, soft } from '../entity/problem.ts';
import type { FileRules } from '../record/file-rules.ts';
import { defineNoun } from '../record/noun.ts';
import { dayOf } from '../record/trash.ts';
import { contentProblem, fileKinds, fileKindsText, isTakenMediaType, mediaTypeOf } from './attachment-type.rules.ts';
import { ATTACHMENT_BYTES_MAX, type Attachment, attachment } from './attachment.entity.ts';

/** Separators of folders, control characters, and those that turn the direction of writing and so hide the true ending. */
const UNSAFE_NAME = /[/\\\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

const MEGABYTE = 1024 * 1024;
/** Bytes of the largest file that the company takes. */
export const fileBytesMax = ({ settings }: Pick<Company, 'settings'>): number => settings.file_megabytes * MEGABYTE;

export function checkAttachment(
  after: Attachment,
  before?: Pick<Attachment, 'size' | 'mime'>,
  company: Pick<Company, 'settings' | 'options'> = usualCompany,
): Problem[] {
  const problems: Problem[] = [];
  // One that came before the company took less may still get another name or date.
  if (after.size > fileBytesMax(company) && after.size !== before?.size)
    problems.push(
      hard(
        'size',
        'too_large',
        `"${after.name}" is larger than the ${company.settings.file_megabytes} MB that your company takes. Split it, or save it smaller.`,
        'D14',
      ),
    );
  if (!/^[0-9a-f]{64}$/.test(after.sha256))
    problems.push(hard('sha256', 'bad_sha256', 'The content of the file was not read completely; add it again.', 'D14'));
  if (!isTakenMediaType(after.mime, after.mime === before?.mime ? {} : company.options))
    problems.push(hard('mime', 'file_type', `Files of type ${after.mime} are not taken. Use ${fileKindsText(company.options)}.`, 'D14'));
  // A name is what the file is saved under: with another ending another program would open it.
  else if (mediaTypeOf(after.name) !== after.mime)
    problems.push(hard('name', 'file_ending', `The name "${after.name}" does not end like a file of type ${after.mime}.`, 'D14'));
  if (UNSAFE_NAME.test(after.name))
    problems.push(
      hard('name', 'file_name', 'The file name has characters that no file name should have. Rename the file, then add it.', 'D14'),
    );
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

/** The shape was validated before a record is stored, so its fields are what the entity says. */
const named: FileRules['named'] = (document: AnyDocument) => {
  const { sha256, size, mime, name } = document as AnyDocument & Attachment;
  return { sha256, size, mime, name };
};
const files: FileRules = { bytesMax: ATTACHMENT_BYTES_MAX, hashField: 'sha256', kinds: fileKinds, named, contentProblem };

export const attachmentNoun = defineNoun(attachment, { check: checkAttachment, files, transactionOn: dayOf('createdAt') });
