/**
 * Contents in an S3 bucket: `<prefix>content/<sha256>`, parts in `<prefix>parts/<upload>/`. An object appears whole or not at
 * all. What a crash leaves of a multipart upload is the bucket's to expire (a lifecycle rule; README).
 */
import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type FileStore, FileStoreFault, type Incoming } from './file-store.ts';
import { turnstile } from './turnstile.ts';

export interface S3Settings {
  readonly bucket: string;
  /** '' or ending in a slash. */
  readonly prefix: string;
  /** Absent for Amazon's own. */
  readonly endpoint?: string;
  readonly region: string;
  /** `https://host/bucket` instead of `https://bucket.host`; most S3 servers other than Amazon's want it. */
  readonly pathStyle: boolean;
  /** Absent: where the AWS tools look (environment, profile, role of the machine). */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Every part of a multipart upload but the last must have at least 5 MiB. */
const S3_PART_BYTES = 8 * 1024 * 1024;
/** Parts of uploads that are in memory at one time, over all requests; the others wait in their connections. */
const PARTS_IN_MEMORY = 8;

function faultOf({ bucket, endpoint }: S3Settings, cause: unknown): FileStoreFault {
  const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new FileStoreFault(
    'file_store_unavailable',
    `Files cannot be kept in the bucket "${bucket}"${endpoint === undefined ? '' : ` at ${endpoint}`} (${why.slice(0, 300)}). Check DROVER_FILES, DROVER_S3_ENDPOINT, DROVER_S3_REGION and the credentials.`,
    cause,
  );
}
const statusOf = (cause: unknown): number => (cause instanceof S3ServiceException ? (cause.$metadata.httpStatusCode ?? 0) : 0);
/** The bucket itself is tried at the start; what is missing later is an object. */
const isMissing = (cause: unknown): boolean => statusOf(cause) === 404;
const NO_SUCH_CALL = new Set([405, 501]);

/** Collects chunks into buffers of one size, since S3 takes no stream of unknown length. */
class Collected {
  #chunks: Uint8Array[] = [];
  size = 0;
  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.size += chunk.byteLength;
  }
  take(): Buffer {
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.size = 0;
    return whole;
  }
}

/** Small contents go as one object at the commit, larger ones as a multipart upload that the commit completes. */
function startObject(client: S3Client, target: { readonly Bucket: string; readonly Key: string }): Incoming {
  const collected = new Collected();
  const parts: CompletedPart[] = [];
  let UploadId: string | undefined;
  const flush = async (): Promise<void> => {
    UploadId ??= (await client.send(new CreateMultipartUploadCommand(target))).UploadId;
    const PartNumber = parts.length + 1;
    const { ETag } = await client.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body: collected.take() }));
    parts.push({ ETag, PartNumber });
  };
  return {
    async write(chunk) {
      collected.add(chunk);
      if (collected.size >= S3_PART_BYTES) await flush();
    },
    async commit() {
      if (UploadId === undefined) {
        await client.send(new PutObjectCommand({ ...target, Body: collected.take() }));
        return;
      }
      if (collected.size > 0) await flush();
      await client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts: parts } }));
    },
    async abort() {
      collected.take();
      if (UploadId === undefined) return;
      try {
        await client.send(new AbortMultipartUploadCommand({ ...target, UploadId }));
      } catch (cause) {
        // Some servers have no such call; there the rule of the bucket that expires unfinished uploads does it.
        if (!NO_SUCH_CALL.has(statusOf(cause))) throw cause;
      }
    },
  };
}

export function s3Store(settings: S3Settings): FileStore {
  const { bucket: Bucket, prefix, endpoint, region, pathStyle, credentials } = settings;
  const client = new S3Client({
    region,
    forcePathStyle: pathStyle,
    // The default adds checksums that servers other than Amazon's do not know; the SHA-256 of every content is checked here.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  });
  const contentKey = (sha256: string): string => `${prefix}content/${sha256}`;
  const partKey = (upload: string, part: string): string => `${prefix}parts/${upload}/${part}`;
  const inTurn = turnstile(PARTS_IN_MEMORY);
  const explained = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw cause instanceof FileStoreFault ? cause : faultOf(settings, cause);
    }
  };
  const found = async (Key: string, Range?: string): Promise<Readable | undefined> => {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, ...(Range === undefined ? {} : { Range }) }));
      // In Node the body is a stream of Node; the type also covers browsers.
      return Body as Readable | undefined;
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw cause;
    }
  };
  const keysBelow = async (Prefix: string): Promise<string[]> => {
    const keys: string[] = [];
    for (let ContinuationToken: string | undefined; ; ) {
      const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix, ...(ContinuationToken ? { ContinuationToken } : {}) }));
      keys.push(...(page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key])));
      ContinuationToken = page.NextContinuationToken;
      if (ContinuationToken === undefined) return keys;
    }
  };
  return {
    async check() {
      const Key = `${prefix}trial`;
      await explained(async () => {
        await client.send(new PutObjectCommand({ Bucket, Key, Body: 'trial' }));
        await client.send(new DeleteObjectCommand({ Bucket, Key }));
      });
    },
    putPart: (upload, part, bytes) =>
      inTurn(async () => {
        const collected = new Collected();
        for await (const chunk of bytes) collected.add(chunk);
        await explained(() => client.send(new PutObjectCommand({ Bucket, Key: partKey(upload, part), Body: collected.take() })));
      }),
    readPart: (upload, part) => explained(() => found(partKey(upload, part))),
    dropUpload: (upload) =>
      explained(async () => {
        // One by one: the call for many wants a checksum that not every S3 server computes alike, and an upload has a dozen parts.
        for (const Key of await keysBelow(partKey(upload, ''))) await client.send(new DeleteObjectCommand({ Bucket, Key }));
      }),
    async begin(sha256) {
      const incoming = startObject(client, { Bucket, Key: contentKey(sha256) });
      return {
        write: (chunk) => explained(() => incoming.write(chunk)),
        commit: () => explained(() => incoming.commit()),
        abort: () => explained(() => incoming.abort()),
      };
    },
    read: (sha256, from, to) => explained(() => found(contentKey(sha256), `bytes=${from}-${to}`)),
    remove: (sha256) => explained(async () => void (await client.send(new DeleteObjectCommand({ Bucket, Key: contentKey(sha256) })))),
    close: async () => client.destroy(),
  };
}
