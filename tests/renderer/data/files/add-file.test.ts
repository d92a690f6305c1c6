import { afterEach, describe, expect, it } from 'vitest';
import { companyFrom, usualCompany } from '../../../../domain/access/company.ts';
import { ATTACHMENT_BYTES_MAX } from '../../../../domain/attachment/attachment.entity.ts';
import { plain, storedStates } from '../../../../renderer/data/commit.ts';
import type { Desk } from '../../../../renderer/data/desk.ts';
import { addFile, refusalOf, replaceFile } from '../../../../renderer/data/files/add-file.ts';
import { heldContent, hold } from '../../../../renderer/data/files/held-files.ts';
import { sha256Of } from '../../../../renderer/data/files/inspect.ts';
import { giveUpUpload, listUploads, settleAdding } from '../../../../renderer/data/files/uploads.ts';
import type { SubmitResult } from '../../../../renderer/data/submit.ts';
import { freshDesk } from '../desk-kit.ts';
import { bytesOf, chosen, nouns, owner, submitOn } from './file-kit.ts';

const desks: Desk[] = [];
const openDesk = async (options: Parameters<typeof freshDesk>[0] = {}): Promise<Desk> => {
  const desk = await freshDesk({ nouns, ...options });
  desks.push(desk);
  return desk;
};
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.close();
});
const recordOf = async (desk: Desk, id: string): Promise<Record<string, unknown>> => {
  const state = (await storedStates(desk, 'attachments', [id])).get(id);
  return state ? plain(state) : {};
};
const added = async (desk: Desk, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> => {
  const result = await addFile(desk, submitOn(desk), chosen(name, bytes), owner);
  if (!result.ok) throw new Error(result.message);
  return result.id;
};
const counts = async ({ local }: Desk): Promise<number[]> => [
  await local.uploads.count(),
  await local.files.count(),
  await local.contents.count(),
];
const refusing = (): Promise<SubmitResult> => Promise.resolve({ ok: false, rejection: { code: 'busy', message: 'later', problems: [] } });

describe('adding a file', () => {
  it('keeps the content under its hash, writes the record, and lets both wait, over a restart too', async () => {
    const desk = await openDesk();
    const bytes = bytesOf('pdf', 200_000);
    const id = await added(desk, 'BOL 4711.PDF', bytes);
    const sha256 = await sha256Of(bytes.buffer);
    expect(await recordOf(desk, id)).toMatchObject({ ...owner, name: 'BOL 4711.PDF', mime: 'application/pdf', size: 200_000, sha256 });
    await desk.close();
    desks.length = 0;
    const again = await openDesk({ name: desk.name });
    expect(await listUploads(again.local)).toMatchObject([
      { recordId: id, sha256, name: 'BOL 4711.PDF', size: 200_000, sent: 0, state: 'waiting' },
    ]);
    const content = await heldContent(again.local, sha256);
    expect(new Uint8Array((await content?.arrayBuffer()) ?? new ArrayBuffer(0))).toEqual(bytes);
    expect(content?.type).toBe('application/pdf');
  });

  it('keeps a content once that two records name', async () => {
    const desk = await openDesk();
    const bytes = bytesOf('jpg', 5000);
    const [a, b] = [await added(desk, 'a.jpg', bytes), await added(desk, 'b.jpeg', bytes)];
    expect(await counts(desk)).toEqual([2, 1, 1]);
    await giveUpUpload(desk.local, a);
    expect(await counts(desk)).toEqual([1, 1, 1]);
    await giveUpUpload(desk.local, b);
    expect(await counts(desk)).toEqual([0, 0, 0]);
  });

  it.each([
    ['run.exe', bytesOf('exe', 100), 'file_type', 'Use PDF, JPEG pictures'],
    ['page.html', bytesOf('pdf', 100), 'file_type', 'page.html'],
    ['BOL.pdf', bytesOf('exe', 100), 'wrong_content', 'is called PDF'],
    ['BOL.pdf', bytesOf('jpg', 100), 'wrong_content', 'its content is JPEG picture'],
    ['empty.pdf', new Uint8Array(0), 'empty_file', 'empty.pdf'],
  ])('[D14] refuses %s and leaves nothing behind', async (name, bytes, code, words) => {
    const desk = await openDesk();
    const result = await addFile(desk, submitOn(desk), chosen(name, bytes), owner);
    expect(result).toMatchObject({ ok: false, code });
    expect(result.ok ? '' : result.message).toContain(words);
    expect(await counts(desk)).toEqual([0, 0, 0]);
  });

  it('[D14] refuses what is too large before it is read, with the limit and a way out', () => {
    const refused = (size: number, company = usualCompany) => refusalOf({ name: 'huge.pdf', size }, company)?.message;
    expect(refused(ATTACHMENT_BYTES_MAX)).toBeUndefined();
    expect(refused(ATTACHMENT_BYTES_MAX + 1)).toMatch(/huge\.pdf.*at most 50\.0 MB.*Split it/);
    const less = companyFrom({ settings: { file_megabytes: 2 } });
    expect(refused(2 * 1024 * 1024, less)).toBeUndefined();
    expect(refused(2 * 1024 * 1024 + 1, less)).toMatch(/at most 2\.0 MB/);
    const noPdf = companyFrom({ options: { file_kinds: [{ key: 'pdf', label: 'PDF', retired: true }] } });
    expect(refused(10, noPdf)).toMatch(/huge\.pdf.*not taken\. Use JPEG pictures/);
  });

  it('leaves nothing behind when the record is refused', async () => {
    const desk = await openDesk();
    const result = await addFile(desk, submitOn(desk), chosen('a.pdf', bytesOf('pdf', 100)), { ...owner, kind: 'nonsense' });
    expect(result).toMatchObject({ ok: false, code: 'invalid' });
    expect(await counts(desk)).toEqual([0, 0, 0]);
  });

  it('says that there is no room, and leaves nothing behind, when the disk is full', async () => {
    const desk = await openDesk();
    const full = new Error('no room');
    full.name = 'QuotaExceededError';
    const refuse = (): never => {
      throw full;
    };
    desk.local.contents.hook('creating', refuse);
    const result = await addFile(desk, submitOn(desk), chosen('a.pdf', bytesOf('pdf', 100)), owner);
    desk.local.contents.hook('creating').unsubscribe(refuse);
    expect(result).toMatchObject({ ok: false, code: 'disk_full' });
    expect(result.ok ? '' : result.message).toMatch(/no room for “a\.pdf” \(100 B\).*Free some space/);
    expect(await counts(desk)).toEqual([0, 0, 0]);
    expect(await desk.collection('attachments').count().exec()).toBe(0);
  });

  it('replaces the file of a record, as a way out of a refusal', async () => {
    const desk = await openDesk();
    const id = await added(desk, 'scan.pdf', bytesOf('pdf', 100));
    await desk.local.uploads.update(id, { state: 'refused', code: 'wrong_content' });
    const bytes = bytesOf('jpg', 300);
    expect(await replaceFile(desk, submitOn(desk), chosen('scan.jpg', bytes), id)).toMatchObject({ ok: true });
    expect(await recordOf(desk, id)).toMatchObject({ ...owner, name: 'scan.jpg', mime: 'image/jpeg', size: 300 });
    expect(await listUploads(desk.local)).toMatchObject([{ recordId: id, sha256: await sha256Of(bytes.buffer), state: 'waiting' }]);
  });

  it('keeps the file that waited when it is replaced by itself and that is refused', async () => {
    const desk = await openDesk();
    const bytes = bytesOf('pdf', 100);
    const id = await added(desk, 'scan.pdf', bytes);
    const before = await listUploads(desk.local);
    expect(await replaceFile(desk, refusing, chosen('scan.pdf', bytes), id)).toMatchObject({ ok: false, code: 'busy' });
    expect(await listUploads(desk.local)).toEqual(before);
    expect(await counts(desk)).toEqual([1, 1, 1]);
  });

  it('keeps the file that waited when its replacement is refused', async () => {
    const desk = await openDesk();
    const id = await added(desk, 'scan.pdf', bytesOf('pdf', 100));
    const before = await listUploads(desk.local);
    expect(await replaceFile(desk, refusing, chosen('scan.jpg', bytesOf('jpg', 300)), id)).toMatchObject({ ok: false, code: 'busy' });
    expect(await listUploads(desk.local)).toEqual(before);
    expect(await counts(desk)).toEqual([1, 1, 1]);
  });

  it('[SYN-12] settles what a crash left between the content and the record', async () => {
    const desk = await openDesk();
    const written = await added(desk, 'a.pdf', bytesOf('pdf', 100));
    const { sha256 } = (await listUploads(desk.local))[0] ?? expect.fail('it waits');
    await desk.local.uploads.update(written, { state: 'adding' });
    const lost = { recordId: 'never-written', sha256: 'f'.repeat(64), name: 'c.pdf', size: 1, sent: 0, addedAt: '', tries: 0, nextAt: 0 };
    await hold(desk.local, lost.sha256, new Blob(['c']), lost.recordId);
    await desk.local.uploads.put({ ...lost, state: 'adding' });
    // One that another window may be adding at this moment.
    const young = { ...lost, recordId: 'being-written', sha256: 'e'.repeat(64), addedAt: new Date().toISOString() };
    await desk.local.uploads.put({ ...young, state: 'adding' });
    await settleAdding(desk, 'attachments');
    expect(await listUploads(desk.local)).toMatchObject([{ recordId: written, state: 'waiting' }]);
    expect(await desk.local.uploads.get(lost.recordId)).toBeUndefined();
    expect(await desk.local.uploads.get(young.recordId)).toMatchObject({ state: 'adding' });
    expect(await desk.local.contents.toCollection().primaryKeys()).toEqual([sha256]);
  });
});
