/** What every driver must do; the same tests run over each of them. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FileSettings, fileSettingsFrom, openFileStore } from '../../../sync-server/files/file-settings.ts';
import { type FileStore, FileStoreFault } from '../../../sync-server/files/file-store.ts';
import { startS3 } from './s3-server.ts';

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const bytesOf = async (stream: Readable | undefined): Promise<Buffer | undefined> => stream && buffer(stream);
const inChunks = async function* (bytes: Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
};

const folder = mkdtempSync(path.join(tmpdir(), 'drover-test-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(['folder', 's3'] as const)('a file store of the driver %s', (driver) => {
  let store: FileStore;
  let stop = (): Promise<void> => Promise.resolve();
  beforeAll(async () => {
    let settings: FileSettings = { driver: 'folder', folder: path.join(folder, 'a') };
    if (driver === 's3') {
      const s3 = await startS3();
      ({ stop } = s3);
      ({ settings } = s3);
    }
    store = await openFileStore(settings);
  });
  afterAll(async () => {
    await store.close();
    await stop();
  });
  const keep = async (bytes: Uint8Array): Promise<string> => {
    const sha256 = hashOf(bytes);
    const incoming = await store.begin(sha256);
    for await (const chunk of inChunks(bytes)) await incoming.write(chunk);
    await incoming.commit();
    return sha256;
  };

  it.each([1, 1000, 8 * 1024 * 1024, 21 * 1024 * 1024 + 7])('gives back the %i bytes it was given', async (size) => {
    const bytes = randomBytes(size);
    const sha256 = await keep(bytes);
    expect((await bytesOf(await store.read(sha256, 0, size - 1)))?.equals(bytes)).toBe(true);
    // The same content once more, as two uploads at the same time end.
    await keep(bytes);
    expect((await bytesOf(await store.read(sha256, 0, size - 1)))?.equals(bytes)).toBe(true);
  });

  it('reads any range', async () => {
    const sha256 = await keep(Buffer.from('0123456789'));
    expect((await bytesOf(await store.read(sha256, 3, 5)))?.toString()).toBe('345');
    expect((await bytesOf(await store.read(sha256, 9, 9)))?.toString()).toBe('9');
  });

  it('shows nothing of a content before its commit, and leaves nothing of one that was given up', async () => {
    for (const size of [10, 9 * 1024 * 1024]) {
      const bytes = randomBytes(size);
      const sha256 = hashOf(bytes);
      const incoming = await store.begin(sha256);
      for await (const chunk of inChunks(bytes)) await incoming.write(chunk);
      expect(await store.read(sha256, 0, size - 1)).toBeUndefined();
      await incoming.abort();
      expect(await store.read(sha256, 0, size - 1)).toBeUndefined();
    }
  });

  it('answers undefined for a content that is not there, and removes it without complaint', async () => {
    const sha256 = hashOf(randomBytes(8));
    expect(await store.read(sha256, 0, 0)).toBeUndefined();
    await store.remove(sha256);
    const kept = await keep(randomBytes(100));
    await store.remove(kept);
    expect(await store.read(kept, 0, 99)).toBeUndefined();
  });

  it('keeps parts whole or not at all, and drops an upload with all of them', async () => {
    const upload = randomUUID();
    const bytes = randomBytes(300_000);
    await store.putPart(upload, 'one', inChunks(bytes));
    await expect(
      store.putPart(
        upload,
        'two',
        (async function* () {
          yield bytes;
          throw new Error('the line broke');
        })(),
      ),
    ).rejects.toThrow('the line broke');
    expect((await bytesOf(await store.readPart(upload, 'one')))?.equals(bytes)).toBe(true);
    expect(await store.readPart(upload, 'two')).toBeUndefined();
    await store.dropUpload(upload);
    expect(await store.readPart(upload, 'one')).toBeUndefined();
    await store.dropUpload(upload);
  });

  it('takes the same content from several at once', async () => {
    const bytes = randomBytes(2_000_000);
    await Promise.all(Array.from({ length: 6 }, () => keep(bytes)));
    expect((await bytesOf(await store.read(hashOf(bytes), 0, bytes.byteLength - 1)))?.equals(bytes)).toBe(true);
  });
});

describe('the folder driver', () => {
  it('leaves no half-written file behind', async () => {
    const place = path.join(folder, 'b');
    const store = await openFileStore({ driver: 'folder', folder: place });
    const incoming = await store.begin('ab'.repeat(32));
    await incoming.write(Buffer.from('x'));
    await incoming.abort();
    expect(readdirSync(path.join(place, 'incoming'))).toEqual([]);
  });
});

describe('a place that cannot be used', () => {
  it('a folder below a file is refused with the way out', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    const opened = openFileStore({ driver: 'folder', folder: path.join(folder, 'file', 'below') });
    await expect(opened).rejects.toThrow(FileStoreFault);
    await expect(opened).rejects.toThrow(/Set DROVER_FILES to a folder that the server may write/);
  });
  it.skipIf(process.getuid?.() === 0)(
    'a folder that may not be written is refused (skipped for root, who may write everywhere)',
    async () => {
      const place = mkdtempSync(path.join(folder, 'locked-'));
      chmodSync(place, 0o500);
      await expect(openFileStore({ driver: 'folder', folder: place })).rejects.toThrow(/EACCES/);
    },
  );
  it('a bucket that is not there is refused with the names of the settings', async () => {
    const s3 = await startS3();
    const opened = openFileStore({ ...s3.settings, bucket: 'not-there' });
    await expect(opened).rejects.toThrow(/"not-there".*NoSuchBucket.*DROVER_S3_ENDPOINT/);
    await s3.stop();
  });
});

describe('settings', () => {
  const read = (environment: Record<string, string>): FileSettings => fileSettingsFrom(environment, '/data/files');
  it.each([
    [{}, { driver: 'folder', folder: '/data/files' }],
    [{ DROVER_FILES: '' }, { driver: 'folder', folder: '/data/files' }],
    [{ DROVER_FILES: '/srv/files' }, { driver: 'folder', folder: '/srv/files' }],
    [{ DROVER_FILES: 's3://meat' }, { driver: 's3', bucket: 'meat', prefix: '', region: 'us-east-1', pathStyle: false }],
    [
      {
        DROVER_FILES: 's3://meat/desk/files/',
        DROVER_S3_ENDPOINT: 'https://s3.example.com',
        DROVER_S3_REGION: 'eu-1',
        DROVER_S3_PATH_STYLE: 'true',
      },
      { driver: 's3', bucket: 'meat', prefix: 'desk/files/', region: 'eu-1', pathStyle: true, endpoint: 'https://s3.example.com' },
    ],
  ])('%j', (environment, expected) => {
    expect(read(environment)).toEqual(expected);
  });
  it.each([
    [{ DROVER_FILES: 's3://A b' }, 'DROVER_FILES must be'],
    [{ DROVER_FILES: 'ftp://host/place' }, 'DROVER_FILES must be'],
    [{ DROVER_FILES: 's3://meat', DROVER_S3_ENDPOINT: 's3.example.com' }, 'DROVER_S3_ENDPOINT must be'],
    [{ DROVER_FILES: 's3://meat', DROVER_S3_PATH_STYLE: 'yes' }, 'DROVER_S3_PATH_STYLE must be'],
  ])('%j is refused by name', (environment, message) => {
    expect(() => read(environment)).toThrow(message);
  });
});
