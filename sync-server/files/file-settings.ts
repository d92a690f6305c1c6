/** Which driver keeps the files, from the environment. */
import path from 'node:path';
import type { FileStore } from './file-store.ts';
import { FileStoreFault } from './file-store.ts';
import { folderStore } from './folder-store.ts';
import type { S3Settings } from './s3-store.ts';

export type FileSettings = { readonly driver: 'folder'; readonly folder: string } | ({ readonly driver: 's3' } & S3Settings);

const wrong = (message: string): FileStoreFault => new FileStoreFault('no_file_store', message);

/**
 * Reads DROVER_FILES: a folder, or `s3://bucket/prefix`; for S3 also DROVER_S3_ENDPOINT, DROVER_S3_REGION and
 * DROVER_S3_PATH_STYLE. Credentials come from where the AWS tools look (AWS_ACCESS_KEY_ID and so on). `fallback` is the
 * folder when nothing is set. Throws FileStoreFault that names the variable.
 */
export function fileSettingsFrom(environment: NodeJS.ProcessEnv, fallback: string): FileSettings {
  // Empty is how some shells say unset.
  const place = environment['DROVER_FILES'] || fallback;
  if (!/^[a-z][a-z0-9+]+:\/\//i.test(place)) return { driver: 'folder', folder: path.resolve(place) };
  const [, bucket = '', prefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w!.*'()/-]*))?$/.exec(place) ?? [];
  if (bucket === '') throw wrong(`DROVER_FILES must be a folder or s3://bucket/prefix, not "${place}".`);
  const endpoint = environment['DROVER_S3_ENDPOINT'] || undefined;
  if (endpoint !== undefined && !(URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol)))
    throw wrong('DROVER_S3_ENDPOINT must be an address such as https://s3.example.com.');
  const style = environment['DROVER_S3_PATH_STYLE'] || 'false';
  if (style !== 'true' && style !== 'false') throw wrong(`DROVER_S3_PATH_STYLE must be true or false, not "${style}".`);
  const region = environment['DROVER_S3_REGION'] || environment['AWS_REGION'] || 'us-east-1';
  const tidy = prefix.replace(/^\/+|\/+$/g, '');
  return {
    driver: 's3',
    bucket,
    prefix: tidy === '' ? '' : `${tidy}/`,
    region,
    pathStyle: style === 'true',
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}

/** The driver, ready and tried. Throws FileStoreFault. The S3 client is loaded only where it is used. */
export async function openFileStore(settings: FileSettings): Promise<FileStore> {
  const store = settings.driver === 'folder' ? folderStore(settings.folder) : (await import('./s3-store.ts')).s3Store(settings);
  try {
    await store.check();
    return store;
  } catch (cause) {
    await store.close();
    throw cause;
  }
}
