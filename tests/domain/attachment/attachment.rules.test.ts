import { describe, expect, it } from 'vitest';
import { companyFrom } from '../../../domain/access/company.ts';
import type { AnyDocument } from '../../../domain/entity/entity.ts';
import { ATTACHMENT_BYTES_MAX } from '../../../domain/attachment/attachment.entity.ts';
import { fileKinds } from '../../../domain/attachment/attachment-type.rules.ts';
import { attachmentNoun } from '../../../domain/attachment/attachment.rules.ts';
import { problemCodes } from '../sample.ts';

const file = {
  name: 'COI 2026.pdf',
  kind: 'coi',
  recordCollection: 'parties',
  recordId: 'party-1',
  sha256: 'a1'.repeat(32),
  size: 1024,
  mime: 'application/pdf',
  expiresOn: '2026-10-15',
};
const codes = (more: Record<string, unknown>): string[] => problemCodes(attachmentNoun, { ...file, ...more });

describe('attachments', () => {
  it.each([
    [{}, []],
    [{ sha256: 'A1'.repeat(32) }, ['hard sha256 bad_sha256']],
    [{ sha256: 'a1' }, ['hard sha256 bad_sha256']],
    [{ mime: 'text/html' }, ['hard mime file_type']],
    [{ mime: 'image/svg+xml' }, ['hard mime file_type']],
    [{ name: 'run.exe' }, ['hard name file_ending']],
    [{ name: 'COI.pdf.html' }, ['hard name file_ending']],
    [{ name: 'COI' }, ['hard name file_ending']],
    [{ name: '../../etc/COI.pdf' }, ['hard name file_name']],
    [{ name: 'C:\\COI.pdf' }, ['hard name file_name']],
    [{ name: 'COI\nX.pdf' }, ['hard name file_name']],
    [{ name: 'COI\u202Eexe.pdf' }, ['hard name file_name']],
    [{ name: 'Zoë’s 契約 (2).pdf' }, []],
    [{ size: ATTACHMENT_BYTES_MAX + 1 }, ['hard size too_large']],
    [{ expiresOn: '' }, ['soft expiresOn no_expiry']],
  ])('[D14] %j gives %j', (more, expected) => {
    expect(codes(more)).toEqual(expected);
  });

  it('[D14] a file is no larger than the company takes, but for one that came before it took less', () => {
    const company = companyFrom({ settings: { file_megabytes: 2 } });
    const judged = (size: number, before?: number): string[] => {
      const after = { ...file, size } as unknown as AnyDocument;
      return (attachmentNoun.check?.(after, before === undefined ? undefined : { ...after, size: before }, company) ?? []).map(
        ({ field, code }) => `${field} ${code}`,
      );
    };
    const most = 2 * 1024 * 1024;
    expect(judged(most)).toEqual([]);
    expect(judged(most + 1)).toEqual(['size too_large']);
    expect(judged(most + 1, most + 1)).toEqual([]);
    expect(judged(most + 2, most + 1)).toEqual(['size too_large']);
  });

  it('[D14] a file is of a kind that the company takes, but for one that came before', () => {
    const retired = Object.entries(fileKinds.options).map(([key, label]) => ({
      key,
      label,
      ...(key === 'zip' ? { retired: true as const } : {}),
    }));
    const company = companyFrom({ options: { file_kinds: retired } });
    const judged = (mime: string, name: string, before?: string) => {
      const after = { ...file, mime, name } as unknown as AnyDocument;
      return (attachmentNoun.check?.(after, before === undefined ? undefined : { ...after, mime: before }, company) ?? []).map(
        ({ message }) => message,
      );
    };
    expect(judged('application/pdf', 'a.pdf')).toEqual([]);
    expect(judged('application/zip', 'a.zip', 'application/zip')).toEqual([]);
    const [refused] = judged('application/zip', 'a.zip');
    expect(refused).toContain('Use PDF, JPEG pictures');
    expect(refused).not.toContain('Zip');
  });

  it('[D6] a document expires after it was issued', () => {
    expect(codes({ issuedOn: '2026-10-16' })).toEqual(['hard expiresOn ends_before_start']);
  });
});
