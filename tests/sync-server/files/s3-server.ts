/** An S3 server in this process, for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import S3rver from 's3rver';
import type { FileSettings } from '../../../sync-server/files/file-settings.ts';

export const BUCKET = 'drover-files';
/** The one account that s3rver knows. */
const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

export async function startS3(): Promise<{ readonly settings: FileSettings & { readonly driver: 's3' }; stop(): Promise<void> }> {
  const directory = mkdtempSync(path.join(tmpdir(), 'drover-test-s3-'));
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    vhostBuckets: false,
    configureBuckets: [{ name: BUCKET }],
  });
  const { port } = await server.run();
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    settings: { driver: 's3', bucket: BUCKET, prefix: 'desk/', endpoint, region: 'us-east-1', pathStyle: true, credentials },
    async stop() {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
